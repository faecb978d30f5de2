"""Leaves out of the layer what no function reads, which is most of what a cold start would read.

Most of botocore's 30 MB describes services that closeloop does not call, and its `endpoints.json`
is parsed at every cold start. The kept services come from `aws_services.txt`; a contract test
checks that they resolve to the same endpoints as with the whole file, in every region. Their models
are parsed too, and are mostly documentation: without it a client costs 5 to 20 million instructions
less. `holidays` imports every country in order to know one: 277 million at the first date offered.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any, cast

HERE = Path(__file__).parent
_PROSE = ("documentation", "documentationUrl")


def replace(path: Path, content: bytes) -> None:
    """Put another file in a file's place.

    Never write into it: an installer links files from its cache, so that every environment on the
    machine would be changed too.
    """
    path.unlink()
    path.write_bytes(content)


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
    slim = pruned_endpoints(json.loads(rules.read_text()), prefixes)
    replace(rules, json.dumps(slim).encode())


def without_documentation(model: Any) -> Any:  # noqa: ANN401 - JSON is what it is
    """Return a service's model without its prose; a member that bears such a name stays."""
    if isinstance(model, list):
        return [without_documentation(each) for each in cast("list[Any]", model)]
    if not isinstance(model, dict):
        return model
    parts = cast("dict[str, Any]", model).items()
    kept = ((k, v) for k, v in parts if not (k in _PROSE and isinstance(v, str)))
    return {name: without_documentation(value) for name, value in kept}


def prune_models(data: Path) -> None:
    """Rewrite the models that stay without documentation, always to the same bytes."""
    for path in data.glob("*/*/service-2.json.gz"):
        model = json.loads(gzip.decompress(path.read_bytes()))
        text = json.dumps(without_documentation(model), separators=(",", ":"))
        replace(path, gzip.compress(text.encode(), mtime=0))
    for path in data.glob("*/*/examples-1.json"):
        path.unlink()


def prune_holidays(package: Path) -> None:
    """Let a country be imported by itself: the library finds it by its module's name."""
    replace(package / "countries" / "__init__.py", b'"""Import a country by its module."""\n')


def main(target: Path) -> None:
    """Prune an installed layer in place."""
    prune_botocore(target / "botocore" / "data", kept_services())
    prune_models(target / "botocore" / "data")
    prune_holidays(target / "holidays")
    shutil.rmtree(target / "bin", ignore_errors=True)
    (target / ".lock").unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
