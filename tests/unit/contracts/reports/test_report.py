"""Outcomes become rulings promise by promise, and reports that hold no secret."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from immuta_contracts.check import Check, Failure, Layer, Outcome, Subject, Verdict
from immuta_contracts.client import Client
from immuta_contracts.connectors import ASA, TRINO
from immuta_contracts.exchange import Answer, Exchange, Request
from immuta_contracts.reports import document, text
from immuta_contracts.reports.document import Document
from immuta_contracts.reports.junit import junit
from immuta_contracts.reports.rulings import Ruling, rulings

Make = Callable[[Callable[[Request], Answer]], Client]
KEY = "owner-secret-key"


@pytest.fixture
def client(make_client: Make, reply: Callable[..., Answer]) -> Client:
    return make_client(lambda _request: reply(200, f'{{"said": "{KEY}"}}'))


def outcome(
    verdict: Verdict,
    *,
    promise: str | None = "DICT-7",
    layer: Layer = "promises",
    subject: Subject = None,
    **given: Any,
) -> Outcome:
    return Outcome(Check("a_rule", layer, promise, lambda _world: None), subject, verdict, **given)


def failure(promise: str = "DICT-7", *exchanges: Exchange) -> Failure:
    return Failure(promise, "one thing", "another", exchanges)


def verdicts(*outcomes: Outcome) -> dict[str, tuple[str, str]]:
    return {ruling.promise.id: (ruling.verdict, ruling.detail) for ruling in rulings(outcomes)}


def test_a_promise_is_kept_when_every_subject_keeps_it() -> None:
    assert verdicts(outcome("kept", subject=ASA), outcome("kept", subject=TRINO)) == {"DICT-7": ("kept", "")}


def test_one_broken_subject_breaks_the_promise() -> None:
    broken = outcome("broken", subject=TRINO, failure=failure())
    assert verdicts(outcome("kept", subject=ASA), broken) == {"DICT-7": ("broken", "")}


def test_another_layer_can_break_a_promise() -> None:
    found = outcome("broken", promise=None, layer="model", failure=failure("GET-3"))
    assert verdicts(outcome("kept"), found) == {"DICT-7": ("kept", ""), "GET-3": ("broken", "")}


def test_a_subject_that_was_not_tried_is_never_kept() -> None:
    untried = outcome("not tried", subject=TRINO, reason="no key")
    assert verdicts(outcome("kept", subject=ASA), untried) == {"DICT-7": ("not tried", "in part (1 of 2 were): no key")}


def test_what_several_notes_have_in_common_is_said_once() -> None:
    notes = ("left out: by the fence: a", "left out: by the fence: b", "other: a", "plain")
    detail = "left out: by the fence: a; b; other: a; plain"
    assert verdicts(outcome("kept", notes=notes), outcome("kept", notes=notes[1:])) == {"DICT-7": ("kept", detail)}


def test_of_reasons_that_differ_in_names_and_ids_alone_one_is_said() -> None:
    def reason(status: int, number: int) -> str:
        return f'creating was answered {status}: {{"id": {number}, "connectionString": "h{number}.example:443/d"}}'

    reasons = [reason(201, 12), reason(201, 7), reason(503, 12), "the one called 'c-7 a' is gone", "no key of a reader"]
    untried = [outcome("not tried", reason=each) for each in reasons]
    assert verdicts(*untried)["DICT-7"][1].split("; ") == [
        f"{reason(201, 12)} (and 1 more like it)",
        reason(503, 12),
        "no key of a reader",
        "the one called 'c-7 a' is gone",
    ]


def test_rulings_come_in_the_order_of_the_list_of_promises() -> None:
    assert list(verdicts(outcome("kept", promise="SEARCH-1"), outcome("kept", promise="AUTH-1"))) == [
        "AUTH-1",
        "SEARCH-1",
    ]


def broken_ruling(client: Client) -> list[Ruling]:
    client.call("GET", "/dictionary/1")
    found = outcome("broken", subject=ASA, failure=failure("DICT-7", *client.journal), notes=("a \x00 note",))
    return rulings(
        [found, outcome("not tried", promise="AUTH-1", reason="no reader"), outcome("kept", promise="HTTP-1")]
    )


def whole_of(client: Client, found: list[Ruling], **about: Any) -> Document:
    left: list[str] = []
    circumstances = {"seed": 7, "seconds": 1.5, "requests": 3, "interrupted": False, "left_behind": left, **about}
    return document.document(found, client, circumstances)


def test_an_explanation_holds_the_sentence_and_the_requests_without_secrets(client: Client) -> None:
    promise = whole_of(client, broken_ruling(client))["promises"][-1]
    assert text.explain(promise, promise["failures"][0]).splitlines() == [
        f"DICT-7 is broken [asa]: {promise['text']}",
        "  found by   promises: a_rule",
        "  expected   one thing",
        "  seen       another",
        "  requests",
        '    curl -sS http://tenant.test/dictionary/1 -H "Authorization: $IMMUTA_API_KEY"',
        '      -> 200 {"said": "***"}',
    ]


def test_the_json_report_counts_and_holds_no_secret(client: Client, tmp_path: Path) -> None:
    document.write(tmp_path / "run.json", whole_of(client, broken_ruling(client)))
    written = (tmp_path / "run.json").read_text("utf-8")
    whole = json.loads(written)
    assert KEY not in written
    assert (whole["seed"], whole["counts"]) == (7, {"kept": 1, "broken": 1, "not tried": 1})
    called = whole["operations"]["getDictionary"]
    assert (called["statuses"], called["parameters"], called["latency"]["count"]) == ({"200": 1}, {}, 1)
    assert whole["promises"][-1]["failures"][0]["requests"][0]["status"] == 200


def test_the_junit_report_is_well_formed_and_holds_no_secret(client: Client) -> None:
    written = junit(whole_of(client, broken_ruling(client)))
    suite = ElementTree.fromstring(written)
    assert KEY not in written
    assert [suite.get(name) for name in ("tests", "failures", "skipped", "time")] == ["3", "1", "1", "1.500"]
    assert [[child.tag for child in case] for case in suite] == [["skipped"], [], ["failure"]]


def test_characters_that_xml_cannot_hold_are_replaced(client: Client) -> None:
    untried = outcome("not tried", reason="\x00 \x1b \ud800 fine")
    message = ElementTree.fromstring(junit(whole_of(client, rulings([untried]))))[0][0].get("message")
    assert message == "\ufffd \ufffd \ufffd fine"


def test_the_table_has_a_row_a_promise(client: Client) -> None:
    table = text.table(whole_of(client, broken_ruling(client)))
    rows = table.splitlines()
    assert [row.split()[:2] for row in rows[1:] if not row.startswith(" ")] == [
        ["AUTH-1", "not"],
        ["HTTP-1", "kept"],
        ["DICT-7", "broken"],
    ]
    assert "(no reader)" in table


def test_the_coverage_table_says_what_was_never_called(client: Client) -> None:
    client.call("GET", "/dictionary/columns", query={"limit": 1})
    rows = dict(row.split(maxsplit=1) for row in text.coverage_table(whole_of(client, [])).splitlines())
    assert rows["searchDictionaryColumns"].split() == ["200:1", "limit:1", "searchText:0"]
    assert rows["getDictionary"] == "never called"
