"""Time, jobs, users and tokens over the control API."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from immuta_mock import Store, create_app
from immuta_mock.inprocess import InProcess
from immuta_mock.store.clock import Clock
from immuta_mock.users import User

Call = Callable[..., tuple[int, Any]]

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
OWNER = User("owner", "owner-key-local-only", 2, frozenset({"CREATE_DATA_SOURCE"}))


@pytest.fixture
def store() -> Store:
    """One whose jobs take an hour."""
    return Store(clock=lambda: NOON, job_duration=timedelta(hours=1))


@pytest.fixture
def job(call: Call, create_body: Any) -> str:
    """The id of a running high cardinality job on data source 1."""
    handler = call("POST", "/snowflake/handler", create_body())[1]["id"]
    started: str = call("PUT", f"/snowflake/handler/{handler}/triggerHighCardinalityJob")[1]
    return started


def state_of(call: Call, job: str) -> str:
    state: str = call("POST", "/jobs/statuses", {"jobIds": [job]})[1][job]["state"]
    return state


def test_the_time_stands_still_and_moves_as_told(steer: Call) -> None:
    assert steer("GET", "/time") == (200, {"now": "2026-01-15T12:00:00.000Z", "frozen": False})
    assert steer("POST", "/time/freeze", {"at": "2030-01-01T01:00:00+01:00"})[1] == {
        "now": "2030-01-01T00:00:00.000Z",
        "frozen": True,
    }
    assert steer("POST", "/time/advance", {"seconds": 1.5})[1] == {"now": "2030-01-01T00:00:01.500Z", "frozen": True}
    assert steer("POST", "/time/resume")[1] == {"now": "2030-01-01T00:00:01.500Z", "frozen": False}
    assert steer("POST", "/time/freeze")[1]["frozen"] is True


def test_a_clock_that_runs_on_keeps_its_lead() -> None:
    now = NOON
    clock = Clock(lambda: now)
    clock.freeze()
    clock.advance(timedelta(hours=1))
    clock.resume()
    now += timedelta(minutes=5)

    assert clock() == NOON + timedelta(hours=1, minutes=5)
    clock.advance(timedelta(hours=1))
    assert clock() == NOON + timedelta(hours=2, minutes=5)
    clock.reset()
    assert clock() == now


@pytest.mark.parametrize(
    ("target", "body", "message"),
    [
        ("/time/advance", {"seconds": -1}, "Bad request: $.seconds is -1, expected a number from 0 to 20000000000."),
        ("/time/advance", {"seconds": 2e10}, "Bad request: the time of a tenant ends with the year 2499."),
        ("/time/advance", {}, "Bad request: $.seconds is missing (a number from 0 to 20000000000)."),
        ("/time/freeze", {"at": "9999-12-31"}, "Bad request: the time of a tenant ends with the year 2499."),
        ("/time/freeze", {"at": "x"}, "Bad request: 'x' is no time in ISO 8601, such as 2026-01-15T12:00:00Z."),
        ("/time/freeze", {"on": 1}, "Bad request: $.on is unknown, expected one of the fields at."),
    ],
)
def test_a_time_that_cannot_be_is_refused(steer: Call, target: str, body: Any, message: str) -> None:
    status, answer = steer("POST", target, body)

    assert (status, answer["message"]) == (400, message)
    assert steer("GET", "/time")[1]["now"] == "2026-01-15T12:00:00.000Z"


def test_tokens_expire_and_jobs_complete_when_the_time_moves(call: Call, steer: Call, job: str) -> None:
    token = call("POST", "/bim/apikey/authenticate", {"apikey": OWNER.key})[1]["token"]
    as_token = {"authorization": token}
    before = (call("GET", "/dataSource", None, as_token)[0], state_of(call, job))

    steer("POST", "/time/advance", {"seconds": 3600})

    assert before == (200, "active")
    assert (call("GET", "/dataSource", None, as_token)[0], state_of(call, job)) == (401, "completed")


def test_the_time_of_one_tenant_is_not_that_of_another(steer: Call) -> None:
    steer("POST", "/time/advance", {"seconds": 60}, {"X-Mock-Tenant": "other"})

    assert steer("GET", "/time")[1]["now"] == "2026-01-15T12:00:00.000Z"


def test_jobs_complete_in_the_order_of_their_times_though_the_time_was_set_back(
    call: Call, steer: Call, job: str, create_body: Any
) -> None:
    steer("POST", "/time/freeze", {"at": "2020-01-01"})
    handler = call("POST", "/snowflake/handler", create_body("Later"))[1]["id"]
    second = call("PUT", f"/snowflake/handler/{handler}/triggerHighCardinalityJob")[1]

    steer("POST", "/time/advance", {"seconds": 3600})

    assert (state_of(call, job), state_of(call, second)) == ("active", "completed")


def test_a_job_is_completed_with_its_effect(call: Call, steer: Call, job: str) -> None:
    status, answer = steer("POST", f"/jobs/{job}/complete")

    assert (status, answer["state"], answer["kind"], state_of(call, job)) == (
        *(200, "completed"),
        *("highCardinality", "completed"),
    )
    assert call("GET", "/snowflake/handler/1001")[1]["metadata"]["highCardinality"] == "EMAIL"


def test_a_job_is_failed_without_its_effect(call: Call, steer: Call, job: str) -> None:
    status, answer = steer("POST", f"/jobs/{job}/fail", {"output": "The warehouse is asleep."})

    assert (status, answer["state"]) == (200, "failed")
    assert call("POST", "/jobs/statuses", {"jobIds": [job]})[1][job] == {
        "id": job,
        "state": "failed",
        "output": "The warehouse is asleep.",
    }
    assert "highCardinality" not in call("GET", "/snowflake/handler/1001")[1]["metadata"]
    assert steer("GET", "/jobs")[1] == [answer]


def test_a_job_that_is_not_running_is_not_ended(steer: Call, job: str) -> None:
    steer("POST", f"/jobs/{job}/fail")

    refusals = [steer("POST", f"/jobs/{each}/complete") for each in (job, "unknown")]

    assert [(status, answer["error"], answer["message"]) for status, answer in refusals] == [
        (409, "Conflict", f"The job {job} is failed already; only an active one can be ended."),
        (404, "Not Found", "There is no job 'unknown'."),
    ]


def test_a_user_is_added_and_may_log_in(call: Call, steer: Call) -> None:
    user = {"name": "new", "key": "new-key", "profile": 9, "permissions": ["CREATE_DATA_SOURCE"], "groups": [3]}

    assert steer("POST", "/users", user) == (200, user)
    assert steer("GET", "/users")[1][-1] == user
    assert call("GET", "/bim/rpc/user/current", None, {"authorization": "new-key"})[1]["userid"] == "new"


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ({"name": "x", "key": "reader-key-local-only", "profile": 9}, "users 4 and 6 have the same key; each needs "),
        ({"name": "x", "key": "k", "profile": 2}, "users 1 and 6 have the same profile 2; each needs its own"),
        ({"name": "x", "key": "a key", "profile": 9}, "$.key is "),
        ({"name": "x", "profile": 9}, "$.key is missing"),
    ],
)
def test_a_user_that_cannot_be_is_refused(steer: Call, user: Any, message: str) -> None:
    status, answer = steer("POST", "/users", user)

    assert (status, answer["message"].startswith(f"Bad request: {message}")) == (400, True)
    assert len(steer("GET", "/users")[1]) == 5


def test_the_tokens_of_one_user_expire_and_those_of_others_do_not(call: Call, steer: Call) -> None:
    keys = ("owner-key-local-only", "owner-key-local-only", "reader-key-local-only")
    tokens = [call("POST", "/bim/apikey/authenticate", {"apikey": key})[1]["token"] for key in keys]

    assert steer("POST", "/tokens/expire", {"user": "owner"}) == (200, {"expired": 2})
    assert [call("GET", "/dataSource", None, {"authorization": token})[0] for token in tokens] == [401, 401, 200]
    assert steer("POST", "/tokens/expire") == (200, {"expired": 1})


@pytest.fixture
def server(store: Store) -> Iterator[InProcess]:
    with InProcess(create_app(store)) as server:
        yield server
