"""Following a journal: server-sent events over HTTP that hold up nothing, resume, and end with the server."""

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from immuta_mock.cli import main
from immuta_mock.control import Control, ControlError, streaming
from immuta_mock.control.feed import MOST_AT_ONCE
from immuta_mock.control.streaming import MOST_CLIENTS, Feed, Streams, event

PATIENCE = 20
Event = tuple[str, str | None, Any]
Start = Callable[..., Any]


class Follower:
    """A client that follows the journal of a tenant."""

    def __init__(self, live: Any, tenant: str, last_id: str | None = None) -> None:
        self._connection: http.client.HTTPConnection = live.connect()
        sent = {} if last_id is None else {"Last-Event-ID": last_id}
        self._connection.request("GET", f"/t/{tenant}/__mock__/journal/events", headers=sent)
        self.answer = self._connection.getresponse()

    def next(self) -> Event:
        """The name, id and data of the next event."""
        lines = iter(lambda: self.answer.readline().decode().rstrip("\n"), "")
        fields = dict(line.split(": ", 1) for line in lines)
        return fields["event"], fields.get("id"), json.loads(fields["data"])

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


Follow = Callable[..., Follower]


@pytest.fixture
def follow(live: Any) -> Iterator[Follow]:
    followers: list[Follower] = []

    def follow(tenant: str, last_id: str | None = None) -> Follower:
        followers.append(Follower(live, tenant, last_id))
        return followers[-1]

    yield follow
    for follower in followers:
        follower.close()


def paths(events: list[Event]) -> list[tuple[str, str | None]]:
    return [(name, data.get("path")) for name, _, data in events]


def test_an_event_is_a_name_an_id_and_one_line_of_data() -> None:
    assert event("entry", {"a": "x\ny"}, "p-1") == b'event: entry\nid: p-1\ndata: {"a":"x\\ny"}\n\n'
    assert event("begin", {}) == b"event: begin\ndata: {}\n\n"


def test_requests_are_told_as_they_come_after_those_that_are_there(live: Any, follow: Follow) -> None:
    live.call("GET", "/t/follow/dataSource/1")
    follower = follow("follow")
    first = [follower.next(), follower.next()]

    live.call("GET", "/t/follow/dataSource/2")
    first.append(follower.next())

    assert dict(follower.answer.getheaders())["content-type"] == "text/event-stream"
    assert paths(first) == [("begin", None), ("entry", "/dataSource/1"), ("entry", "/dataSource/2")]
    assert first[1][2] == live.call("GET", "/t/follow/__mock__/journal?limit=2")[1][0]


def test_at_first_all_is_told_and_then_so_much_at_once(live: Any, follow: Follow) -> None:
    begun = MOST_AT_ONCE + 50
    for _ in range(begun):
        live.call("GET", "/t/much/dataSource/1")
    follower = follow("much")

    told = [follower.next()[1] for _ in range(1 + begun)]

    assert [event_id and event_id.partition("-")[2] for event_id in told] == [None, *map(str, range(1, begun + 1))]


def test_other_tenants_are_not_told_of(live: Any, follow: Follow) -> None:
    follower = follow("mine")
    live.call("GET", "/t/theirs/dataSource")
    live.call("GET", "/t/mine/dataSource/7")

    names = [follower.next()[0]]
    while (found := follower.next())[0] == "changed":
        names.append(found[0])

    assert found[2]["path"] == "/dataSource/7"


def test_who_comes_back_is_told_what_came_meanwhile(live: Any, follow: Follow) -> None:
    for number in (1, 2, 3):
        live.call("GET", f"/t/resume/dataSource/{number}")
    events = [follower.next() for follower in [follow("resume")] for _ in range(4)]

    again = follow("resume", events[2][1])

    assert paths([again.next()]) == [("entry", "/dataSource/3")]


@pytest.mark.parametrize("last_id", ["", "x", "0123456789ab-2", "-", f"a-{'9' * 5000}"])
def test_an_id_of_another_journal_begins_anew(live: Any, follow: Follow, last_id: str) -> None:
    live.call("GET", "/t/anew/dataSource/1")

    assert follow("anew", last_id).next()[0] == "begin"


def test_an_emptied_journal_begins_anew(live: Any, follow: Follow) -> None:
    live.call("GET", "/t/emptied/dataSource/1")
    follower = follow("emptied")
    told = [follower.next(), follower.next()]

    live.call("DELETE", "/t/emptied/__mock__/journal")
    told += [follower.next(), follower.next()]
    live.call("GET", "/t/emptied/dataSource/2")
    told.append(follower.next())

    names = ["begin", "entry", "begin", "changed", "entry"]
    assert ([name for name, _, _ in told], told[-1][2]["path"]) == (names, "/dataSource/2")


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("POST", "/t/changed/__mock__/faults", {"effect": {"status": 503}}),
        ("PUT", "/t/changed/__mock__/snapshots/s", None),
        ("POST", "/t/changed/__mock__/users", {"name": "n", "key": "n-key", "profile": 77}),
        ("GET", "/t/changed-other/__mock__/health", None),
    ],
)
def test_a_change_that_is_no_request_is_told(live: Any, follow: Follow, method: str, target: str, body: Any) -> None:
    follower = follow("changed")
    assert follower.next()[0] == "begin"

    live.call(method, target, body)

    assert follower.next() == ("changed", None, {})


def test_a_follower_of_a_tenant_that_is_removed_ends(live: Any, follow: Follow) -> None:
    follower = follow("removed")
    follower.next()

    live.call("DELETE", "/__mock__/tenants/removed")

    assert follower.answer.read().count(b"event: entry") == 0


def test_followers_are_bounded_in_number_and_make_room_when_they_go(follow: Follow) -> None:
    followers = [follow("many") for _ in range(MOST_CLIENTS)]
    refused = follow("many")

    assert [follower.answer.status for follower in followers] == [200] * MOST_CLIENTS
    message = "16 clients follow already, which is the most; end one of them."
    assert (refused.answer.status, json.loads(refused.answer.read())["message"]) == (429, message)
    for follower in followers:
        follower.close()
    deadline = time.monotonic() + PATIENCE
    while follow("many").answer.status != 200:
        assert time.monotonic() < deadline


def test_the_server_ends_in_time_although_some_follow(start: Start) -> None:
    live = start()
    with closing(Follower(live, "idle")) as idle, socket.create_connection(("127.0.0.1", live.port)) as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # and takes nothing of what it is sent
        stuck.sendall(b"GET /__mock__/journal/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for _ in range(300):
            live.call("POST", "/jobs/statuses", {"jobIds": ["x" * 20_000]})

        assert (live.stop(), [line for line in live.said.splitlines() if "ERROR" in line]) == (0, [])
        assert idle.answer.read().startswith(b"event: begin")


def streamed(feed: Feed, receive: Any, send: Any) -> None:
    """Serve a feed to a client of the test's own; it has to come to an end."""
    asyncio.run(asyncio.wait_for(Streams().serve(feed, {"type": "http"}, receive, send), PATIENCE))


class Silence:
    """A feed that has something to say once, if at all."""

    def __init__(self, *news: bytes) -> None:
        self._news = list(news)

    async def is_ready(self) -> bool:
        return True

    def news(self) -> list[bytes]:
        news, self._news = self._news, []
        return news

    def is_over(self) -> bool:
        return False


def test_silence_is_broken_by_a_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT", 0.0)
    sent: list[bytes] = []
    gone = asyncio.Event()

    async def receive() -> Any:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))
        if len(sent) == 3:
            gone.set()

    streamed(Silence(), receive, send)

    assert sent[:3] == [b"", b": nothing new\n\n", b": nothing new\n\n"]


def test_a_client_that_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "PATIENCE", 0.01)
    sent: list[str] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message["type"])
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    streamed(Silence(b"x"), receive, send)

    assert sent == ["http.response.start", "http.response.body", "http.response.body"]


def test_a_feed_that_fails_is_our_bug_and_no_silent_end() -> None:
    class Failing(Silence):
        def news(self) -> list[bytes]:
            raise KeyError("bug")

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(_message: Any) -> None:
        pass

    with pytest.raises(KeyError):
        streamed(Failing(), receive, send)


def test_the_client_follows(live: Any) -> None:
    live.call("GET", "/t/client/dataSource/1")
    with Control(live.url, tenant="client") as control:
        entries = control.follow()
        first = next(entries)
        live.call("GET", "/t/client/dataSource/2")

        assert [first["path"], next(entries)["path"]] == ["/dataSource/1", "/dataSource/2"]
        control.remove_tenant("client")
        assert list(entries) == []


def test_the_client_says_in_one_line_that_there_is_nothing_to_follow() -> None:
    with pytest.raises(ControlError, match=r"^no mock answers at"):
        next(Control("http://127.0.0.1:1").follow())


def test_the_command_prints_a_line_for_each_entry(live: Any, capsys: pytest.CaptureFixture[str]) -> None:
    live.call("GET", "/t/command/dataSource/1")
    removal = threading.Timer(1, live.call, ("DELETE", "/__mock__/tenants/command"))
    removal.start()

    code = main(["ctl", "--url", live.url, "--tenant", "command", "follow-journal"])

    removal.join()
    assert (code, [json.loads(line)["path"] for line in capsys.readouterr().out.splitlines()]) == (0, ["/dataSource/1"])
