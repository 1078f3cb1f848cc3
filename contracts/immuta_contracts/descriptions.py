"""Reads what an OpenAPI document says in words: the descriptions that belong to an operation, cut into statements."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]

SPOKEN = ("title", "summary", "description")
UNSPOKEN = ("example", "examples", "links", "x-promises", "enum")  # data, or other operations
METHODS = ("get", "put", "post", "delete")


def operations(document: Document) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Every operation by method and path, with what its path item says for all of its methods."""
    return {
        (method.upper(), path): {**item[method], "parameters of the path": item.get("parameters", [])}
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    }


def group(document: Document, operation: Mapping[str, Any]) -> Mapping[str, Any]:
    """The tag that an operation is filed under; empty where the document does not declare it."""
    names = operation.get("tags") or [None]
    return next((tag for tag in document.get("tags", ()) if tag.get("name") == names[0]), {})


def texts(document: Document, operation: Mapping[str, Any]) -> list[str]:
    """What is said about an operation, its group, parameters, bodies and answers; each text after what it is about."""
    return [*_spoken(document, "group", group(document, operation), set()), *_spoken(document, "", operation, set())]


def _spoken(document: Document, name: str, node: Any, seen: set[str]) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _spoken(document, name, each, seen)
        return
    if not isinstance(node, Mapping):
        return
    if isinstance(node.get("$ref"), str):
        if node["$ref"] not in seen:
            seen.add(node["$ref"])
            yield from _spoken(document, name, _resolved(document, node["$ref"]), seen)
        return
    name = str(node["name"]) if isinstance(node.get("name"), str) else name
    said = [node[key] for key in SPOKEN if isinstance(node.get(key), str)]
    if said:
        yield plain(f"{name}: {' '.join(said)}")
    for key, value in node.items():
        if key not in UNSPOKEN:
            yield from _spoken(document, key, value, seen)


def _resolved(document: Document, reference: str) -> Any:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(node, Mapping) else None
    return node


def plain(text: str) -> str:
    """A text in lower case without the marks of Markdown, a line for each of its paragraphs and list items."""
    parts = re.split(r"\n\s*\n|\n\s*(?=[-+*•]\s|\d+[.)]\s)", text.lower())
    unmarked = (re.sub(r"[`*\"'\u2018-\u201d]|(?<!\w)_|_(?!\w)", "", part) for part in parts)
    return "\n".join(" ".join(part.split()) for part in unmarked)


def passages(text: str) -> list[str]:
    """The paragraphs and list items of a plain text."""
    return [passage for passage in text.split("\n") if passage]


def sentences(text: str) -> list[str]:
    """The sentences of a plain text."""
    return [sentence for passage in passages(text) for sentence in re.split(r"(?<=[.;!?:])\s+", passage)]


def says(passage: str, patterns: Sequence[str]) -> bool:
    """Whether one passage has a match for each of the patterns."""
    return all(re.search(pattern, passage) for pattern in patterns)
