"""The command: what it prints, what it answers, how it stops, and how it refuses to start."""

import gc
import http.client
import importlib.metadata
import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from immuta_mock import cli, serving
from immuta_mock.banner import banner
from immuta_mock.cli import main
from immuta_mock.users import DEFAULT_USERS, User

PATIENCE = 20

Start = Callable[..., "Running"]


class Running:
    """The command in a process of its own, once it listens."""

    def __init__(self, directory: Path, *options: str) -> None:
        self._out, self._err = directory / "out", directory / "err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            command = [sys.executable, "-m", "immuta_mock", "--port", "0", *options]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        self.output = self._awaited_output()
        self.port = int(self.output.splitlines()[0].rpartition(":")[2])

    def _awaited_output(self) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            if "Ctrl-C" in (text := self._out.read_text()):
                return text
            time.sleep(0.02)
        raise AssertionError(f"the mock did not start: {self.errors}")

    @property
    def errors(self) -> str:
        return self._err.read_text()

    def get(self, target: str, key: str = "owner-key-local-only") -> tuple[int, object]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", target, headers={"Authorization": key})
        response = connection.getresponse()
        answer = response.status, json.loads(response.read())
        connection.close()
        return answer

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Running] = []

    def start(*options: str) -> Running:
        started.append(Running(tmp_path, *options))
        return started[-1]

    yield start
    for running in started:
        running.process.kill()
        running.process.wait(PATIENCE)


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A mock that several tests share."""
    running = Running(tmp_path_factory.mktemp("mock"), "--quiet")
    yield running
    assert running.stop() == 0
    assert running.errors == ""


def test_it_says_where_it_listens_and_stops_cleanly(start: Start) -> None:
    mock = start()

    assert mock.output == banner(f"http://127.0.0.1:{mock.port}", DEFAULT_USERS) + "\n"
    assert mock.get("/dictionary/columns") == (200, [])
    assert mock.stop(signal.SIGTERM) == 0
    assert re.fullmatch(r"GET /dictionary/columns 200 \d+ ms\n", mock.errors)


def test_its_curl_line_can_be_pasted(start: Start) -> None:
    mock = start("--quiet")
    line = next(line for line in mock.output.splitlines() if "curl" in line)
    words = shlex.split(line[line.index("curl") :])

    assert (words[0], words[1], words[2]) == ("curl", "-H", "Authorization: owner-key-local-only")
    assert words[3].startswith(f"http://127.0.0.1:{mock.port}/")
    status, user = mock.get(words[3].removeprefix(f"http://127.0.0.1:{mock.port}"), words[2].partition(": ")[2])
    assert (status, user["userid"] if isinstance(user, dict) else None) == (200, "owner")


def exchange(port: int, raw: bytes) -> tuple[bytes, object]:
    """The status line and the JSON of the answer to bytes on the wire."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(raw)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return str(response.status).encode(), json.loads(response.read())


@pytest.mark.parametrize("line", [b"GET /\xc3\xa9 HTTP/1.1", b"GET /a b HTTP/1.1", b"\x16\x03\x01", b"GET / HTTP/9"])
def test_what_is_no_http_is_400_in_the_one_shape(mock: Running, line: bytes) -> None:
    message = "Bad request: the request is not valid HTTP."
    error = {"statusCode": 400, "error": "Bad Request", "message": message}

    assert exchange(mock.port, line + b"\r\n\r\n") == (b"400", error)


def test_a_head_of_more_than_64_kilobytes_is_refused_and_the_mock_goes_on(mock: Running) -> None:
    for head in (b"GET /a HTTP/1.1\r\nX-Long: " + b"a" * 70_000, b"GET /" + b"a" * 70_000 + b" HTTP/1.1"):
        assert exchange(mock.port, head + b"\r\n\r\n")[0] == b"400"
    assert mock.get("/dictionary/columns")[0] == 200


@pytest.mark.parametrize("at", [30, 60, 120, 150])
def test_an_offer_to_upgrade_may_come_in_pieces(mock: Running, at: int) -> None:
    headers = (
        b"Host: x\r\nAuthorization: owner-key-local-only\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 15"
    )
    request = b"PUT /dictionary/1 HTTP/1.1\r\n" + headers + b'\r\n\r\n{"metadata":[]}'
    with socket.create_connection(("127.0.0.1", mock.port), timeout=PATIENCE) as connection:
        connection.sendall(request[:at])
        time.sleep(0.05)
        connection.sendall(request[at:])
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert (response.status, json.loads(response.read())["statusCode"]) == (404, 404)


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket"])
def test_an_offer_to_upgrade_is_passed_over_and_the_body_is_read(mock: Running, protocol: bytes) -> None:
    headers = b"Host: x\r\nAuthorization: owner-key-local-only\r\nConnection: Upgrade\r\nUpgrade: " + protocol
    request = b"PUT /dictionary/1 HTTP/1.1\r\n" + headers + b'\r\nContent-Length: 15\r\n\r\n{"metadata":[]}'

    assert exchange(mock.port, request)[0] == b"404"


def test_a_long_body_is_413_and_the_connection_goes_on(mock: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", mock.port, timeout=PATIENCE)
    headers = {"Authorization": "owner-key-local-only"}
    chunks = [b" " * 65536] * 400

    statuses = []
    for body, chunked in ((b"".join(chunks), False), (iter(chunks), True), (b"{}", False)):
        connection.request("POST", "/asa/handler", body, headers, encode_chunked=chunked)
        response = connection.getresponse()
        statuses.append((response.status, json.loads(response.read())["statusCode"]))
    connection.close()

    assert statuses == [(413, 413), (413, 413), (400, 400)]


def test_ctrl_c_stops_it_cleanly(start: Start) -> None:
    mock = start()

    assert mock.stop(signal.SIGINT) == 0
    assert "Traceback" not in mock.errors


def test_quiet_means_no_line_for_a_request(start: Start) -> None:
    mock = start("--quiet")
    mock.get("/dictionary/columns")
    mock.stop()

    assert mock.errors == ""


def test_a_request_line_shows_the_path_alone_and_escaped(start: Start) -> None:
    mock = start()
    mock.get("/asa/handler/%0A?skipCache=secret", key="secret")
    mock.stop()

    assert re.fullmatch(r"GET /asa/handler/%0A 401 \d+ ms\n", mock.errors)


def test_what_the_console_reads_has_no_line(start: Start) -> None:
    mock = start()
    for path in ("/__mock__/state", "/t/a/__mock__/faults", "/__mock__/x"):
        mock.get(path, key="")
    mock.stop()

    assert re.fullmatch(r"GET /__mock__/x 404 \d+ ms\n", mock.errors)


def test_a_call_that_waits_does_not_hold_up_the_stop(start: Start) -> None:
    mock = start("--job-seconds", "3600", "--quiet")
    headers = {"Authorization": "owner-key-local-only"}
    connection = http.client.HTTPConnection("127.0.0.1", mock.port, timeout=PATIENCE)
    source = {"blobHandler": {"scheme": "https"}, "blobHandlerType": "x", "recordFormat": "", "type": "queryable"}
    body = {
        "handler": {"metadata": {"hostname": "h", "database": "d", "table": "t"}},
        "dataSource": source | {"name": "n", "sqlTableName": "n"},
    }
    connection.request("POST", "/asa/handler", json.dumps(body), headers)
    handler = json.loads(connection.getresponse().read())["id"]
    connection.request("PUT", f"/asa/handler/{handler}/triggerHighCardinalityJob", None, headers)
    job = json.loads(connection.getresponse().read())
    connection.request("POST", "/jobs/statuses", json.dumps({"jobIds": [job], "wait": -1}), headers)

    begun = time.monotonic()
    assert mock.get("/jobs?connectionString=h:1433/d") == (200, {"pending": 1})
    assert mock.stop() == 0
    assert time.monotonic() - begun < serving.SECONDS_TO_STOP + 5
    connection.close()


def test_its_options_reach_the_server(start: Start, tmp_path: Path) -> None:
    users = tmp_path / "users.toml"
    users.write_text('[[user]]\nname = "only"\nkey = "it\'s"\nprofile = 9\n')

    mock = start("--users", str(users), "--overlay", "strict", "--max-body", "10", "--token-seconds", "0")

    assert "only  it's" in mock.output
    assert "(with strict)" in mock.output
    assert mock.get("/bim/rpc/user/current") == (401, mock.get("/x")[1])
    assert mock.get("/bim/rpc/user/current", key="it's")[0] == 200


def test_an_address_for_everybody_is_warned_of(start: Start) -> None:
    mock = start("--host", "0.0.0.0")

    assert mock.output.startswith(f"Immuta mock listening on http://127.0.0.1:{mock.port}\n")
    assert mock.errors == "immuta-mock: warning: 0.0.0.0 may be reached from elsewhere, and the keys are public\n"


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def refusal(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """The one line on standard error of a command that does not start."""
    try:
        code = main(options)
    except SystemExit as exit_:
        code = int(str(exit_.code))
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n"), err[:13], err[-1]) == (2, "", 1, "immuta-mock: ", "\n")
    return err[13:-1]


def test_a_taken_port_is_one_line(capsys: pytest.CaptureFixture[str], taken: int) -> None:
    assert refusal(capsys, "--port", str(taken)) == f"cannot listen on 127.0.0.1 port {taken}: Address already in use"


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (
            ["--host", "nowhere.invalid"],
            "there is no host 'nowhere.invalid'; give a name or an address of this machine",
        ),
        (["--host", ""], "there is no host ''; give a name or an address of this machine"),
        (["--host", "a" * 70], f"{'a' * 70!r} is no host name"),
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1 port 8080: Cannot assign requested address"),
        (["--nothing"], "unrecognized arguments: --nothing; see immuta-mock --help"),
        (["--overlay", "nowhere.yaml"], "nowhere.yaml: cannot be read (No such file or directory); check the path."),
        (["--users", "nowhere.toml"], "users file nowhere.toml: cannot be read: No such file or directory"),
    ],
)
def test_what_it_cannot_start_with_is_one_line(
    capsys: pytest.CaptureFixture[str], options: list[str], line: str
) -> None:
    assert refusal(capsys, *options) == line


PORTS = "port; give a number from 0 to 65535"
SIZES = "size; give a number of bytes from 1 up"
TIMES = "time; give a number of seconds from 0 to 315360000"


@pytest.mark.parametrize(
    ("option", "value", "remedy"),
    [
        *[("--port", value, PORTS) for value in ("x", "65536", "-1", "+1", "\xb2", "")],
        *[("--max-body", value, SIZES) for value in ("0", "x", "-5", "1.5")],
        *[
            (option, value, TIMES)
            for option in ("--token-seconds", "--job-seconds")
            for value in ("-1", "x", "nan", "1e9")
        ],
    ],
)
def test_a_bad_number_is_one_line(capsys: pytest.CaptureFixture[str], option: str, value: str, remedy: str) -> None:
    line = f"argument {option}: {value!r} is no {remedy}; see immuta-mock --help"

    assert refusal(capsys, f"{option}={value}") == line


def test_a_broken_overlay_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "overlay.yaml"
    path.write_text("overlay: 1.0.0\ninfo: {title: x, version: x}\nactions: [{target: $.nothing, remove: true}]\n")

    assert str(path) in refusal(capsys, "--overlay", str(path))


def test_a_broken_users_file_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "users.toml"
    path.write_text("[[user]]\nkey = 'secret'\n")

    assert refusal(capsys, "--users", str(path)) == f"users file {path}: user 1 lacks the field 'name'"


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])

    version = importlib.metadata.version("immuta-contract-kit")
    assert (left.value.code, capsys.readouterr().out) == (0, f"immuta-mock {version}\n")


def test_it_tells_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])

    shown = capsys.readouterr().out
    options = (
        "--port",
        "--host",
        "--overlay",
        "--users",
        "--max-body",
        "--token-seconds",
        "--job-seconds",
        "--tls",
        "--tls-ca",
        "--quiet",
        "--watch",
    )
    assert (left.value.code, [option for option in (*options, "--tls", "--tls-ca") if option not in shown]) == (0, [])


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("10.1.2.3", "10.1.2.3"),
        ("0.0.0.0", "127.0.0.1"),
        ("::1", "[::1]"),
        ("::", "[::1]"),
    ],
)
def test_the_url_is_one_that_can_be_called(host: str, shown: str) -> None:
    assert serving.url_of(host, 80) == f"http://{shown}:80"


def test_the_banner_shows_users_with_what_they_may_do() -> None:
    users = [User("a", "one", 1, frozenset({"GOVERNANCE", "CREATE_DATA_SOURCE"})), User("long name", "two", 2)]

    text = banner("http://host:1", users)

    assert "    a          one  (CREATE_DATA_SOURCE, GOVERNANCE)\n    long name  two\n" in text
    assert "\n  Try it      curl -H 'Authorization: one' http://host:1/bim/rpc/user/current\n" in text


def test_the_whole_heap_is_looked_through_less_often_while_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    before, while_it_serves = gc.get_threshold(), []
    monkeypatch.setattr(cli, "serve", lambda *_, **__: while_it_serves.append((gc.isenabled(), gc.get_threshold())))

    assert main(["--port", "0"]) == 0

    assert while_it_serves == [(True, (*before[:2], 10 * before[2]))]
    assert (gc.isenabled(), gc.get_threshold()) == (True, before)
