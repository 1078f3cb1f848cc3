"""What a target in trouble may and may not do to a request; each over real sockets, in front of a mock."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.utils import formatdate

import pytest

from immuta_contracts.exchange import Request
from immuta_contracts.settings import Limits
from immuta_contracts.steady import ATTEMPTS, ENOUGH, Ended, Steady, Unavailable, shape
from immuta_contracts.target import MOCK_KEYS, Tenant, Unreachable
from immuta_mock import Store, create_app
from trouble import Misstep, Received, Server, Trouble, serving

KEY = ("Authorization", MOCK_KEYS["owner"])
READ = Request("GET", "/dictionary/columns", (KEY,))
RESET, CUT, DONE, SLOW = Misstep(), Misstep(cut=True), Misstep(done=True), Misstep(slow=True)
QUICK = Limits(timeout=0.3, outage_seconds=0.5)
PATIENT = Limits(timeout=2, outage_seconds=2)  # for what takes many tries, on a busy machine too
Start = Callable[..., tuple[Server, Steady]]


def create(name: str) -> Request:
    source = {"blobHandlerType": "Snowflake", "recordFormat": "", "type": "queryable", "name": name}
    whole = {**source, "sqlTableName": "t", "blobHandler": {"scheme": "https"}}
    body = {"handler": {"metadata": {"hostname": "h.example", "database": "d", "table": "t"}}, "dataSource": whole}
    return Request("POST", "/snowflake/handler", (KEY,), json.dumps(body).encode())


@pytest.fixture
def start() -> Iterator[Start]:
    """A misbehaving server and a steady way to it."""
    with ExitStack() as stack:

        def started(trouble: Trouble, limits: Limits = QUICK) -> tuple[Server, Steady]:
            server = stack.enter_context(serving(create_app(Store()), trouble))
            steady = Steady(Tenant(server.url, MOCK_KEYS, timeout=limits.timeout), limits)
            stack.callback(steady.close)
            return server, steady

        yield started


def first(misstep: Misstep, times: int, path: str = "") -> Trouble:
    """The first requests whose path contains the text meet trouble."""
    left = [times]

    def trouble(received: Received) -> Misstep | None:
        hit = left[0] > 0 and path in received.path
        left[0] -= hit
        return misstep if hit else None

    return trouble


def always(misstep: Misstep, path: str, method: str = "") -> Trouble:
    return lambda received: misstep if path in received.path and method in received.method else None


def sources(steady: Steady) -> list[str]:
    listed = steady.send(Request("GET", "/dataSource", (KEY,))).json
    return [hit["name"] for hit in listed["hits"]]


PASSING = [
    Misstep(429, {"Retry-After": "0"}),
    Misstep(429),
    Misstep(502),
    Misstep(503),
    Misstep(504),
    RESET,
    CUT,
]


@pytest.mark.parametrize("misstep", PASSING, ids=str)
def test_a_read_is_sent_again_until_it_is_answered(start: Start, misstep: Misstep) -> None:
    server, steady = start(first(misstep, 3, "columns"))
    assert steady.send(READ).status == 200
    assert server.paths("GET").count(READ.target) == 4
    assert (steady.account.retries, steady.account.given_up, steady.account.ended) == (3, 0, None)


def test_a_slow_answer_counts_as_none(start: Start) -> None:
    server, steady = start(first(SLOW, 1, "columns"))
    assert steady.send(READ).status == 200
    assert server.paths("GET").count(READ.target) == 2
    assert steady.account.trouble == {"no answer": 1}


def test_seconds_that_an_answer_asks_to_wait_are_waited(start: Start) -> None:
    _, steady = start(first(Misstep(429, {"Retry-After": "1"}), 1, "columns"), Limits(outage_seconds=5))
    assert steady.send(READ).status == 200
    assert steady.account.waited_seconds == 1


def test_a_time_that_an_answer_asks_to_wait_for_is_waited_for(start: Start) -> None:
    after = formatdate(time.time() + 3, usegmt=True)
    _, steady = start(first(Misstep(503, {"Retry-After": after}), 1, "columns"), Limits(outage_seconds=5))
    assert steady.send(READ).status == 200
    assert 0.04 < steady.account.waited_seconds <= 3


@pytest.mark.parametrize("after", ["soon", "-3", "1e9", ""])
def test_a_wait_that_makes_no_sense_is_not_heeded(start: Start, after: str) -> None:
    _, steady = start(first(Misstep(429, {"Retry-After": after}), 1, "columns"))
    assert steady.send(READ).status == 200


def test_a_wait_beyond_all_patience_ends_the_run(start: Start) -> None:
    server, steady = start(first(Misstep(429, {"Retry-After": "3600"}), 1))
    with pytest.raises(Ended, match="tenant unavailable: it answered 429 and asked to wait 3600 s"):
        steady.send(READ)
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_write_that_was_not_processed_is_sent_again(start: Start, status: int) -> None:
    _, steady = start(first(Misstep(status), 2, "/snowflake"))
    assert steady.send(create("a")).status == 200
    assert sources(steady) == ["a"]


@pytest.mark.parametrize("misstep", [Misstep(502, done=True), Misstep(504, done=True), DONE, RESET, CUT, SLOW], ids=str)
def test_a_write_that_may_have_happened_is_given_up_and_never_repeated(start: Start, misstep: Misstep) -> None:
    server, steady = start(first(misstep, 1, "/snowflake"))
    with pytest.raises(Unavailable, match="tenant unavailable: POST /snowflake/handler"):
        steady.send(create("a"))
    assert server.paths("POST") == ["/snowflake/handler"]
    assert sources(steady) == (["a"] if misstep.done else [])


def test_asking_for_job_states_is_a_read_though_it_is_a_post(start: Start) -> None:
    _, steady = start(first(Misstep(502), 1, "/jobs/statuses"))
    assert steady.send(Request("POST", "/jobs/statuses", (KEY,), b'{"jobIds": []}')).status == 200


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 413, 422, 500, 501])
def test_any_other_answer_passes_straight_through(start: Start, status: int) -> None:
    server, steady = start(always(Misstep(status), "columns"))
    assert steady.send(READ).status == status
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [502, 503, 504])
def test_an_answer_to_one_read_alone_is_handed_on(start: Start, status: int) -> None:
    server, steady = start(always(Misstep(status), "columns"), PATIENT)
    assert steady.send(READ).status == status
    assert server.paths("GET").count(READ.target) == ENOUGH


def test_what_is_known_to_befall_one_request_alone_is_not_waited_for_again(start: Start) -> None:
    _, steady = start(always(Misstep(503), "/snowflake"), PATIENT)
    assert steady.send(create("a")).status == 503
    waited = steady.account.waited_seconds
    assert steady.send(create("b")).status == 503
    assert steady.account.waited_seconds == waited


def test_the_plain_read_may_itself_be_what_is_wrong(start: Start) -> None:
    _, steady = start(always(Misstep(503), "/bim/rpc/user/current"), PATIENT)
    assert steady.send(Request("GET", "/bim/rpc/user/current", (KEY,))).status == 503
    assert steady.send(READ).status == 200


def test_too_many_requests_is_never_handed_on(start: Start) -> None:
    _, steady = start(always(Misstep(429), "columns"), Limits(outage_seconds=0.2))
    with pytest.raises(Unavailable, match="tenant unavailable: GET /dictionary/columns: it answered 429"):
        steady.send(READ)
    assert (steady.over, steady.account.given_up) == (None, 1)


def test_a_write_that_fails_at_the_same_place_each_time_is_answered_so(start: Start) -> None:
    _, steady = start(always(Misstep(502), "/snowflake"))
    steady.begin_check()
    for _ in range(ATTEMPTS - 1):
        steady.begin_attempt()
        with pytest.raises(Unavailable):
            steady.send(create("a"))
    steady.begin_attempt()
    assert steady.send(create("a")).status == 502
    assert steady.send(create("a")).status == 502  # anywhere, while the check is made shorter
    steady.begin_check()
    with pytest.raises(Unavailable):
        steady.send(create("a"))


def test_a_write_that_is_never_answered_is_not_waited_for_for_ever(start: Start) -> None:
    server, steady = start(always(RESET, "/snowflake"))
    for _ in range(ENOUGH + 3):
        with pytest.raises(Unavailable):
            steady.send(create("a"))
    assert len(server.paths("POST")) == ENOUGH


def test_a_target_that_is_away_for_a_while_is_waited_for(start: Start) -> None:
    server, steady = start(lambda received: RESET if 2 <= received.number <= 12 else None)
    assert steady.send(READ).status == 200
    with pytest.raises(Unavailable):
        steady.send(create("a"))
    assert steady.send(create("b")).status == 200
    assert len(server.received) > 12


def test_a_target_that_is_gone_for_good_ends_everything_at_once(start: Start) -> None:
    server, steady = start(lambda _received: None, Limits(outage_seconds=0.2))
    assert steady.send(READ).status == 200
    server.go_away()
    with pytest.raises(Ended, match=r"tenant unavailable: http://127.0.0.1:\d+ did not answer: .* for 0.2 s"):
        steady.send(READ)
    before = steady.account
    with pytest.raises(Ended):
        steady.send(create("a"))
    assert (steady.account, steady.over) == (before, before.ended)


def test_a_target_that_never_answered_is_said_to_be_unreachable(start: Start) -> None:
    server, steady = start(lambda _received: None)
    server.go_away()
    with pytest.raises(Unreachable, match=rf"^{server.url} did not answer: "):
        steady.send(READ)


def test_requests_are_counted_and_end_at_their_limit(start: Start) -> None:
    server, steady = start(first(Misstep(503), 1, "columns"), Limits(total_requests=4))
    assert [steady.send(READ).status for _ in range(2)] == [200, 200]  # with one retry and one plain read
    with pytest.raises(Ended, match=r"^limit of 4 requests reached$"):
        steady.send(READ)
    with steady.unlimited():
        assert steady.send(READ).status == 200
    assert (len(server.received), steady.account.sent) == (5, 5)


def test_minutes_are_counted_from_the_start(start: Start) -> None:
    _, steady = start(lambda _received: None, Limits(total_minutes=0))
    with pytest.raises(Ended, match=r"^limit of 0 minutes reached$"):
        steady.send(READ)


def test_the_rate_is_kept(start: Start) -> None:
    _, steady = start(lambda _received: None, Limits(requests_per_second=50))
    begun = time.monotonic()
    for _ in range(11):
        steady.send(READ)
    assert time.monotonic() - begun >= 10 / 50


def test_a_shape_leaves_out_ids_and_names() -> None:
    assert shape(Request("GET", "/asa/handler/12?skipCache=true")) == ("GET", "asa", "handler", "#")
    assert shape(Request("PUT", "/asa/handler/7/refreshNativeViewJob")) == (
        *("PUT", "asa", "handler", "#"),
        "refreshNativeViewJob",
    )
