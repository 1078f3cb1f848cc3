"""HTTP-6 and HTTP-7: unknown fields of requests are kept, and answers may hold fields that are not documented."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.expectations import same_json
from immuta_contracts.made import Made
from immuta_contracts.schemas import schemas_of
from immuta_contracts.strategies import columns, unknown_fields
from immuta_contracts.valid import bulk_body, dictionary_body, several_body, stand, strict_body, update_body
from immuta_contracts.world import Json, Unprepared, World

T = TypeVar("T")
FOREIGN_ID = 2**31 - 1
LONG_AGO = "1999-12-31T23:59:59.999Z"
OWNED: Json = {
    "id": FOREIGN_ID,
    "dataSourceId": FOREIGN_ID,
    "createdAt": LONG_AGO,
    "updatedAt": LONG_AGO,
    "types": ["no type"],
}
"""Fields that a server sets itself, with values that it never has."""
KNOWN = ("name", "dataType", "remoteType", "nullable", "isPrimaryKey", "description", "tags", "remoteColumn")
CLOSING = ("additionalProperties", "maxProperties", "unevaluatedProperties", "propertyNames", "patternProperties")
OPEN = re.compile(r"\b(additional|undocumented|internal|further|extra|more|other)\b[^.]*\b(fields?|propert\w+)", re.I)


CLIENT_FIELDS: Json = {
    "format": "parquet",
    "isChildDataSource": False,
    "hasSamples": True,
    "useDatesAsDirectory": False,
    "x_null": None,
    "x_text": "",
    "x_number": 0,
    "x_list": [],
    "x_object": {"a": [1, {"b": None}]},
}
"""Fields that public clients send though no document has them, and values that get lost easily."""


def fields(w: World) -> Json:
    """Unknown fields with values."""
    return {**CLIENT_FIELDS, **w.draw(unknown_fields(min_size=1))}


def strange_columns(w: World) -> list[Json]:
    """A column list of which each column has unknown fields."""
    return [{**fields(w), **each} for each in w.draw(columns(min_size=1, max_size=2))]


def tolerated(w: World, strange: Callable[[], T], plain: Callable[[], object]) -> T:
    """What comes of a request with unknown fields; refusing it, but not the same without them, is a breach."""
    try:
        return strange()
    except Unprepared as refused:
        plain()
        w.broken("no error because of unknown fields", str(refused))


def expect_columns(w: World, made: Made, sent: list[Json]) -> None:
    """The dictionary shows the unknown fields of each column sent."""
    shown = w.dictionary(made).get("metadata")
    if not isinstance(shown, list) or [each.get("name") for each in shown] != [each["name"] for each in sent]:
        raise Unprepared("the dictionary does not show the columns that were sent")
    for column, found in zip(sent, shown, strict=True):
        unknown = {name: value for name, value in column.items() if name not in KNOWN}
        w.expect_holds(found, unknown, f"column {column['name']}")


# HTTP-6


@promise("HTTP-6", on=C5, examples=0.5)
def test_unknown_fields_of_a_create_are_kept(w: World) -> None:
    top, settings, own, listed = fields(w), fields(w), fields(w), strange_columns(w)
    body = strict_body(w, w.metadata(**own, columns=listed))
    strange = {**body, "dataSource": {**body["dataSource"], **settings}, **without(top, settings)}
    made = tolerated(w, lambda: w.make(body=strange), lambda: w.make(body=strict_body(w, w.metadata())))
    w.expect_holds(w.source(made), {**top, **settings}, "the data source")
    w.expect_holds(w.read_metadata(made), own, "the metadata")
    expect_columns(w, made, listed)


@promise("HTTP-6", on=C5, examples=0.25)
def test_unknown_fields_of_a_create_of_several_are_kept(w: World) -> None:
    body, settings, own = several_body(w, 2), fields(w), (fields(w), fields(w))
    handlers = [{"metadata": {**each["metadata"], **more}} for each, more in zip(body["handler"], own, strict=True)]
    strange = {**body, "handler": handlers, "dataSource": {**body["dataSource"], **settings}}
    made = tolerated(w, lambda: w.make_several(2, body=strange), lambda: w.make_several(2, body=several_body(w, 2)))
    for each, more in zip(made, own, strict=True):
        w.expect_holds(w.source(each), settings, "one of several data sources")
        w.expect_holds(w.read_metadata(each), more, "the metadata of one of several")


@promise("HTTP-6", on=C5, examples=0.5)
def test_unknown_fields_of_an_update_are_kept(w: World) -> None:
    made = stand(w)
    top, own, listed = fields(w), fields(w), strange_columns(w)
    strange = {**update_body(made, **own, columns=listed), **top}
    answer = tolerated(w, lambda: _put(w, made, strange), lambda: _put(w, made, update_body(made)))
    w.expect_holds(answer.get("metadata"), own, "the metadata that the update answers")
    w.expect_holds(w.read_metadata(made), own, "the metadata after the update")
    w.expect_holds(w.source(made), top, "the data source after the update")
    expect_columns(w, made, listed)


@promise("HTTP-6", on=C5, examples=0.5)
def test_unknown_fields_of_a_bulk_update_are_kept_in_the_metadata_and_tolerated_elsewhere(w: World) -> None:
    made = stand(w)
    own, listed = fields(w), strange_columns(w)
    plain = bulk_body(made, staleDataTolerance=1)
    strange = {**fields(w), **bulk_body(made, **own, columns=listed), **OWNED}
    tolerated(w, lambda: w.prepared(w.put_bulk(strange)), lambda: w.prepared(w.put_bulk(plain)))
    w.expect_holds(w.read_metadata(made), own, "the metadata after the bulk update")
    expect_columns(w, made, listed)


@promise("HTTP-6", examples=0.5)
def test_unknown_fields_of_columns_are_kept_and_those_beside_them_tolerated(w: World) -> None:
    made = stand(w, columns=False)
    for method in ("POST", "PUT"):
        listed = strange_columns(w)
        strange = {**fields(w), "metadata": listed, **OWNED}
        tolerated(
            w,
            partial(_write, w, made, method, strange),
            partial(_write, w, made, method, dictionary_body()),
        )
        expect_columns(w, made, listed)
        expect_owned(w, w.dictionary(made), "the dictionary")


@promise("HTTP-6", on=C5, once=True)
def test_fields_that_the_server_sets_are_accepted_and_ignored(w: World) -> None:
    body = strict_body(w, w.metadata())
    strange = {**body, "dataSource": {**body["dataSource"], **OWNED}, **OWNED}
    made = tolerated(w, lambda: w.make(body=strange), lambda: w.make(body=strict_body(w, w.metadata())))
    expect_owned(w, w.source(made), "the data source created")
    tolerated(w, lambda: _put(w, made, {**update_body(made), **OWNED}), lambda: _put(w, made, update_body(made)))
    expect_owned(w, w.source(made), "the data source updated")


def expect_owned(w: World, found: Json, what: str) -> None:
    """None of the fields that the server sets has the value that was sent."""
    for name in ("id", "createdAt", "updatedAt"):
        w.expect(not same_json(found.get(name), OWNED[name]), f"{name} of {what} to be the server's", found.get(name))


def without(given: Json, others: Json) -> Json:
    return {name: value for name, value in given.items() if name not in others}


def _put(w: World, made: Made, body: object) -> Json:
    answer: Json = w.prepared(w.call("PUT", made.handler_path, body), "updating a handler")
    return answer


def _write(w: World, made: Made, method: str, body: object) -> object:
    return w.prepared(w.call(method, made.dictionary_path, body), "writing a dictionary")


# HTTP-7


@promise("HTTP-7", on=lambda _: True, once=True)
def test_the_schemas_of_answers_are_open(w: World) -> None:
    for status, response in w.operation.definition["responses"].items():
        for path, schema in _schemas(w, schemas_of(w.routes).resolve(response).get("content", {}), ()):
            for word in CLOSING:
                closed = word in schema and (word != "additionalProperties" or schema[word] is False)
                w.expect(not closed, f"an open schema for {w.operation.id} {status}", f"{word} at {'/'.join(path)}")


@promise("HTTP-7", once=True)
def test_each_group_says_that_answers_may_hold_more_fields(w: World) -> None:
    said = {tag["name"]: tag.get("description", "") for tag in w.routes.document.get("tags", ())}
    for group in sorted({tag for o in w.routes.operations if not o.companion for tag in o.definition["tags"]}):
        text = said.get(group, "")
        w.expect(OPEN.search(text) is not None, f"{group} to say that answers may hold additional fields", text)


def _schemas(
    w: World, node: Any, path: tuple[str, ...], seen: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every schema object below a node, with the way to it; references are followed once each."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _schemas(w, item, (*path, str(index)), seen)
    elif isinstance(node, dict) and "$ref" in node:
        if node["$ref"] not in seen and "/examples/" not in node["$ref"]:
            resolved = schemas_of(w.routes).resolve(node)
            yield from _schemas(w, resolved, (*path, node["$ref"].rpartition("/")[2]), (*seen, node["$ref"]))
    elif isinstance(node, dict):
        yield path, node
        for name, item in node.items():
            if name not in ("example", "examples", "enum", "default"):
                yield from _schemas(w, item, (*path, name), seen)
