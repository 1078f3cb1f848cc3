"""Requests that break careless servers: bodies, ids, queries and media types that no client should send."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from immuta_contracts.checks import kind
from immuta_contracts.mistakes import Path, changed
from immuta_contracts.spec import Operation

MARK = "\N{BLACK STAR}"  # stands in a body for the value to be put there
DIGITS = "9" * 5000
DEEP = 100_000
ACCEPTABLE = {
    "a lone surrogate": '"\\ud800"',
    "a lone surrogate as a name": '{"\\udfff": 1}',
    "NUL": '"\\u0000"',
    "an empty name": '{"": ""}',
    "100 arrays in one another": "[" * 100 + "]" * 100,
    "50 objects in one another": '{"a":' * 50 + "1" + "}" * 50,
    "a text of 100,000 characters": '"' + "x" * 100_000 + '"',
    "an integer of 65 bits": str(2**64),
    "a name that prototypes have": '{"__proto__": {"constructor": 1}}',
}
"""JSON values, by what they are, that a server may take."""
UNLIKELY = {
    "NaN": "NaN",
    "an infinity": "-Infinity",
    "a number beyond all floats": "1e999",
    "an integer of 5,000 digits": DIGITS,
    "100,000 arrays in one another": "[" * DEEP + "]" * DEEP,
    "100,000 objects in one another": '{"a":' * DEEP + "1" + "}" * DEEP,
}
WHOLE = ("null", "0", '"text"', "[]", "[null]", "[[], {}]", "{}")
MEDIA = ("application/json; charset=utf-16", "application/json; charset=no-such", ";;;", "json" * 2000)
QUERIES = ("?", "?=&&=", "?%", "?x=%ED%A0%80&x[]=1&x[a][b]=2", "?" + "&".join(["a=1"] * 1000))
QUERY_VALUES = ("%FF", "%00", DIGITS, "-1e400", "%0A", "", "x" * 3000, "%27", "%22%5C", "%25_", "%F0%9F%98%80+%C3%A9")
CONNECTION = ("handler", "metadata")
UNKNOWN: dict[str, Path] = {
    **dict.fromkeys(("create{}DataSource", "update{}Handler", "bulkUpdate{}DataSources"), (*CONNECTION, "x_odd")),
    **dict.fromkeys(("createDictionary", "updateDictionary"), ("metadata", 0, "x_odd")),
}
"""Where an unknown field goes that is kept; elsewhere it goes to the top of a body."""
KNOWN: dict[str, tuple[Path, ...]] = {
    "create{}DataSource": ((*CONNECTION, "port"), (*CONNECTION, "schema"), ("dataSource", "description")),
    "update{}Handler": ((*CONNECTION, "port"), (*CONNECTION, "schema")),
    "bulkUpdate{}DataSources": ((*CONNECTION, "port"), (*CONNECTION, "schema")),
    "createDictionary": (("metadata", 0, "description"),),
    "updateDictionary": (("metadata", 0, "description"),),
    "updateDataSource": (("description",),),
    "getJobStatuses": (("jobIds",), ("jobIds", 0)),
    "authenticate": (("apikey",),),
}


def odd_bodies(operation: Operation, body: object) -> Iterator[tuple[str, bytes]]:
    """Bodies of the operation, by what is odd about them: as a whole, in an unknown field, and in known ones."""
    yield from ((f"the body {text}", text.encode()) for text in WHOLE)
    yield from ((f"{what} as the body", text.encode()) for what, text in UNLIKELY.items())
    for what, text in {**UNLIKELY, **ACCEPTABLE}.items():
        yield f"{what} in an unknown field", _with(body, _unknown(operation), text)
    for path in KNOWN[kind(operation)]:
        for what in ("an integer of 5,000 digits", "a lone surrogate", "NUL", "an empty name"):
            yield f"{what} as {path[-1]}", _with(body, path, {**UNLIKELY, **ACCEPTABLE}[what])
    yield from _odd_bytes(json.dumps(body))


def _odd_bytes(good: str) -> Iterator[tuple[str, bytes]]:
    yield "no byte", b""
    yield "only bytes that are no UTF-8", b"\xff\xfe\xfa"
    yield "a text in Latin-1", b'{"x": "\xe9", ' + good[1:].encode()
    yield "UTF-16", good.encode("utf-16")
    yield "a byte order mark", b"\xef\xbb\xbf" + good.encode()
    yield "NUL at the end", good.encode() + b"\0"
    yield "a surrogate in UTF-8", b'{"x": "\xed\xa0\x80", ' + good[1:].encode()
    yield "every member twice", (good[:-1] + ", " + good[1:]).encode()
    yield "a line of its own before", b"\r\n\r\n" + good.encode()


def misplaced(body: object) -> Iterator[tuple[str, object]]:
    """Bodies with something else in the place of an inner object or list, by what and where."""
    for path in _containers(body):
        for wrong in (None, 7, "text", [7]):
            yield f"{wrong!r} as {'.'.join(map(str, path))}", changed(body, path, wrong)


def _containers(value: object, path: Path = ()) -> Iterator[Path]:
    """The places of objects and lists inside a body, down to the second level."""
    inner: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        if isinstance(item, dict | list) and len(path) < 2:
            yield (*path, key)
            yield from _containers(item, (*path, key))


def laden_body(operation: Operation, body: object) -> bytes:
    """A valid body with everything odd in it that a server may take."""
    laden: Any = deepcopy(body)
    *way, name = _unknown(operation)
    for number in range(len(ACCEPTABLE)):
        laden = changed(laden, (*way, f"{name}{number}"), f"{MARK}{number}{MARK}")
    text = json.dumps(laden, ensure_ascii=False)
    for number, odd in enumerate(ACCEPTABLE.values()):
        text = text.replace(f'"{MARK}{number}{MARK}"', odd)
    return text.encode()


def _unknown(operation: Operation) -> Path:
    return UNKNOWN.get(kind(operation), ("x_odd",))


def _with(body: object, path: Path, text: str) -> bytes:
    """The body with a JSON text in one place."""
    marked = json.dumps(changed(body, path, MARK), ensure_ascii=False)
    return marked.replace(f'"{MARK}"', text).encode()


def odd_ids(own: object) -> Iterator[str]:
    """Percent-encoded ids: none that can be somebody else's, `own` is the run's."""
    yield from (str(10**30), DIGITS, "%00", "%FF", "..", "%F0%9F%98%80", "%")
    yield from (f"{own}%0A", f"{own}%2F{own}", f"{own};x=1")
