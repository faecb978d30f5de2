"""`python -m closeloop.authoring.page_templates <layer>`: what the build of our layer runs.

Templates become Python beside their sources in the layer, so that no environment parses one at its
cold start. The texts of workflows stay source: old cases bring their own.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jinja2 import FileSystemLoader

from closeloop.adapters.html import layout


def compile_into(layer: Path) -> Path:
    """Compile every template into a copy of the package, below `<layer>/closeloop`.

    Returns the folder of the compiled templates. A template that is wrong fails the build.
    """
    target = layer / layout.COMPILED.relative_to(layout.HERE.parents[2])
    layout.environment(FileSystemLoader(layout.HERE)).compile_templates(
        target, extensions=["html"], zip=None, ignore_errors=False
    )
    return target


if __name__ == "__main__":
    compile_into(Path(sys.argv[1]))
