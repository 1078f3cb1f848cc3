"""What must come of a request, judged from the request as it is sent."""

import json
from typing import Any

import pytest

from immuta_contracts.claims import FORM, MUST_WORK, NO_CLAIM, Claim, Outgoing, claim
from immuta_contracts.schemas import schemas_of
from immuta_contracts.spec import Routes
from immuta_contracts.target import document

ROUTES = Routes(document())
COLUMN = {"name": "a", "dataType": "text", "remoteType": "text"}


def claimed(
    operation_id: str, target: str, body: Any = None, *, content_type: str | None = None, raw: bytes | None = None
) -> Claim:
    operation = ROUTES.by_id(operation_id)
    sent = raw if raw is not None else None if body is None else json.dumps(body).encode()
    return claim(ROUTES, schemas_of(ROUTES), operation, Outgoing(operation.method, target, sent, content_type))


@pytest.mark.parametrize("identifier", ["1", "30", "999999999999999999"])
def test_an_integer_from_1_up_is_a_valid_id(identifier: str) -> None:
    assert claimed("getAsaHandler", f"/asa/handler/{identifier}") == MUST_WORK


@pytest.mark.parametrize("identifier", ["0", "-1", "abc", "1.5", "true", "null", "%20", "1%2C2"])
def test_another_id_must_be_refused(identifier: str) -> None:
    refused = claimed("getAsaHandler", f"/asa/handler/{identifier}")
    assert (refused.status, refused.promise) == (400, "HTTP-5")


@pytest.mark.parametrize("identifier", ["9223372036854775808", "+1", "01", "1.0", "%2F", "..", "a%00b", ""])
def test_an_id_in_an_odd_spelling_says_nothing(identifier: str) -> None:
    assert claimed("getAsaHandler", f"/asa/handler/{identifier}") == NO_CLAIM


@pytest.mark.parametrize(
    ("query", "status", "promise"),
    [
        ("skipCache=TRUE", 200, ""),
        ("skipCache=yes", 400, "HTTP-4"),
        ("skipCache=", None, ""),
        ("skipCache=true&skipCache=false", None, ""),
        ("whatever=1", 200, ""),
    ],
)
def test_booleans_of_the_query_are_true_and_false(query: str, status: int | None, promise: str) -> None:
    found = claimed("getAsaHandler", f"/asa/handler/3?{query}")
    assert (found.status, found.promise) == (status, promise)


@pytest.mark.parametrize(
    ("query", "status", "promise"),
    [
        ("limit=1", 200, ""),
        ("limit=0", 400, "SEARCH-3"),
        ("limit=-5", 400, "SEARCH-3"),
        ("limit=ten", 400, "SEARCH-3"),
        ("limit=1.0", None, ""),
        ("limit=99999999999999999999999999999999", None, ""),
        ("searchText=%00", None, ""),
        ("searchText=", 200, ""),
    ],
)
def test_integers_of_the_query_keep_their_minimum(query: str, status: int | None, promise: str) -> None:
    found = claimed("searchDictionaryColumns", f"/dictionary/columns?{query}")
    assert (found.status, found.promise) == (status, promise)


def test_each_item_of_a_list_in_the_query_is_judged() -> None:
    assert claimed("listDataSources", "/dataSource?status=passed&status=failed") == MUST_WORK
    assert claimed("listDataSources", "/dataSource?status=passed&status=odd").promise == "ERR-2"


def test_one_parameter_of_the_jobs_is_needed() -> None:
    assert claimed("listJobs", "/jobs?bulkId=5") == MUST_WORK
    assert claimed("listJobs", "/jobs?other=5") == NO_CLAIM


def test_a_body_is_held_against_its_schema() -> None:
    target = "/dictionary/3"
    assert claimed("createDictionary", target, {"metadata": [COLUMN], "extra": 1}) == MUST_WORK
    assert claimed("createDictionary", target, {"metadata": [{"name": "a"}]}).promise == "ERR-2"
    assert claimed("createDictionary", target).why == "the body is missing"
    assert claimed("createDictionary", target, raw=b"{").why == "the body is no JSON"


@pytest.mark.parametrize(
    "body",
    [
        {"metadata": [COLUMN, COLUMN]},
        {"metadata": [{**COLUMN, "name": "a\0b"}]},
        {"metadata": [{**COLUMN, "name": "\ud800"}]},
        {"metadata": [], "extra": 2**63},
    ],
)
def test_what_other_rules_or_limits_may_refuse_says_nothing(body: Any) -> None:
    assert claimed("createDictionary", "/dictionary/3", body) == NO_CLAIM


def test_a_body_of_another_media_type_must_be_415() -> None:
    body: dict[str, Any] = {"metadata": []}
    assert claimed("createDictionary", "/dictionary/3", body, content_type="text/plain").status == 415
    assert claimed("createDictionary", "/dictionary/3", body, content_type="application/vnd.a+json") == MUST_WORK
    assert (
        claimed("triggerAsaHighCardinalityJob", "/asa/handler/3/triggerHighCardinalityJob", 1, content_type="a/b")
        == NO_CLAIM
    )


def test_a_form_is_read_where_one_is_documented() -> None:
    target = "/bim/apikey/authenticate"
    assert claimed("authenticate", target, raw=b"apikey=k", content_type=FORM) == MUST_WORK
    assert claimed("authenticate", target, raw=b"other=k", content_type=FORM) == NO_CLAIM
    assert claimed("authenticate", target, {"apikey": ""}) == NO_CLAIM
    assert claimed("authenticate", target) == NO_CLAIM
    assert claimed("createDictionary", "/dictionary/3", raw=b"a=b", content_type=FORM).status == 415


def test_a_path_of_another_operation_says_nothing() -> None:
    assert claimed("getDictionary", "/dictionary/columns") == NO_CLAIM
