"""Let MiniStack's function workers share one copy of each layer, as a host of Lambda does.

MiniStack 1.5.33 unpacks every layer for every worker: seconds of a laptop's processor for each cold
start, and gigabytes of the same files after a while. Here a layer is unpacked once per content, and
workers find it through the variable that MiniStack's own worker script reads.

Runs in the emulator's own interpreter: nothing but MiniStack and the standard library is here.
"""

import functools
import hashlib
import importlib
import io
import os
import tempfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

_SEARCHED = "_LAMBDA_LAYERS_DIRS"
_unpacking = threading.Lock()


class Worker(Protocol):
    """One execution environment of the emulator."""

    config: dict[str, Any]


def install() -> None:
    """Patch the worker of this process; doing it twice changes nothing."""
    worker: Any = importlib.import_module("ministack.core.lambda_runtime").Worker
    if hasattr(worker, "shares_layers"):
        return
    worker.shares_layers = True
    worker._spawn = _sharing(worker._spawn)  # noqa: SLF001 - no public seam


def _sharing(spawn: Callable[[Worker], None]) -> Callable[[Worker], None]:
    def sharing(worker: Worker) -> None:
        whole = worker.config
        folders = [str(folder) for layer in whole.get("Layers", []) if (folder := _folder(layer))]
        variables = {**whole.get("Environment", {}).get("Variables", {})}
        variables[_SEARCHED] = os.pathsep.join(folders)
        worker.config = {**whole, "Layers": [], "Environment": {"Variables": variables}}
        try:
            spawn(worker)
        finally:
            worker.config = whole

    return sharing


def _folder(layer: object) -> Path | None:
    functions: Any = importlib.import_module("ministack.services.lambda_svc")
    content: bytes | None = functions._resolve_layer_zip(layer)  # noqa: SLF001 - no public seam
    if not content:
        return None
    with _unpacking:
        return _unpacked(hashlib.sha256(content).hexdigest(), content)


@functools.cache
def _store() -> Path:
    return Path(tempfile.mkdtemp(prefix="layers-"))


def _unpacked(name: str, content: bytes) -> Path:
    """Return the folder of a layer; a half-unpacked one is never seen under its name."""
    folder = _store() / name
    if not folder.exists():
        partial = _store() / f"{name}.partial"
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(partial)
        partial.rename(folder)
    return folder
