"""Faults: what a rule or a request asks for happens, to the requests that are meant and to no others."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from immuta_mock import Store, create_app
from immuta_mock.inprocess import InProcess, exchange
from immuta_mock.tenants import Tenants

Call = Callable[..., tuple[int, Any]]

KEY = [("authorization", "owner-key-local-only")]
LIST = "/dataSource"


def fault(status: int = 503, **members: Any) -> dict[str, Any]:
    return {"effect": {"status": status}, **members}


def statuses(call: Call, *targets: str, method: str = "GET") -> list[int]:
    return [call(method, target)[0] for target in targets]


# Rules


def test_a_fault_is_added_listed_replaced_and_taken_away(call: Call, steer: Call) -> None:
    one = {"id": "fault-1", "enabled": True, "seen": 0, "applied": 0, "effect": {"status": 503}}

    assert steer("POST", "/faults", fault()) == (200, one)
    assert call("GET", LIST)[0] == 503
    assert steer("GET", "/faults") == (200, {"faults": [one | {"seen": 1, "applied": 1}]})
    assert steer("PUT", "/faults/fault-1", fault(500, enabled=False))[1]["enabled"] is False
    assert call("GET", LIST)[0] == 200
    assert steer("PUT", "/faults", steer("GET", "/faults")[1])[0] == 200
    assert steer("DELETE", "/faults/fault-1") == (200, {})
    assert steer("DELETE", "/faults/fault-1")[1]["message"] == "There is no fault 'fault-1'."


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({}, [LIST, "/dataSource/1", "/snowflake/handler/1", "/nowhere"]),
        ({"operationId": "listDataSources"}, [LIST]),
        ({"path": "/dataSource/{id}"}, ["/dataSource/1"]),
        ({"path": "/dataSource*"}, [LIST, "/dataSource/1"]),
        ({"path": "/data.ource"}, []),
        ({"method": "get", "path": "/snowflake/*"}, ["/snowflake/handler/1"]),
        ({"method": "POST"}, []),
        ({"user": "owner"}, [LIST, "/dataSource/1", "/snowflake/handler/1", "/nowhere"]),
        ({"user": "reader"}, []),
        ({"tenant": "default"}, [LIST, "/dataSource/1", "/snowflake/handler/1", "/nowhere"]),
        ({"tenant": "other"}, []),
    ],
)
def test_a_fault_happens_to_what_it_matches(call: Call, steer: Call, match: Any, hit: list[str]) -> None:
    targets = [LIST, "/dataSource/1", "/snowflake/handler/1", "/nowhere"]
    steer("POST", "/faults", fault(599, match=match))

    found = dict(zip(targets, statuses(call, *targets), strict=True))

    assert [target for target in targets if found[target] == 599] == hit


def test_a_fault_of_one_tenant_is_none_of_another(call: Call, steer: Call) -> None:
    steer("POST", "/faults", fault())

    assert statuses(call, LIST, f"/t/other{LIST}") == [503, 200]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"nth": 2}, [200, 503, 200, 200]),
        ({"times": 2}, [503, 503, 200, 200]),
        ({"after": 1}, [200, 503, 503, 503]),
        ({"after": 1, "times": 2}, [200, 503, 503, 200]),
        ({"probability": 0}, [200, 200, 200, 200]),
        ({"probability": 1}, [503, 503, 503, 503]),
    ],
)
def test_a_fault_happens_when_it_is_due(call: Call, steer: Call, when: Any, expected: list[int]) -> None:
    steer("POST", "/faults", fault(when=when))

    assert statuses(call, *[LIST] * 4) == expected


def test_chances_repeat_with_their_seed(call: Call, steer: Call) -> None:
    def run(seed: int) -> list[int]:
        steer("PUT", "/faults", {"faults": [fault(when={"probability": 0.5, "seed": seed})]})
        return statuses(call, *[LIST] * 30)

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert set(run(1)) == {200, 503}


def test_faults_of_the_start_are_those_of_every_tenant_and_come_back_with_a_reset() -> None:
    rules = [fault(match={"tenant": "one"}), fault(502, match={"path": "/jobs"})]
    with InProcess(create_app(Tenants(faults=rules))) as server:
        targets = (f"/t/one{LIST}", f"/t/two{LIST}", "/t/two/jobs")
        seen = [server.send("GET", target, KEY)[0] for target in targets]
        server.send("DELETE", "/t/one/__mock__/faults")
        seen.append(server.send("GET", f"/t/one{LIST}", KEY)[0])
        server.send("POST", "/t/one/__mock__/reset")
        seen.append(server.send("GET", f"/t/one{LIST}", KEY)[0])

    assert seen == [503, 200, 502, 200, 503]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({}, "$.effect is missing (a non-empty object)"),
        ({"effect": {}}, "$.effect is an empty object, expected a non-empty object"),
        ({"effect": {"latencyy": 1}}, "$.effect.latencyy is unknown, expected one of the fields latency, status, "),
        ({"effect": {"latency": -1}}, "$.effect.latency is -1, expected a number from 0 to 3600"),
        ({"effect": {"status": 99}}, "$.effect.status is 99, expected an integer from 200 to 599"),
        (
            fault(match={"operationId": "listDataSource"}),
            "there is no operation 'listDataSource'; the nearest is listDataSources",
        ),
        (fault(when={"probability": 2}), "$.when.probability is 2, expected a number from 0 to 1"),
        ({"effect": {"headers": {"X\r\nY": "z"}}}, "'X\\r\\nY' is no name of a header"),
        ({"effect": {"headers": {"Straße": "z"}}}, "'Straße' is no name of a header"),
        ({"effect": {"headers": {"Content-Length": 3}}}, "the header Content-Length follows from the body; `truncate`"),
        ({"effect": {"latency": {"min": 2, "max": 1}}}, "the latency is at least 2 and at most 1; exchange the two"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(steer: Call, rule: Any, message: str) -> None:
    status, answer = steer("POST", "/faults", rule)

    assert (status, answer["message"].startswith(f"Bad request: {message}")) == (400, True), answer["message"]
    assert steer("GET", "/faults")[1] == {"faults": []}


# Effects


def raw(server: InProcess, target: str = LIST, *headers: tuple[str, str]) -> tuple[int, dict[str, str], bytes]:
    status, answered, body = server.send("GET", target, [*KEY, *headers])
    return status, dict(answered), body


def test_a_status_alone_answers_in_the_one_shape(server: InProcess, steer: Call) -> None:
    steer("POST", "/faults", fault(503))

    status, headers, body = raw(server)

    assert (status, headers["content-type"], headers["content-length"]) == (503, "application/json", str(len(body)))
    message = "A fault was asked for."
    assert json.loads(body) == {"statusCode": 503, "error": "Service Unavailable", "message": message}


@pytest.mark.parametrize(
    ("body", "media_type", "sent"),
    [
        ({"any": ["thing"]}, "application/json", b'{"any":["thing"]}'),
        ("<h1>Bad Gateway</h1>", "text/plain; charset=utf-8", b"<h1>Bad Gateway</h1>"),
        ("{}", "application/json", b"{}"),
        (None, "application/json", b"null"),
        ("", "text/plain; charset=utf-8", b""),
    ],
)
def test_a_status_comes_with_any_body(server: InProcess, steer: Call, body: Any, media_type: str, sent: bytes) -> None:
    effect = {"status": 502, "body": body, "headers": {"Retry-After": "7"}}
    steer("POST", "/faults", {"effect": effect})

    status, headers, answer = raw(server)

    assert (status, headers["content-type"], answer, headers["retry-after"]) == (502, media_type, sent, "7")


def test_a_status_without_body_has_none(server: InProcess, steer: Call) -> None:
    steer("POST", "/faults", fault(204, match={"path": LIST}))

    assert raw(server)[::2] == (204, b"")


def test_a_request_that_a_fault_answers_is_not_carried_out(call: Call, steer: Call, create_body: Any) -> None:
    steer("POST", "/faults", fault(match={"method": "POST"}))

    assert call("POST", "/snowflake/handler", create_body())[0] == 503
    assert call("GET", LIST)[1]["count"] == 0


def test_a_rate_limit_passes_so_many_and_says_when_to_come_again(server: InProcess, call: Call, steer: Call) -> None:
    steer("POST", "/time/freeze")
    steer("POST", "/faults", {"effect": {"rateLimit": {"requests": 2, "seconds": 10}}})

    first = statuses(call, LIST)
    steer("POST", "/time/advance", {"seconds": 4})
    then = statuses(call, LIST, LIST)
    status, headers, body = raw(server)
    steer("POST", "/time/advance", {"seconds": 6})
    last = statuses(call, LIST, LIST)

    assert (first, then, last) == ([200], [200, 429], [200, 429])
    assert (status, headers["retry-after"], json.loads(body)["error"]) == (429, "6", "Too Many Requests")


def test_what_else_an_effect_says_happens_to_those_above_its_rate_limit(server: InProcess, steer: Call) -> None:
    more = {"body": "slow down", "headers": {"X-Limit": 1}}
    steer("POST", "/faults", {"effect": {"rateLimit": {"requests": 1, "seconds": 60}, **more}})

    good, late = raw(server), raw(server)

    assert (good[0], "x-limit" in good[1], good[2]) == (200, False, b'{"hits":[],"count":0}\n')
    assert (late[0], late[1]["x-limit"], late[1]["retry-after"], late[2]) == (429, "1", "60", b"slow down")


def test_an_answer_is_spoilt(server: InProcess, steer: Call) -> None:
    good = raw(server)[2]
    steer("POST", "/faults", {"effect": {"malformed": True, "contentType": "text/html", "headers": {"X-A": "b"}}})

    status, headers, body = raw(server)

    assert (status, headers["content-type"], headers["x-a"], body) == (200, "text/html", "b", good.rstrip()[:-1])
    assert headers["content-length"] == str(len(body))
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(body)


def test_a_refusal_is_spoilt_as_any_answer(server: InProcess, steer: Call) -> None:
    steer("POST", "/faults", {"effect": {"contentType": "text/html"}})

    assert raw(server, "/nowhere")[1]["content-type"] == "text/html"


def test_tokens_of_the_caller_expire(call: Call, steer: Call) -> None:
    keys = ("owner-key-local-only", "reader-key-local-only")
    owner, reader = (call("POST", "/bim/apikey/authenticate", {"apikey": key})[1]["token"] for key in keys)
    steer("POST", "/faults", {"effect": {"expireTokens": True}, "when": {"times": 1}})

    assert [call("GET", LIST, None, {"authorization": token})[0] for token in (owner, owner, reader)] == [401, 401, 200]


def test_a_caller_whom_nobody_knows_lets_no_token_expire(call: Call, steer: Call) -> None:
    token = call("POST", "/bim/apikey/authenticate", {"apikey": "owner-key-local-only"})[1]["token"]
    steer("POST", "/faults", {"effect": {"expireTokens": True}, "when": {"times": 1}})

    assert [call("GET", LIST, None, {"authorization": key})[0] for key in ("unknown", token)] == [401, 200]


def test_several_faults_happen_together(server: InProcess, steer: Call) -> None:
    for effect in ({"contentType": "text/html"}, {"status": 503}, {"status": 500, "contentType": "x/y"}):
        steer("POST", "/faults", {"effect": effect})

    status, headers, _ = raw(server)

    assert (status, headers["content-type"]) == (503, "text/html")


@pytest.mark.parametrize(
    ("reset", "created"), [("request", 0), ("answer", 1)], ids=["before it is carried out", "after"]
)
def test_in_process_a_reset_is_an_error_of_the_connection(
    server: InProcess, call: Call, steer: Call, create_body: Any, reset: str, created: int
) -> None:
    steer("POST", "/faults", {"effect": {"reset": reset}, "match": {"method": "POST"}})

    with pytest.raises(ConnectionResetError, match="a fault has reset the connection"):
        server.send("POST", "/snowflake/handler", KEY, json.dumps(create_body()).encode())

    assert call("GET", LIST)[1]["count"] == created


def test_in_process_a_cut_answer_is_an_error_of_the_connection(server: InProcess, steer: Call) -> None:
    steer("POST", "/faults", {"effect": {"truncate": 5}})

    with pytest.raises(ConnectionAbortedError, match="a fault has cut the answer off"):
        server.send("GET", LIST, KEY)


def test_latency_holds_up_no_other_request() -> None:
    app = create_app(Tenants(faults=[{"effect": {"latency": 30}, "match": {"path": "/jobs"}}]))

    async def scene() -> tuple[int, bool]:
        slow = asyncio.create_task(exchange(app, "GET", "/jobs", KEY))
        await asyncio.sleep(0)
        status, _, _ = await exchange(app, "GET", LIST, KEY)
        waiting = not slow.done()
        slow.cancel()
        return status, waiting

    assert asyncio.run(asyncio.wait_for(scene(), 20)) == (200, True)


@pytest.mark.parametrize(
    ("latency", "least", "most"),
    [(0.25, 0.25, 0.25), ({"min": 1, "max": 2}, 1, 2), ({"median": 1, "sigma": 0}, 1, 1)],
)
def test_latencies_are_drawn_as_described(latency: Any, least: float, most: float) -> None:
    from immuta_mock.injection.rules import Circumstances, Rule

    rule = Rule({"effect": {"latency": latency}})
    request = Circumstances("listDataSources", "GET", LIST, "default", lambda: None, Store().clock())

    drawn = []
    for _ in range(50):
        rule, effect = rule.met(request)
        drawn.append(effect["latency"] if effect else -1)

    assert (len(drawn), [each for each in drawn if not least <= each <= most]) == (50, [])
    assert len({round(each, 9) for each in drawn}) == (50 if least < most else 1)


# Asked for by the request


def prefer(server: InProcess, value: str) -> tuple[int, dict[str, str], bytes]:
    return raw(server, LIST, ("prefer", value))


def test_a_request_asks_for_its_own_fault_and_is_told_that_it_was_heard(server: InProcess) -> None:
    status, headers, body = prefer(
        server, 'respond-async, MOCK-status=503; mock-ignored, mock-content-type=text/html,mock-body="a, \\"b\\""'
    )

    assert (status, headers["content-type"], body) == (503, "text/html", b'a, "b"')
    assert headers["preference-applied"] == "mock-status, mock-content-type, mock-body"
    assert raw(server)[0] == 200


@pytest.mark.parametrize("value", ["", "wait=10", "respond-async; x=1, return=minimal", "handling=lenient"])
def test_preferences_of_others_are_passed_over(server: InProcess, value: str) -> None:
    status, headers, _ = prefer(server, value)

    assert (status, "preference-applied" in headers) == (200, False)


def test_a_preference_with_parameters_is_an_object(server: InProcess) -> None:
    status, headers, _ = prefer(
        server, "mock-drip; bytes=5; seconds=0, mock-headers; Retry-After=3, mock-latency; max=0"
    )

    assert (status, headers["preference-applied"]) == (200, "mock-drip, mock-headers, mock-latency")
    assert headers["retry-after"] == "3"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("mock-status=x", 'the header Prefer: $.status is "x", expected an integer from 200 to 599'),
        ("mock-latncy=1", "the header Prefer: $.latncy is unknown, expected one of the fields latency, "),
        ("mock-status==5", "the header Prefer has '=' where a ',' or ';' should be"),
        (",", "the header Prefer lacks a name; it is like 'mock-latency=0.5, mock-status=503'"),
        ("mock-rate-limit; requests=1; seconds=1", "the header Prefer: a rate limit is about many requests; add it as"),
        ("mock-headers; X@=1", "'X@' is no name of a header"),
    ],
)
def test_a_preference_of_ours_that_cannot_be_is_refused(server: InProcess, value: str, message: str) -> None:
    status, _, body = prefer(server, value)

    assert (status, json.loads(body)["message"].startswith(f"Bad request: {message}")) == (400, True), body


def test_a_fault_may_be_asked_for_in_the_tenants_own_time(store: Store) -> None:
    store.advance(timedelta(days=1))
    with InProcess(create_app(store)) as server:
        assert prefer(server, "mock-status=418")[0] == 418
