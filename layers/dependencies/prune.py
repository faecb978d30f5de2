"""Leaves out of the layer what no function reads: AWS services that are never called, and scripts.

Most of botocore's 30 MB describes services that closeloop does not call, and its `endpoints.json`
is parsed at every cold start. The kept services come from `aws_services.txt`; a contract test
checks that they resolve to the same endpoints as with the whole file, in every region.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def kept_services() -> list[str]:
    """Return the folders of botocore/data that stay, as `aws_services.txt` names them."""
    lines = (HERE / "aws_services.txt").read_text().splitlines()
    return [name for line in lines if (name := line.partition("#")[0].strip())]


def endpoint_prefix(data: Path, service: str) -> str:
    """Return the name under which `endpoints.json` knows a service."""
    (model,) = sorted((data / service).glob("*/service-2.json.gz"))[-1:]
    with gzip.open(model) as file:
        return str(json.load(file)["metadata"]["endpointPrefix"])


def pruned_endpoints(endpoints: dict[str, Any], prefixes: set[str]) -> dict[str, Any]:
    """Return the endpoint rules with only the given services in every partition."""
    partitions = [
        partition | {"services": {k: v for k, v in partition["services"].items() if k in prefixes}}
        for partition in endpoints["partitions"]
    ]
    return endpoints | {"partitions": partitions}


def prune_botocore(data: Path, services: list[str]) -> None:
    """Keep the service folders named and the endpoint rules that belong to them."""
    missing = [name for name in services if not (data / name).is_dir()]
    if missing:
        sys.exit(f"aws_services.txt names what botocore does not have: {', '.join(missing)}")
    prefixes = {endpoint_prefix(data, name) for name in services}
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in services:
            shutil.rmtree(folder)
    rules = data / "endpoints.json"
    rules.write_text(json.dumps(pruned_endpoints(json.loads(rules.read_text()), prefixes)))


def main(target: Path) -> None:
    """Prune an installed layer in place."""
    prune_botocore(target / "botocore" / "data", kept_services())
    shutil.rmtree(target / "bin", ignore_errors=True)
    (target / ".lock").unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
