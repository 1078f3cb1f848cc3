"""Finds the API document, in the wheel or the checkout, and gives it whole: companions merged in, overlays applied."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from immuta_mock.documents import SpecError, read_document

__all__ = [
    "METHODS",
    "Operation",
    "SpecError",
    "forget_documents",
    "load_spec",
    "operations",
    "overlay_path",
    "resolve",
    "spec_directory",
    "spec_files",
]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
REFERENCE = "openapi.yaml"
COMPANION = "companion.yaml"


@dataclass(frozen=True)
class Operation:
    """One operation of a document; `promises` are the ids it has to keep, a `companion` is not in the reference."""

    operation_id: str
    method: str
    path: str
    promises: tuple[str, ...]
    companion: bool
    tag: str


def load_spec(
    overlays: Sequence[str | Path] = (), *, companion: bool = True, directory: Path | None = None
) -> dict[str, Any]:
    """A fresh copy of the document. An overlay is `strict` or the path of a file; they apply in order.

    `directory` holds another revision of the documents. Raises SpecError, in one line, for an overlay that is missing,
    broken, or changes nothing.
    """
    directory = directory or spec_directory()
    document: dict[str, Any] = json.loads(_base(directory, companion))
    for overlay in overlays:
        from immuta_mock.overlay import apply_overlay, load_overlay  # most mocks have none, and start without it

        path = overlay_path(overlay, directory)
        document = apply_overlay(document, load_overlay(path), source=str(path))
    return document


def spec_directory() -> Path:
    """Where the documents lie: inside the installed package, or beside `mock/` in a checkout."""
    package = Path(__file__).resolve().parent
    for directory in (package / "_spec", package.parent.parent / "spec"):
        if (directory / REFERENCE).is_file():
            return directory
    raise SpecError(f"{package}: {REFERENCE} is neither in _spec/ nor in a checkout; install the package again.")


def spec_files(overlays: Sequence[str | Path] = ()) -> list[Path]:
    """The files that `load_spec` reads."""
    return [spec_directory() / name for name in (REFERENCE, COMPANION)] + [overlay_path(each) for each in overlays]


def forget_documents() -> None:
    """Let the next `load_spec` read the files again."""
    _base.cache_clear()


def overlay_path(overlay: str | Path, directory: Path | None = None) -> Path:
    """The file of an overlay given by its name (`strict`) or its path."""
    if overlay == "strict":
        return (directory or spec_directory()) / "overlays" / "strict.yaml"
    return Path(overlay)


def operations(document: dict[str, Any]) -> list[Operation]:
    """Every operation of the document, in the document's order."""
    return [_operation(*found) for found in _operation_objects(document)]


def resolve(document: dict[str, Any], node: Any) -> Any:
    """What a `$ref` (as text, or as the object that holds it) stands for; anything else is given back as it is."""
    while isinstance(node, str) or (isinstance(node, dict) and "$ref" in node):
        node = _at(document, node if isinstance(node, str) else node["$ref"])
    return node


def _operation(path: str, method: str, operation: dict[str, Any]) -> Operation:
    if not operation.get("operationId") or not operation.get("tags"):
        raise SpecError(f"{method.upper()} {path}: the operation needs an `operationId` and one of the `tags`.")
    return Operation(
        operation_id=operation["operationId"],
        method=method.upper(),
        path=path,
        promises=tuple(operation.get("x-promises", ())),
        companion=operation.get("x-companion", False),
        tag=operation["tags"][0],
    )


def _operation_objects(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in item:
            if method in METHODS:
                yield path, method, item[method]


def _at(document: dict[str, Any], reference: str) -> Any:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        try:
            node = node[part.replace("~1", "/").replace("~0", "~")]
        except (KeyError, TypeError) as error:
            raise SpecError(f"{reference}: leads nowhere in the document, {part!r} is missing.") from error
    return node


@cache
def _base(directory: Path, companion: bool) -> str:
    """The document without overlays, as JSON text, so that every caller gets a copy of its own cheaply."""
    document = read_document(directory / REFERENCE)
    if companion:
        _merge_companion(document, _local_references(read_document(directory / COMPANION)))
    return json.dumps(document)


def _local_references(node: Any) -> Any:
    """The node with references into the reference document made local."""
    if isinstance(node, dict):
        return {key: _local_references(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_local_references(value) for value in node]
    return node.removeprefix(REFERENCE) if isinstance(node, str) and node.startswith(f"{REFERENCE}#/") else node


def _merge_companion(document: dict[str, Any], companion: dict[str, Any]) -> None:
    """Adds tags, paths and components. A component that only refers to its namesake in the reference is passed over."""
    document["tags"] += companion["tags"]
    _add(document["paths"], companion["paths"], "#/paths")
    for kind, components in companion["components"].items():
        here = f"#/components/{kind}"
        own = {name: value for name, value in components.items() if value != {"$ref": f"{here}/{name}"}}
        _add(document["components"].setdefault(kind, {}), own, here)


def _add(target: dict[str, Any], more: dict[str, Any], where: str) -> None:
    for name, value in more.items():
        if name in target:
            raise SpecError(f"{COMPANION}: {where}/{name} is in {REFERENCE} already; give it another name.")
        target[name] = value
