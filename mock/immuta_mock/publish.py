"""The command `immuta-mock spec`: writes the document to standard output, the same bytes every time."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import yaml

from immuta_mock.spec import SpecError, load_spec, resolve

DESCRIPTION = "Write the OpenAPI document to standard output; the same version writes the same bytes every time."


class _Dumper(yaml.CSafeDumper):
    """One that writes everything out, and texts of several lines as they read."""

    def ignore_aliases(self, _data: Any) -> bool:
        """Anchors would tie parts together that only happen to be equal."""
        return True

    def text(self, data: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)


_Dumper.add_representer(str, _Dumper.text)


def write_spec(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Adds the options to the parser, reads them and writes; 2 when there is no such document."""
    options = _options(parser, arguments)
    try:
        document = load_spec(options.overlay, companion=options.with_companion)
        text = published(inlined(document) if options.resolve else document, form=options.format)
    except SpecError as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 2
    _write(text)
    return 0


def _options(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    add = parser.add_argument
    add("--format", choices=("yaml", "json"), default="yaml", help="what to write (yaml)")
    add(
        "--overlay",
        action="append",
        default=[],
        metavar="strict|FILE",
        help="change it by an OpenAPI Overlay; repeatable",
    )
    add("--with-companion", action="store_true", help="with login, data sources and jobs, as the mock serves them")
    add("--resolve", action="store_true", help="with every $ref replaced by what it stands for")
    return parser.parse_args(arguments)


def published(document: dict[str, Any], *, form: str) -> str:
    """The document as text, its parts in the order they were written in, in ASCII whatever the terminal's encoding."""
    if form == "json":
        return json.dumps(document, indent=2) + "\n"
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=120)


def inlined(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every reference replaced, and without the components that nothing refers to any more."""
    components = {"securitySchemes": document["components"]["securitySchemes"]}
    bare = {**document, "components": components}
    result: dict[str, Any] = _inline(document, bare, ())
    return result


def _inline(document: dict[str, Any], node: Any, way: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_inline(document, entry, way) for entry in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        if reference in way:
            raise SpecError(f"{reference}: refers to itself, so it cannot be replaced; leave out --resolve.")
        return _inline(document, resolve(document, reference), (*way, reference))
    return {key: _inline(document, value, way) for key, value in node.items()}


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
