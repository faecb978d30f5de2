"""Expand template.yaml offline, so that what is checked is what is deployed.

The SAM translator wants artifacts that were uploaded and a region; neither changes what we look at,
so both are stand-ins here. The emulator and AWS expand the very same source.
"""

import copy
import json
import logging
import os
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
EXPANDED = ROOT / "build" / "template.expanded.json"
Json = dict[str, Any]
_ARTIFACTS = ("CodeUri", "ContentUri", "DefinitionUri")


class _NoManagedPolicies:
    """The translator would ask IAM for the names of managed policies; ours are written out."""

    def load(self) -> dict[str, str]:
        """Return no names."""
        return {}


def read(text: str) -> Json:
    """Return a template with its intrinsic functions in their long form."""
    from samtranslator.yaml_helper import yaml_parse  # noqa: PLC0415 - a second to import

    return json.loads(json.dumps(yaml_parse(text)))


def expand(source: Json) -> Json:
    """Return what CloudFormation makes of a SAM template; the source is left as it is."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-2")
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)
    from samtranslator.translator.transform import transform  # noqa: PLC0415 - a second to import

    template = copy.deepcopy(source)
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        for name in _ARTIFACTS:
            if name in properties:
                properties[name] = "s3://bucket/artifact"
    no_policies: Any = _NoManagedPolicies()
    return json.loads(json.dumps(transform(template, {}, no_policies)))


@cache
def _source() -> str:
    return json.dumps(read(TEMPLATE.read_text(encoding="utf-8")))


def source() -> Json:
    """Return template.yaml as it is written, fresh for each caller."""
    return json.loads(_source())
