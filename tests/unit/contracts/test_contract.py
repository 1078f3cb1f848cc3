"""What counts as kept, broken and not tried."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from immuta_contracts.check import Check, Outcome
from immuta_contracts.connectors import ASA, TRINO
from immuta_contracts.contract import Contract
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.expectations import same_json
from immuta_contracts.profiles import DEFAULT
from immuta_contracts.target import Target, Unreachable
from immuta_contracts.world import Unprepared, World

Make = Callable[[Callable[[Request], Answer]], Target]


@pytest.fixture
def judge(scripted: Make, reply: Callable[..., Answer], spec: dict[str, Any]) -> Callable[..., Outcome]:
    def judged(body: Callable[[World], None], script: Callable[[Request], Answer] | None = None) -> Outcome:
        contract = Contract(scripted(script or (lambda _request: reply(200))), spec=spec)
        return contract.judge(Check("a_rule", "promises", "DICT-7", body), None)

    return judged


def test_a_property_that_holds_is_kept(judge: Callable[..., Outcome]) -> None:
    outcome = judge(lambda w: w.expect_success(w.call("GET", "/dictionary/1")))
    assert (outcome.verdict, outcome.failure) == ("kept", None)
    assert outcome.requests >= 1


def test_as_many_examples_are_tried_as_the_profile_says(judge: Callable[..., Outcome]) -> None:
    drawn: list[int] = []
    judge(lambda w: drawn.append(w.draw(st.integers())))
    assert len(drawn) == DEFAULT.examples


def test_a_broken_promise_is_shown_by_the_shortest_sequence(judge: Callable[..., Outcome]) -> None:
    def body(w: World) -> None:
        for _ in range(w.draw(st.integers(0, 5))):
            w.call("GET", "/dictionary/1")
        number = w.draw(st.integers(0, 1000))
        seen = w.call("GET", "/dictionary/2")
        w.expect(number < 3, "fewer than 3", seen.json)

    failure = judge(body).failure
    assert failure is not None
    assert (failure.promise, failure.expected, failure.seen) == ("DICT-7", "fewer than 3", "{}")
    assert [exchange.request.target for exchange in failure.exchanges] == ["/dictionary/2"]


def test_one_failure_of_a_check_is_shortened_and_the_others_are_reported_as_found(
    scripted: Make, reply: Callable[..., Answer], spec: dict[str, Any]
) -> None:
    contract = Contract(scripted(lambda _request: reply(200)), spec=spec)
    tried: list[int] = []

    def body(w: World) -> None:
        tried.append(w.draw(st.integers(0, 10**6)))
        w.expect(tried[-1] < 1000, "less", tried[-1])

    check = Check("a_rule", "promises", "DICT-7", body)
    first, second = contract.judge(check, ASA), contract.judge(check, TRINO)
    assert (first.verdict, second.verdict) == ("broken", "broken")
    assert first.failure is not None
    assert first.failure.seen == "1000"
    assert second.failure is not None
    assert second.failure.seen != "1000"


def test_a_failed_preparation_says_nothing_about_the_promise(
    judge: Callable[..., Outcome], reply: Callable[..., Answer]
) -> None:
    outcome = judge(
        lambda w: w.prepared(w.call("GET", "/dictionary/1"), "reading"), lambda _request: reply(500, "oops")
    )
    assert (outcome.verdict, outcome.reason) == ("not tried", "reading was answered 500: oops")


def test_some_examples_that_cannot_be_prepared_do_not_hide_a_broken_promise(judge: Callable[..., Outcome]) -> None:
    def body(w: World) -> None:
        if w.draw(st.booleans()):
            w.broken("anything else", "this")
        raise Unprepared("not this time")

    assert judge(body).verdict == "broken"


def test_a_missing_key_is_not_tried_with_the_variable_to_set(judge: Callable[..., Outcome]) -> None:
    outcome = judge(lambda w: w.need("reader"))
    assert (outcome.verdict, outcome.reason) == (
        "not tried",
        "no API key of the role reader: set IMMUTA_API_KEY_READER",
    )


def test_a_target_that_is_gone_breaks_no_promise(judge: Callable[..., Outcome]) -> None:
    def gone(_request: Request) -> Answer:
        raise Unreachable("it is gone")

    outcome = judge(lambda w: w.expect_success(w.call("GET", "/dictionary/1")), gone)
    assert (outcome.verdict, outcome.reason) == ("not tried", "it is gone")


def test_a_property_that_stumbles_says_so_and_the_run_goes_on(judge: Callable[..., Outcome]) -> None:
    def body(w: World) -> None:
        w.call("GET", "/dictionary/1").json["nothing"]

    outcome = judge(body)
    assert (outcome.verdict, outcome.reason) == (
        "not tried",
        "the property stumbled over an answer: KeyError: 'nothing'",
    )


def test_a_failure_that_does_not_repeat_is_reported_as_such(judge: Callable[..., Outcome]) -> None:
    calls: list[int] = []

    def body(w: World) -> None:
        calls.append(1)
        w.expect(len(calls) != 1, "the same again", "something else")

    outcome = judge(body)
    assert (outcome.verdict, outcome.notes) == ("broken", ("the failure did not repeat on every try",))


def test_notes_are_kept_once(judge: Callable[..., Outcome]) -> None:
    outcome = judge(lambda w: w.note("without expired tokens"))
    assert (outcome.verdict, outcome.notes) == ("kept", ("without expired tokens",))


def test_what_was_seen_is_reported_without_secrets(judge: Callable[..., Outcome]) -> None:
    outcome = judge(lambda w: w.broken("nothing", "it said owner-secret-key"))
    assert outcome.failure is not None
    assert outcome.failure.seen == "it said ***"


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, 1, True),
        (1, 1.0, False),
        (True, 1, False),
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([1, 2], [2, 1], False),
        ([1], [1, 1], False),
        ("1", 1, False),
    ],
)
def test_json_values_are_compared_with_their_types(left: object, right: object, same: bool) -> None:
    assert same_json(left, right) is same


@pytest.mark.parametrize(
    ("seen", "expected", "said"),
    [("12", 12, ('"12"', "12")), ("null", None, ('"null"', "null")), (1.0, 1, ("1.0", "1")), ("a", "b", ("a", "b"))],
)
def test_values_that_look_alike_are_told_apart(
    judge: Callable[..., Outcome], seen: object, expected: object, said: tuple[str, str]
) -> None:
    failure = judge(lambda w: w.expect_equal(seen, expected, "the id")).failure
    assert failure is not None
    assert (failure.seen, failure.expected) == (said[0], f"the id to be {said[1]}")
