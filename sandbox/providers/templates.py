"""The WhatsApp templates that Meta approved: here, those that the workflow folders declare."""

import re
from pathlib import Path
from typing import Any

import yaml

from sandbox.providers.whatsapp import Template

_PLACEHOLDER = re.compile(r"\{\{\s*(\d+)\s*\}\}")


def registered(root: Path) -> dict[str, Template]:
    """Return the templates of every workflow by the name Meta knows them under."""
    found: dict[str, Template] = {}
    for file in sorted(root.glob("layers/workflows/*/messages/whatsapp/*.yaml")):
        declared: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        button: dict[str, Any] = declared.get("button") or {}
        found[declared["template"]] = Template(
            body=_PLACEHOLDER.sub(r"{{\1}}", declared["body"].strip()),
            button_url=button.get("url"),
            button_text=button.get("text"),
        )
    return found
