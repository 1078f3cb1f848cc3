"""What stands for what when a sequence is sent again: one for one, and each kind of id for itself."""

import json
from typing import Any

import pytest

from immuta_contracts.counterparts import Counterparts, run_of
from immuta_contracts.exchange import Request, shown

OLD_JOB, NEW_JOB = "0b9d6c1e-52f1-4c35-8f0a-6f0a3f1d2b77", "7a0b0c4c-8d0e-41ee-9a1b-0242ac120002"


def told(was: Any, now: Any, *before: tuple[Any, Any]) -> bool:
    """Whether two answers say the same, after others were learned from."""
    counterparts = Counterparts("7", "123")
    for each in before:
        assert counterparts.same(json.dumps(each[0]), json.dumps(each[1]))
    return counterparts.same(json.dumps(was), json.dumps(now))


def created(handler: int, source: int, run: str = "7") -> dict[str, Any]:
    return {"id": handler, "dataSourceId": source, "connectionString": f"h3.contract-{run}.example:443/db"}


MADE = created(1001, 1), created(1009, 9, "123")


@pytest.mark.parametrize("run", ["7", "7a", "7s2", "7s2b"])
def test_the_name_of_the_run_is_read_from_what_it_sent(run: str) -> None:
    assert run_of(["/asa/handler/1", f'{{"name": "contract-{run}-12 x"}}']) == run


def test_a_sequence_without_names_is_of_no_run() -> None:
    assert run_of(["/dictionary/1", "{}"]) is None


def test_names_hosts_and_tokens_of_the_run_become_those_of_now() -> None:
    said = "contract-7-12 é h3.contract-7.example H3CONTRACT7Z h3contract7z contract-77-1"
    expected = "contract-123-12 é h3.contract-123.example H3CONTRACT123Z h3contract123z contract-77-1"
    assert Counterparts("7", "123").text(said) == expected


def test_ids_are_replaced_where_ids_of_their_kind_stand() -> None:
    counterparts = Counterparts("7", "123")
    assert counterparts.same(json.dumps(MADE[0]), json.dumps(MADE[1]))
    assert counterparts.same(json.dumps({"bulkId": 1, "jobsCreated": 1}), json.dumps({"bulkId": 4, "jobsCreated": 1}))
    assert counterparts.same(json.dumps(OLD_JOB), json.dumps(NEW_JOB))
    sent = {
        ("GET", "/asa/handler/1001?skipCache=1", None): "/asa/handler/1009?skipCache=1",
        ("GET", "/asa/handler/1", None): "/asa/handler/1",
        ("GET", "/dictionary/1", None): "/dictionary/9",
        ("GET", "/dataSource/001.5", None): "/dataSource/009.5",
        ("GET", "/dataSource?dataSourceIds=1&size=1", None): "/dataSource?dataSourceIds=9&size=1",
        ("GET", "/jobs?bulkId=1", None): "/jobs?bulkId=4",
    }
    for (method, target, body), expected in sent.items():
        assert counterparts.request(Request(method, target, (), body)).target == expected
    bulk = counterparts.request(Request("PUT", "/asa/bulk", (), b'{"ids": [1, 1001], "port": 1, "x": "\xff"}'))
    assert bulk.body == b'{"ids": [9, 1001], "port": 1, "x": "\xff"}'
    statuses = counterparts.request(Request("POST", "/jobs/statuses", (), f'{{"jobIds": ["{OLD_JOB}"]}}'.encode()))
    assert statuses.body == f'{{"jobIds": ["{NEW_JOB}"]}}'.encode()


def test_answers_are_the_same_but_for_names_ids_and_times() -> None:
    was = {"dataSource": 1, "id": 5001, "createdAt": "2026-01-15T10:52:30.535Z", "url": "/asa/handler/1001", "n": [1]}
    now = {"dataSource": 9, "id": 5007, "createdAt": "2026-11-24T01:00:00.000Z", "url": "/asa/handler/1009", "n": [1]}
    assert told(was, now, MADE)
    assert told({OLD_JOB: {"id": OLD_JOB}}, {NEW_JOB: {"id": NEW_JOB}}, (OLD_JOB, NEW_JOB))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ({"n": 1}, {"n": 2}),
        ({"n": 1}, {"n": True}),
        ({"n": 1}, {"n": 1, "m": 1}),
        ({"n": 1}, {}),
        ([1], [1, 2]),
        ({"dataSourceId": 1}, {"dataSourceId": None}),
        ("one", "another"),
        ({"createdAt": "2026-01-15T10:52:30.535Z"}, {"createdAt": "yesterday"}),
    ],
)
def test_other_answers_are_not_the_same(was: Any, now: Any) -> None:
    assert not told(was, now)


def test_an_answer_about_the_wrong_thing_does_not_pass_for_one_about_the_right_thing() -> None:
    assert not told({"dataSource": 2, "metadata": []}, {"dataSource": 9, "metadata": []}, MADE)
    assert not told({"dataSource": 1, "metadata": []}, {"dataSource": 10, "metadata": []}, MADE)
    assert told({"dataSource": 2, "metadata": []}, {"dataSource": 10, "metadata": []}, MADE)


def test_answers_that_were_cut_are_the_same_as_far_as_they_go() -> None:
    counterparts = Counterparts("7", "123")
    was = shown(json.dumps({"id": 5001, "dataSource": 1, "name": "contract-7-1", "more": "x" * 3000}))
    now = shown(json.dumps({"id": 5009, "dataSource": 9, "name": "contract-123-1", "more": "x" * 3000}))
    assert counterparts.same(was, now)
    assert not counterparts.same(was, now.replace("xxx", "xyx", 1))
    assert not counterparts.same(was, '{"id": 5009}')


def test_what_is_no_json_is_compared_as_text() -> None:
    counterparts = Counterparts("7", "123")
    assert counterparts.same("<p>contract-7-1 at 2026-01-15T10:52:30Z", "<p>contract-123-1 at 2026-02-15T10:52:30Z")
    assert not counterparts.same("<p>contract-7-1", "<p>contract-7-1")
