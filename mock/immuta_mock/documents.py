"""Reads YAML documents: safely, as JSON would mean them, and with duplicate keys refused."""

import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any, NoReturn

import yaml

TIMESTAMP = "tag:yaml.org,2002:timestamp"


class SpecError(Exception):
    """An API document or an overlay cannot be used; the message is one line that says where, why and what to do."""


class _Loader(yaml.CSafeLoader):
    """A safe loader whose mappings have text keys, each once, and whose dates stay text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Builds a mapping; a response status written without quotes counts as text."""
        pairs = [(str(self.construct_object(key, deep=True)), value) for key, value in node.value]
        seen: set[str] = set()
        for (key, _), (key_node, _) in zip(pairs, node.value, strict=True):
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"key {key!r} is there twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return {key: self.construct_object(value, deep=deep) for key, value in pairs}


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != TIMESTAMP]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def parse_document(raw: bytes, source: str) -> Any:
    """The value of a YAML or JSON text, called `source` in errors. Raises SpecError."""
    return _parse(source, _decoded(source, raw))


def read_document(path: Path) -> dict[str, Any]:
    """The mapping a YAML or JSON file holds. Raises SpecError when there is no such file or it holds anything else."""
    document = _parse(path, _read(path))
    if not isinstance(document, dict):
        raise SpecError(f"{path}: a mapping is expected at the top, found {_kind(document)}.")
    return document


def _read(path: Path) -> str:
    try:
        return _decoded(path, path.read_bytes())
    except OSError as error:
        raise SpecError(f"{path}: cannot be read ({error.strerror}); check the path.") from error


def _decoded(path: Path | str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error


def _parse(path: Path | str, text: str) -> Any:
    """JSON is read as such, a hundred times as fast as YAML; what is wrong with it is said as with any YAML."""
    try:
        return json.loads(text, object_pairs_hook=_each_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return _parse_yaml(path, text)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _parse_yaml(path: Path | str, text: str) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        where = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SpecError(f"{path}{where}: is not valid YAML: {error.problem}.") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise SpecError(f"{path}: is not valid YAML: {' '.join(str(error).split())}.") from error


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
