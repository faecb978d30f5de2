"""Shows any page by one template.

Style and script stand in the page itself, allowed by their hashes and nothing else: one request on
a slow line, and no other code can run (T12). The template is compiled to Python by the build (see
`closeloop.authoring.page_templates`); where that was not done it is read from its source.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, ModuleLoader, StrictUndefined
from markupsafe import Markup

if TYPE_CHECKING:
    from jinja2 import BaseLoader

    from closeloop.application.pages import Page

HERE = Path(__file__).parent
COMPILED = HERE / "compiled"
TEMPLATE = "page.html"


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as HTML, and the Content-Security-Policy it must be sent with."""

    html: str
    policy: str


class Layout:
    """Shows pages of one firm. The title is the firm's name on each: a tab is seen by anybody."""

    def __init__(self, firm_name: str, language: str = "en") -> None:
        loader = ModuleLoader(COMPILED) if COMPILED.is_dir() else FileSystemLoader(HERE)
        self._template = environment(loader).get_template(TEMPLATE)
        style, script = _read("page.css"), _read("page.js")
        self._always = {"firm_name": firm_name, "language": language, "style": style}
        self._still = (Markup(), _policy(style, ""))
        self._waiting = (script, _policy(style, script))

    def show(self, page: Page, up: str) -> Shown:
        """Show a page; `up` leads from its address to the mini-app's root."""
        script, policy = self._waiting if page.waiting else self._still
        return Shown(self._template.render(self._always, page=page, up=up, script=script), policy)


def environment(loader: BaseLoader) -> Environment:
    """The environment of the template, the same for build and run time. Escapes everything."""
    return Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _read(name: str) -> Markup:
    """A file of ours as it stands in the page: without its indentation."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return Markup("\n".join(line.strip() for line in lines))  # noqa: S704 - our own file


def _policy(style: str, script: str) -> str:
    scripts = f"script-src {_hash(script)}; connect-src 'self'; " if script else ""
    return (
        f"default-src 'none'; style-src {_hash(style)}; {scripts}img-src data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    )


def _hash(source: str) -> str:
    digest = hashlib.sha256(source.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
