"""What a run saw of an operation is counted, and told from what the document names."""

import json
from typing import Any

import pytest

from immuta_contracts.coverage import Coverage
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.spec import Operation

DOCUMENT: dict[str, Any] = {
    "components": {
        "schemas": {
            "Source": {
                "allOf": [
                    {"properties": {"id": {}, "secret": {"writeOnly": True}}},
                    {"properties": {"columns": {"items": {"$ref": "#/components/schemas/Column"}}, "free": {}}},
                ]
            },
            "Column": {"properties": {"name": {}, "children": {"items": {"$ref": "#/components/schemas/Column"}}}},
            "Jobs": {"additionalProperties": {"properties": {"state": {}}}},
        }
    }
}


def coverage_of(schema: str, query: tuple[str, ...] = ()) -> Coverage:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    responses = {"200": {"content": content}, "404": {}}
    return Coverage(Operation("x", "GET", "/x", frozenset(), False, query, {"responses": responses}), DOCUMENT)


def answer(value: object, status: int = 200) -> Answer:
    return Answer(status, {}, json.dumps(value).encode(), 0.25)


GET = Request("GET", "/x?limit=&limit=2&more=1")


def test_documented_fields_are_counted_once_an_answer() -> None:
    seen = coverage_of("Source")
    seen.add(GET, answer({"id": 1, "columns": [{"name": "a"}, {"name": "b"}], "free": {"x": 1}}), ())
    seen.add(GET, answer({"id": 1}), ())
    assert dict(seen.fields) == {
        "id": 2,
        "columns": 1,
        "columns[].name": 1,
        "columns[].children": 0,
        "free": 1,
    }
    assert seen.undocumented == {}


def test_what_the_document_does_not_name_is_drift() -> None:
    seen = coverage_of("Source")
    seen.add(GET, answer({"secret": 1, "columns": [{"extra": {"deep": 1}}]}), ())
    seen.add(GET, answer({"wherever": 1}, 404), ())
    assert dict(seen.undocumented) == {(200, "secret"): 1, (200, "columns[].extra"): 1}


@pytest.mark.parametrize("body", [b'{"own": 1}', b'{"\\u00e9": 1}', '{"é": 1}'.encode()])
def test_a_field_that_was_sent_before_is_no_drift(body: bytes) -> None:
    seen = coverage_of("Source")
    seen.add(GET, answer({"own" if b"own" in body else "é": 1}), (b"", body))
    assert seen.undocumented == {}


def test_free_names_stand_for_one_field() -> None:
    seen = coverage_of("Jobs")
    seen.add(GET, answer({"a": {"state": 1}, "b": {"state": 2, "odd": 1}}), ())
    assert (dict(seen.fields), dict(seen.undocumented)) == ({"*.state": 1}, {(200, "*.odd"): 1})


def test_statuses_parameters_and_times_are_counted() -> None:
    seen = coverage_of("Source", ("limit", "searchText"))
    seen.add(GET, answer({}), ())
    seen.add(GET, Answer(500, {}, b"oops", 0.5), ())
    assert (dict(seen.statuses), set(seen.documented)) == ({200: 1, 500: 1}, {200, 404})
    assert (dict(seen.parameters), seen.seconds) == ({"limit": 2, "searchText": 0}, [0.25, 0.5])
