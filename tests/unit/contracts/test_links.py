"""What the runtime expressions of links stand for, and the call that a link leads to."""

from typing import Any

import pytest

from immuta_contracts.claims import Outgoing
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.links import Done, Link, Unresolvable, evaluate, links_of
from immuta_contracts.spec import Routes
from immuta_contracts.target import document

ROUTES = Routes(document())
GET = ROUTES.by_id("getAsaHandler")
SEARCH = ROUTES.by_id("searchDictionaryColumns")


def done(
    *, target: str = "/asa/handler/7?skipCache=true&note=a", body: bytes | None = b'{"a": 1}', answer: str = "{}"
) -> Done:
    request = Request("GET", target, (("X-Trace", "abc"),), body)
    return Done(GET, request, Answer(200, {"content-type": "application/json", "etag": "v1"}, answer.encode()))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$method", "GET"),
        ("$statusCode", 200),
        ("$url", "/asa/handler/7?skipCache=true&note=a"),
        ("$request.path.handlerId", "7"),
        ("$request.query.skipCache", "true"),
        ("$request.header.x-trace", "abc"),
        ("$request.body#/a", 1),
        ("$response.header.ETag", "v1"),
        ("$response.body", {"id": 30, "list": [{"a/b": "x"}], "c~d": None}),
        ("$response.body#/id", 30),
        ("$response.body#/list/0/a~1b", "x"),
        ("$response.body#/c~0d", None),
    ],
)
def test_an_expression_stands_for_a_part_of_the_request_or_the_answer(expression: str, value: object) -> None:
    made = done(answer='{"id": 30, "list": [{"a/b": "x"}], "c~d": null}')
    assert evaluate(expression, made) == value


@pytest.mark.parametrize(
    "expression",
    [
        "$response.body#/gone",
        "$response.body#/list/1",
        "$response.body#/list/one",
        "$request.path.dataSourceId",
        "$request.query.limit",
        "$response.header.location",
        "$somewhere",
        "$response.query.limit",
    ],
)
def test_an_expression_without_anything_behind_it_is_unresolvable(expression: str) -> None:
    with pytest.raises(Unresolvable, match=r"\$"):
        evaluate(expression, done(answer='{"list": [1]}'))


def test_a_body_that_is_no_json_resolves_nothing() -> None:
    with pytest.raises(Unresolvable, match="no JSON body"):
        evaluate("$response.body", done(answer="<html>"))
    with pytest.raises(Unresolvable, match="no JSON body"):
        evaluate("$request.body", done(body=None))


def test_expressions_inside_objects_lists_and_texts_are_replaced() -> None:
    value = {"ids": ["$response.body#/id", 5], "text": "source {$response.body#/id} by {$request.path.handlerId}"}
    assert evaluate(value, done(answer='{"id": 30}')) == {"ids": [30, 5], "text": "source 30 by 7"}


def test_parameters_fill_the_path_and_the_query() -> None:
    link = Link("again", GET, GET, {"path.handlerId": "$response.body#/id", "skipCache": True})
    assert link.call(done(answer='{"id": 30}')) == Outgoing("GET", "/asa/handler/30?skipCache=True")


def test_a_value_in_the_path_is_quoted() -> None:
    by_name = ROUTES.by_id("getDataSourceByName")
    link = Link("named", GET, by_name, {"name": "$response.body#/name"})
    assert link.call(done(answer='{"name": "a/b ä"}')).target == "/dataSource/name/a%2Fb%20%C3%A4"


def test_the_body_of_the_link_goes_before_the_one_that_is_offered() -> None:
    bulk = ROUTES.by_id("bulkUpdateAsaDataSources")
    link = Link("bulk", GET, bulk, {}, {"connectionString": "$response.body#/connectionString"})
    sent = link.call(done(answer='{"connectionString": "h:1/d"}'), {"other": 1})
    assert (sent.body, sent.content_type) == (b'{"connectionString": "h:1/d"}', "application/json")
    assert Link("bulk", GET, bulk).call(done(), {"other": 1}).body == b'{"other": 1}'


def test_the_links_of_an_operation_are_read_through_references() -> None:
    found: dict[str, Any] = {link.name: (link.target.id, dict(link.parameters)) for link in links_of(ROUTES, GET)}
    assert found["getDictionary"] == ("getDictionary", {"dataSourceId": "$response.body#/dataSourceId"})
    assert links_of(ROUTES, GET, 404) == []
    assert links_of(ROUTES, SEARCH) == []
    assert links_of(ROUTES, GET, 299) == []
