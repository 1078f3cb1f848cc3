"""Mocks that share a store: what one is told the others know, in trouble too; workers; starts that are refused."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import trustme
from redis import Redis

from immuta_contracts.target import KEY_VARIABLES, MOCK_KEYS
from immuta_mock.cli import main
from immuta_mock.sharing import Shared, SharedTenants
from immuta_mock.tenants import NoSuchTenant
from redis_server import COMMAND, MISSING, RedisServer, redis_server
from running import PATIENCE, Running, Start, starting
from store_trial import hold_up, kill, several, trial

pytestmark = pytest.mark.skipif(COMMAND is None, reason=MISSING)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with starting(tmp_path) as start:
        yield start


@pytest.fixture
def url(redis: RedisServer) -> str:
    return redis.url(uuid4().hex)


@pytest.fixture
def mocks(start: Start, url: str) -> tuple[Running, Running]:
    return start("--quiet", "--store", url), start("--quiet", "--store", url)


@pytest.fixture
def shares(url: str) -> Iterator[Callable[..., tuple[Shared, SharedTenants]]]:
    """Makes the tenants of one more process."""
    opened: list[Shared] = []

    def share(**options: Any) -> tuple[Shared, SharedTenants]:
        opened.append(Shared(url))
        return opened[-1], SharedTenants(opened[-1], **options)

    yield share
    for each in opened:
        each.server.close()


# Trouble


def test_nothing_is_lost_twice_or_half_done_while_the_server_is_held_up_and_killed(tmp_path: Path) -> None:
    with trial(tmp_path, clients=8, processes=2) as found:
        seen = found.run(12, [hold_up, kill])

    assert min(seen[200], seen[422], seen[503]) > 0, seen


def test_without_its_server_a_mock_answers_503_and_goes_on_by_itself(start: Start, tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        mock = start("--quiet", "--store", server.url())
        mock.call("POST", "/snowflake/handler", several(["kept"], "d"))
        server.kill()
        answers = [mock.call("GET", "/dataSource"), mock.call("GET", "/__mock__/health")]
        server.start_again()
        after = mock.call("GET", "/dataSource")[1]["count"]

    told = "The mock cannot reach its store: there is no connection to it. Nothing has changed; send it again later."
    assert answers == [(503, {"statusCode": 503, "error": "Service Unavailable", "message": told})] * 2
    assert after == 1


def test_a_server_may_speak_tls_and_ask_for_a_password(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ca, others = trustme.CA(), trustme.CA()
    certificate = ca.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    others.cert_pem.write_to_path(tmp_path / "others.pem")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = str(tmp_path / "server.pem")
    tls = ["--tls-port", str(port), "--tls-cert-file", server, "--tls-key-file", server]
    tls += ["--tls-ca-cert-file", str(tmp_path / "ca.pem"), "--tls-auth-clients", "no"]
    with redis_server(tmp_path, more=[*tls, "--user", "mock", "on", ">s3cret", "~*", "+@all"]):
        place = f"rediss://mock:s3cret@localhost:{port}/0?ssl_ca_certs={tmp_path}"
        one, other = (start("--quiet", "--store", f"{place}/ca.pem") for _ in range(2))
        several_at_once = [f"n{number}" for number in range(200)]  # more than one record of TLS holds
        made = one.call("POST", "/snowflake/handler", several(several_at_once, "d"))
        found = other.call("GET", "/dataSource?size=1")
        code = main(["--port", "0", "--store", f"{place}/others.pem"])

    assert (made[0], found[1]["count"], code) == (200, 200, 2)
    why = "there is no connection to it; start Redis or Valkey there, or name another one"
    assert capsys.readouterr().err == f"immuta-mock: store rediss://localhost:{port}/0: {why}\n"


def test_what_the_server_has_lost_begins_anew_in_every_mock(mocks: tuple[Running, Running], redis: RedisServer) -> None:
    for mock in mocks:
        mock.call("POST", "/t/one/snowflake/handler", several([mock.url], mock.url))
    with Redis(port=redis.port) as client:
        client.flushall()

    assert [mock.call("GET", "/t/one/dataSource")[1]["count"] for mock in mocks] == [0, 0]
    assert mocks[0].call("POST", "/t/one/snowflake/handler", several(["new"], "d"))[1]["dataSourceId"] == 1
    assert mocks[1].call("GET", "/t/one/dataSource")[1]["count"] == 1


# What is shared


def test_faults_count_the_requests_to_all_mocks(mocks: tuple[Running, Running]) -> None:
    one, other = mocks
    one.call("POST", "/__mock__/faults", {"effect": {"status": 418}, "when": {"times": 3}})
    limit = {"effect": {"rateLimit": {"requests": 4, "seconds": 60}}, "match": {"path": "/bim/*"}}
    other.call("PUT", "/__mock__/faults/limit", limit)
    one.call("POST", "/__mock__/time/freeze")

    statuses = [mock.call("GET", "/bim/rpc/user/current")[0] for _ in range(5) for mock in mocks]
    shown = other.call("GET", "/__mock__/faults")[1]["faults"]
    one.call("POST", "/__mock__/reset")

    assert (statuses.count(418), statuses.count(200), statuses.count(429)) == (3, 1, 6)
    assert [(fault["id"], fault["seen"], fault["applied"]) for fault in shown] == [("fault-1", 10, 3), ("limit", 10, 6)]
    assert other.call("GET", "/__mock__/faults")[1]["faults"] == []


def test_the_journal_has_the_requests_to_all_mocks(mocks: tuple[Running, Running]) -> None:
    one, other = mocks
    for mock in (one, other, one):
        mock.call("GET", "/dataSource")
    one.call("POST", "/dictionary/1", {"columns": [{"name": "password"}]})
    found = other.call("GET", "/__mock__/journal")[1]
    verified = one.call("POST", "/__mock__/journal/verify", {"operation": "listDataSources", "times": 3})[1]
    exported = other.call("GET", "/__mock__/journal/har")[1]["log"]["entries"]
    one.call("DELETE", "/__mock__/journal")

    assert [(entry["id"], entry["operation"], entry["status"], entry["verdict"]) for entry in found] == [
        *[(number, "listDataSources", 200, "valid") for number in (1, 2, 3)],
        (4, "createDictionary", 400, "invalid"),
    ]
    assert (verified["ok"], len(exported)) == (True, 4)
    assert other.call("GET", "/__mock__/journal") == (200, [])


def test_whoever_follows_one_mock_hears_of_requests_to_another(mocks: tuple[Running, Running]) -> None:
    connection = http.client.HTTPConnection(mocks[0].url.removeprefix("http://"), timeout=PATIENCE)
    connection.request("GET", "/__mock__/journal/events")
    response = connection.getresponse()
    lines = iter(response.readline, b"")
    begun = next(line for line in lines if line.startswith(b"event"))
    mocks[1].call("GET", "/dataSource")
    entry = next(line for line in lines if line.startswith(b'data: {"id"'))
    mocks[1].call("POST", "/__mock__/time/freeze")
    changed = next(line for line in lines if line == b"event: changed\n")
    connection.close()

    assert (begun, json.loads(entry[6:])["operation"], bool(changed)) == (b"event: begin\n", "listDataSources", True)


def test_a_job_completes_alike_in_every_mock(start: Start, url: str) -> None:
    one, other = [start("--quiet", "--store", url, "--job-seconds", "100") for _ in range(2)]
    bulk = one.call("POST", "/snowflake/handler", several(["a", "b"], "d"))[1]["bulkId"]
    before = other.call("GET", f"/jobs?bulkId={bulk}")[1]
    other.call("POST", "/__mock__/time/advance", {"seconds": 101})
    after = [mock.call("GET", f"/jobs?bulkId={bulk}")[1] for mock in (one, other)]

    assert {job["state"] for job in before} == {"active"}
    assert {job["state"] for job in after[0]} == {"completed"}
    assert after[0] == after[1]


# Tenants


def test_tenants_are_made_used_and_removed_by_any_process(
    shares: Callable[..., tuple[Shared, SharedTenants]],
) -> None:
    (_, one), (shared, other) = shares(), shares()
    one.find("a").store.save("kept")
    first = other.find("a").store.snapshots()
    one.remove("a")
    shared.look()

    assert (first, other.names(), one.names()) == ({"kept": 0}, ("default",), ("default",))
    assert other.find("a").store.snapshots() == {}
    with pytest.raises(NoSuchTenant):
        one.remove("nobody")


def test_of_all_processes_together_the_least_recently_used_tenant_goes(
    shares: Callable[..., tuple[Shared, SharedTenants]],
) -> None:
    (one, tenants), (other, others) = shares(limit=2), shares(limit=2)
    kept = tenants.find("a")
    others.find("b")
    one.look(1, "a")
    others.find("c")
    one.look(0)
    other.look(0)

    assert tenants.names() == others.names() == ("default", "a", "c")
    assert tenants.holds(kept)


# Workers


def test_workers_serve_as_one_and_end_together(start: Start, url: str) -> None:
    mock = start("--quiet", "--store", url, "--workers", "2")
    for number in range(8):  # each by a connection of its own
        assert mock.call("POST", "/snowflake/handler", several([f"n{number}"], "d"))[0] == 200
    count = mock.call("GET", "/dataSource")[1]["count"]
    workers = _children(mock.process.pid)
    os.kill(workers[0], signal.SIGKILL)
    _until(lambda: "another one is started" in mock.said)
    again = mock.call("GET", "/dataSource")[1]["count"]
    workers = _children(mock.process.pid)
    said = mock.stop(signal.SIGINT)

    assert (count, again, len(workers), said.count("listening on")) == (8, 8, 2, 1)
    assert "a worker has ended (signal 9); another one is started" in said
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]


def test_workers_end_with_the_process_that_started_them(start: Start, url: str) -> None:
    mock = start("--quiet", "--store", url, "--workers", "2")
    workers = _children(mock.process.pid)
    mock.process.kill()
    mock.process.wait()

    _until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def _children(pid: int) -> list[int]:
    """The workers of a process, as Linux tells them."""
    found = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [each for each in found if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


def _until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.long
def test_two_workers_keep_every_promise_of_a_contract_run(start: Start, url: str, tmp_path: Path) -> None:
    mock = start("--quiet", "--store", url, "--workers", "2", "--token-seconds", "2")
    environment = {KEY_VARIABLES[role]: key for role, key in MOCK_KEYS.items()}
    command = [sys.executable, "-m", "immuta_contracts", "run", "--profile", "quick", "--target", mock.url]
    run = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600, check=False
    )

    assert (run.returncode, "0 broken, 0 not tried" in run.stdout) == (0, True), run.stdout + run.stderr


# Refused starts


def test_what_cannot_be_used_stops_the_start_in_one_line(
    redis: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with Redis(port=redis.port) as client:
        client.set("other:meta", "x")
        client.hset("old:meta", mapping={"format": 99, "epoch": "x"})
    place = f"redis://127.0.0.1:{redis.port}/0"
    left = "it is left as it is: give another one, as in redis://host/0?prefix=mine"
    refusals = {
        "redis://u:secret@127.0.0.1:1/0": "store redis://127.0.0.1:1/0: there is no connection to it; "
        "start Redis or Valkey there, or name another one",
        f"{place}?prefix=other": f"store {place}?prefix=other: under the prefix other is something else; {left}",
        f"{place}?prefix=old": f"store {place}?prefix=old: under the prefix old is a state of format 99, not 1; {left}",
        "http://secret@x": "store http://x: is no URL like redis://host:6379/0, rediss://... or unix://...",
    }

    told = {}
    for url in refusals:
        code = main(["--port", "0", "--store", url])
        told[url] = capsys.readouterr().err
        assert code == 2

    assert told == {url: f"immuta-mock: {line}\n" for url, line in refusals.items()}


def test_workers_need_a_store(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--port", "0", "--workers", "2"])

    told = "2 workers need a store that they share; give --store redis://host:6379/0"
    assert (code, capsys.readouterr().err) == (2, f"immuta-mock: {told}\n")


def test_in_memory_nothing_of_redis_is_imported() -> None:
    code = "import sys, immuta_mock.cli; sys.exit(bool({'redis', 'hiredis'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], timeout=PATIENCE, check=False).returncode == 0
