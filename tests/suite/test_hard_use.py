"""What many clients, and bad ones, do to a mock: races for names, work half done, heads that do not end, no handles."""

import http.client
import json
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from immuta_mock import create_app
from immuta_mock.serving import Server, bind
from immuta_mock.testing.loop import LoopThread
from running import PATIENCE, Running, Start, starting

pytestmark = pytest.mark.long

KEY = "owner-key-local-only"
HEAD = b" HTTP/1.1\r\nHost: x\r\nAuthorization: owner-key-local-only\r\n"
GET = b"GET /dataSource" + HEAD + b"\r\n"
SLOW = b"GET /dataSource" + HEAD + b"Prefer: mock-latency=1\r\n\r\n"
PUT = b"PUT /dictionary/1" + HEAD + b'Content-Length: 15\r\n\r\n{"metadata":[]}'
FOLLOW = b"GET /__mock__/journal/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
THREADS = 64
SETTINGS = {"blobHandlerType": "x", "recordFormat": "", "type": "queryable"}
on_linux = pytest.mark.skipif(
    not hasattr(resource, "prlimit"), reason="of another process only Linux tells and sets it"
)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with starting(tmp_path) as start:
        yield start


@pytest.fixture
def mock(start: Start) -> Running:
    return start("--quiet")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A mock for tests that make nothing."""
    with starting(tmp_path_factory.mktemp("shared")) as start:
        yield start("--quiet")


def several(names: list[str], database: str) -> dict[str, Any]:
    shared = {"hostname": "h", "username": "u", "database": database}
    return {
        "handler": [{"metadata": {**shared, "table": name, "dataSourceName": name}} for name in names],
        "dataSource": SETTINGS,
    }


def port(mock: Running) -> int:
    return int(mock.url.rpartition(":")[2])


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def until_end(connection: socket.socket) -> bytes:
    """All that comes until the other side ends the connection, in whatever way."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def statuses(answers: bytes) -> list[int]:
    return [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]]


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """What each of the threads comes to, all of which begin together."""
    together = threading.Barrier(THREADS)

    def one(number: int) -> Any:
        together.wait(PATIENCE)
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def test_of_64_that_create_the_same_name_at_once_exactly_one_does(mock: Running) -> None:
    answers = at_once(lambda number: mock.call("POST", "/asa/handler", several(["same"], f"d{number}")))

    assert sorted(status for status, _ in answers) == [200] + [422] * (THREADS - 1)
    assert {body["validation"][0]["code"] for status, body in answers if status == 422} == {"unique"}
    assert mock.call("GET", "/dataSource")[1]["count"] == 1


def test_64_that_create_at_once_get_ids_of_their_own(mock: Running) -> None:
    answers = at_once(lambda number: mock.call("POST", "/asa/handler", several([f"n{number}"], "d")))

    assert [status for status, _ in answers] == [200] * THREADS
    assert [len({body[field] for _, body in answers}) for field in ("id", "dataSourceId")] == [THREADS, THREADS]


def test_readers_see_what_is_created_or_updated_together_whole_or_not_at_all(mock: Running) -> None:
    seen: set[tuple[str, int, int]] = set()
    done = threading.Event()

    def write() -> None:
        for turn in range(20):
            names = [f"{turn}-{number}" for number in range(25)]
            assert mock.call("POST", "/trino/handler", several(names, f"d{turn}"))[0] == 200
            body = {"connectionString": f"u@h:443/d{turn}", "handler": {"metadata": {"schema": "changed"}}}
            assert mock.call("PUT", "/trino/bulk", body)[1]["jobsCreated"] == 25
        done.set()

    def read() -> None:
        while not done.is_set():
            groups: dict[str, list[str | None]] = {}
            for source in mock.call("GET", "/__mock__/state", Authorization="")[1]["dataSources"]:
                metadata = source["metadata"]
                groups.setdefault(metadata["database"], []).append(metadata.get("schema"))
            seen.update((database, len(found), len(set(found))) for database, found in groups.items())

    with ThreadPoolExecutor(5) as pool:
        for each in [pool.submit(write), *[pool.submit(read) for _ in range(4)]]:
            each.result()

    assert {(size, kinds) for _, size, kinds in seen} == {(25, 1)}


def test_others_are_served_beside_heads_that_do_not_end_and_connections_that_say_nothing(shared: Running) -> None:
    with ExitStack() as stack:
        bad = [stack.enter_context(closing(connect(port(shared)))) for _ in range(600)]
        for number, connection in enumerate(bad):
            connection.sendall([b"", b"GET /dataSource HTTP/1.1\r\nX-", PUT[:-3], b"\x16\x03"][number % 4])
        for connection in bad[1::4]:
            connection.sendall(b"a")
        for connection in bad[2::4]:
            connection.shutdown(socket.SHUT_WR)

        assert shared.call("GET", "/dataSource") == (200, {"hits": [], "count": 0})
        assert {until_end(connection) for connection in bad[2::4]} == {b""}


@pytest.mark.parametrize(
    "begun", [b"GET /a HTTP/1.1\r\nX-Long: ", PUT[:20] + b"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "]
)
def test_a_header_that_does_not_end_is_refused(shared: Running, begun: bytes) -> None:
    with closing(connect(port(shared))) as connection:
        connection.sendall(begun)
        with pytest.raises(OSError, match=r"reset|[Bb]roken"):  # noqa: PT012  # which of them fails depends
            for _ in range(1000):
                connection.sendall(b"a" * 65536)

    assert shared.call("GET", "/dataSource")[0] == 200


@pytest.mark.parametrize(
    ("sent", "answered"),
    [(GET, [200]), (PUT, [404]), (SLOW, [200]), (FOLLOW, [200]), (GET + PUT + SLOW + PUT, [200, 404, 200, 404])],
)
def test_who_has_said_all_still_hears_all(shared: Running, sent: bytes, answered: list[int]) -> None:
    with closing(connect(port(shared))) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)

        assert statuses(until_end(connection)) == answered


def test_requests_of_one_piece_are_answered_in_their_order(shared: Running) -> None:
    with closing(connect(port(shared))) as connection:
        last = b"GET /nowhere" + HEAD + b"Connection: close\r\n\r\n"
        connection.sendall(SLOW + PUT + GET * 50 + PUT + last)

        assert statuses(until_end(connection)) == [200, 404, *[200] * 50, 404, 404]


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n",
        b"Content-Length: +4\r\n",
    ],
)
def test_a_body_that_may_end_in_two_places_is_refused_and_nothing_behind_it_is_read(
    shared: Running, lines: bytes
) -> None:
    with closing(connect(port(shared))) as connection:
        connection.sendall(b"PUT /dictionary/1" + HEAD + lines + b"\r\n0\r\n\r\n" + GET)

        assert statuses(until_end(connection)) == [400]


@pytest.fixture
def impatient() -> Iterator[int]:
    """The port of a server that waits for a head for half a second."""
    loop, started, listener = LoopThread(), threading.Event(), bind("127.0.0.1", 0)
    server = Server(create_app(), started.set, seconds_for_head=0.5)
    serving = loop.start(server.serve(sockets=[listener]))
    assert started.wait(PATIENCE)
    yield listener.getsockname()[1]
    server.should_exit = True
    serving.result(PATIENCE)


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"", []),
        (GET[:-2], []),
        (GET + b"\r\n", [200]),
        (GET + GET[:-2], [200]),
        (b"GET /dataSource" + HEAD + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + GET[:-2], [200]),
    ],
)
def test_a_connection_that_waits_for_a_head_in_vain_is_ended(impatient: int, sent: bytes, answered: list[int]) -> None:
    with closing(connect(impatient)) as connection:
        connection.sendall(sent)

        assert statuses(until_end(connection)) == answered


def test_a_request_that_is_there_may_take_its_time(impatient: int) -> None:
    with closing(connect(impatient)) as connection:
        connection.sendall(SLOW.replace(b"=1", b"=2.5").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

        assert statuses(until_end(connection)) == [200]


def handles(mock: Running) -> int:
    return len(list(Path(f"/proc/{mock.process.pid}/fd").iterdir()))


def settled(mock: Running, number: int) -> int:
    """How many file handles there are, after waiting for that many."""
    deadline = time.monotonic() + PATIENCE
    while (found := handles(mock)) != number and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


@on_linux
def test_file_handles_are_given_back(mock: Running) -> None:
    before = handles(mock)

    with ExitStack() as stack:
        kept = [stack.enter_context(closing(connect(port(mock)))) for _ in range(300)]
        for number, connection in enumerate(kept):
            connection.sendall([GET, GET[:-2], PUT[:-2], b"", SLOW, b"GET /journal" + HEAD + b"\r\n"][number % 6])
        during = settled(mock, before + 300)
    for _ in range(3):
        at_once(lambda _: mock.call("GET", "/nowhere"))

    assert (during, settled(mock, before)) == (before + 300, before)


@on_linux
def test_without_a_file_handle_left_those_who_are_connected_are_served_and_others_later(mock: Running) -> None:
    before = handles(mock)
    first = http.client.HTTPConnection("127.0.0.1", port(mock), timeout=PATIENCE)
    first.connect()
    hard = resource.prlimit(mock.process.pid, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(mock.process.pid, resource.RLIMIT_NOFILE, (40, hard))
    with ExitStack() as stack:
        crowd = [stack.enter_context(closing(connect(port(mock)))) for _ in range(100)]
        crowd[-1].sendall(GET)
        turned_away = statuses(until_end(crowd[-1]))
        first.request("GET", "/dataSource", headers={"Authorization": KEY})
        served = json.loads(first.getresponse().read())
    first.close()
    settled(mock, before)

    assert (turned_away, served) == ([], {"hits": [], "count": 0})
    assert mock.call("GET", "/dataSource")[0] == 200
    assert "Traceback" not in mock.stop()


@on_linux
def test_it_takes_as_many_file_handles_as_it_may(start: Start) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    try:
        mock = start("--quiet")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert resource.prlimit(mock.process.pid, resource.RLIMIT_NOFILE) == (hard, hard)
