"""What a run has seen of each operation: statuses, parameters, answer fields, latencies, and what is undocumented."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from immuta_contracts.exchange import NO_JSON, Answer, Request
from immuta_contracts.spec import Operation

ITEMS = 20  # of an array are looked into: the others have the same fields
DEEP = 8  # levels of an answer are looked into


@dataclass(frozen=True)
class Shape:
    """The fields a schema documents: by name, of each item, and of what stands behind names that are free."""

    members: Mapping[str, "Shape"] = field(default_factory=dict)
    item: "Shape | None" = None
    rest: "Shape | None" = None

    def paths(self, above: str = "") -> Iterator[str]:
        """Every documented field, such as `metadata.columns[].name`."""
        for name, shape in self.members.items():
            yield f"{above}{name}"
            yield from shape.paths(f"{above}{name}.")
        if self.item:
            yield from self.item.paths(f"{above.removesuffix('.')}[].")
        if self.rest:
            yield from self.rest.paths(f"{above}*.")


class Coverage:
    """What the run has seen of one operation: how often each status, and how often each query parameter was sent.

    `fields` counts the documented fields that successful answers held, `undocumented` what no schema names, by status;
    `seconds` has the time of each answer.
    """

    def __init__(self, operation: Operation, document: Mapping[str, Any]) -> None:
        self._shapes = {
            status: shape(answer, document) for status, answer in operation.definition.get("responses", {}).items()
        }
        self.documented = frozenset(int(status) for status in self._shapes if status.isdecimal())
        self.parameters: Counter[str] = Counter(dict.fromkeys(operation.query, 0))
        self.statuses: Counter[int] = Counter()
        self.fields: Counter[str] = Counter(dict.fromkeys(self._shapes.get("200", Shape()).paths(), 0))
        self.undocumented: Counter[tuple[int, str]] = Counter()
        self.seconds: list[float] = []

    def add(self, request: Request, answer: Answer, recent: Collection[bytes]) -> None:
        """Count one exchange; a field whose name is in a body sent of late is an echo, not the target's own."""
        self.statuses[answer.status] += 1
        self.seconds.append(answer.seconds)
        sent = {name for name, _ in parse_qsl(request.target.partition("?")[2], keep_blank_values=True)}
        self.parameters.update(sent.intersection(self.parameters))
        known = self._shapes.get(str(answer.status))
        if known is None or (value := answer.json) is NO_JSON:
            return
        for path, documented in set(_fields(value, known)):
            if documented and answer.status == 200:
                self.fields[path] += 1
            elif not documented and not _echo(path, recent):
                self.undocumented[answer.status, path] += 1


def _echo(path: str, recent: Collection[bytes]) -> bool:
    name = path.rpartition(".")[2]
    spellings = {name.encode("utf-8", "replace"), json.dumps(name)[1:-1].encode()}
    return any(spelling in body for body in recent for spelling in spellings)


def _fields(value: object, known: Shape, above: str = "", level: int = 0) -> Iterator[tuple[str, bool]]:
    """The path of every field of a JSON value, and whether it is documented; below one that is not, nothing is."""
    if level > DEEP:
        return
    if isinstance(value, list) and known.item:
        for item in value[:ITEMS]:
            yield from _fields(item, known.item, f"{above.removesuffix('.')}[].", level + 1)
    elif isinstance(value, dict) and known.rest:
        for name, each in value.items():
            shape, path = (known.members[name], name) if name in known.members else (known.rest, "*")
            yield from _fields(each, shape, f"{above}{path}.", level + 1)
    elif isinstance(value, dict) and known.members:
        for name, each in value.items():
            yield f"{above}{name}", name in known.members
            if name in known.members:
                yield from _fields(each, known.members[name], f"{above}{name}.", level + 1)


def shape(answer: Mapping[str, Any], document: Mapping[str, Any]) -> Shape:
    """The fields that the document gives to an answer."""
    content = _resolved(answer, document).get("content", {}).get("application/json", {})
    return _shape(content.get("schema", {}), document, ())


def _shape(schema: Mapping[str, Any], document: Mapping[str, Any], above: tuple[str, ...]) -> Shape:
    if "$ref" in schema:
        if schema["$ref"] in above:
            return Shape()
        above = (*above, schema["$ref"])
    schema = _resolved(schema, document)
    own = Shape(
        {
            name: _shape(each, document, above)
            for name, each in schema.get("properties", {}).items()
            if not _resolved(each, document).get("writeOnly")
        },
        _shape(schema["items"], document, above) if "items" in schema else None,
        _shape(schema["additionalProperties"], document, above) if _typed(schema.get("additionalProperties")) else None,
    )
    parts = [part for word in ("allOf", "oneOf", "anyOf") for part in schema.get(word, ())]
    for part in parts:
        own = _joined(own, _shape(part, document, above))
    return own


def _typed(rest: object) -> bool:
    """Whether names that are free have a schema that says something."""
    return isinstance(rest, dict) and bool(rest)


def _joined(left: Shape, right: Shape) -> Shape:
    members = {**left.members, **right.members}
    for name in left.members.keys() & right.members.keys():
        members[name] = _joined(left.members[name], right.members[name])
    return Shape(members, _either(left.item, right.item), _either(left.rest, right.rest))


def _either(left: Shape | None, right: Shape | None) -> Shape | None:
    return _joined(left, right) if left and right else left or right


def _resolved(node: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        found: Any = document
        for word in node["$ref"].removeprefix("#/").split("/"):
            found = found[word.replace("~1", "/").replace("~0", "~")]
        node = found
    return node
