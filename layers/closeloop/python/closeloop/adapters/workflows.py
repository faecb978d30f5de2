"""The compiled workflows: those deployed with the workflows layer, and those old cases keep.

The layer is the package `closeloop_workflows`. A bundle is copied to the table before its first
case is opened, and is read from there only when it is no longer the deployed one; either way it is
parsed once per environment.
"""

from __future__ import annotations

import json
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from closeloop.application import keys
from closeloop.application.ports import NEW, ConflictError, Put, Table

if TYPE_CHECKING:
    from collections.abc import Mapping
from contextlib import suppress

_NOT_WORKFLOWS = frozenset({"connectors"})


class UnknownBundleError(LookupError):
    """A case is pinned to a bundle that is neither deployed nor kept."""


def deployed_folder() -> Path:
    """The folder of the workflows layer. Raises LookupError when it is not there."""
    spec = find_spec("closeloop_workflows")
    if spec is None or not spec.submodule_search_locations:
        msg = "the workflows layer (package closeloop_workflows) is missing"
        raise LookupError(msg)
    return Path(spec.submodule_search_locations[0])


class WorkflowShelf:
    """Finds bundles by trigger and by hash."""

    def __init__(self, table: Table, folder: Path) -> None:
        self._table = table
        self._folder = folder
        self._known: dict[str, Mapping[str, Any]] = {}
        self._kept: set[str] = set()

    @cached_property
    def _deployed(self) -> dict[str, Mapping[str, Any]]:
        paths = (path for path in sorted(self._folder.glob("*.json")))
        documents = [
            json.loads(path.read_text(encoding="utf-8"))
            for path in paths
            if path.stem not in _NOT_WORKFLOWS
        ]
        return {document["blueprint"]["trigger"]["detail_type"]: document for document in documents}

    @cached_property
    def connectors(self) -> Mapping[str, Any]:
        """The compiled connectors by the name of their system."""
        return json.loads((self._folder / "connectors.json").read_text(encoding="utf-8"))

    def deployed(self, detail_type: str) -> Mapping[str, Any] | None:
        """Return the deployed bundle for a trigger."""
        return self._deployed.get(detail_type)

    def common(self) -> Mapping[str, Any]:
        """Return the first deployed bundle: the pages that need no case read alike in each."""
        return next(iter(self._deployed.values()))

    def pinned(self, bundle_hash: str) -> Mapping[str, Any]:
        """Return a bundle by its hash; UnknownBundleError if it is nowhere."""
        for document in self._deployed.values():
            if document["hash"] == bundle_hash:
                return document
        if bundle_hash not in self._known:
            (item,) = self._table.get(keys.bundle(bundle_hash))
            if item is None:
                raise UnknownBundleError(bundle_hash)
            self._known[bundle_hash] = json.loads(item["document"])
        return self._known[bundle_hash]

    def pin(self, bundle_hash: str) -> None:
        """Copy a deployed bundle to the table, once per environment."""
        if bundle_hash in self._kept:
            return
        text = json.dumps(self.pinned(bundle_hash), ensure_ascii=False)
        with suppress(ConflictError):  # kept before
            self._table.write(Put(keys.bundle(bundle_hash), {"document": text}, when=NEW))
        self._kept.add(bundle_hash)
