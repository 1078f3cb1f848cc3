"""`init` writes a target file, `check` tries it by reading alone, `config` prints what is in force."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from immuta_contracts.cli import main
from immuta_contracts.commands.init import template
from immuta_contracts.exchange import Request
from immuta_contracts.target import InProcessMock

FILE = Path("target.toml")
KEYS = {"IMMUTA_API_KEY": "owner-key-local-only", "IMMUTA_API_KEY_READER": "reader-key-local-only"}


class Tenant(ThreadingHTTPServer):
    """A mock on a free loopback port that remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.mock = InProcessMock()
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Passing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._pass_on()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815  # as http.server calls them

    def _pass_on(self) -> None:
        assert isinstance(self.server, Tenant)
        self.server.asked.append(self.command)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
        answer = self.server.mock.send(Request(self.command, self.path, tuple(self.headers.items()), body))
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@pytest.fixture(autouse=True)
def somewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for role in ("", "_SECOND_OWNER", "_EXPERT", "_READER", "_GOVERNOR"):
        monkeypatch.delenv(f"IMMUTA_API_KEY{role}", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def tenant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tenant]:
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    server = Tenant()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join(10)
    server.server_close()
    server.mock.close()


def test_init_writes_a_target_file_and_never_over_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    assert FILE.read_text("utf-8") == template()
    FILE.write_text("mine")
    assert main(["init"]) == 2
    assert capsys.readouterr().err == "immuta-contract: target.toml is there already; --force writes over it\n"
    assert FILE.read_text() == "mine"
    assert main(["init", "--force"]) == 0
    assert FILE.read_text("utf-8") == template()


def test_config_says_where_each_value_came_from(capsys: pytest.CaptureFixture[str]) -> None:
    FILE.write_text('url = "https://tenant.example"\n')
    assert main(["config", "--mode", "read"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["url", "https://tenant.example", "(target.toml,", "line", "1)"] in lines
    assert ["mode", "read", "(command", "line,", "--mode)"] in lines
    assert ["seed", "-", "(default)"] in lines


def test_a_mistake_in_the_file_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    FILE.write_text("timeout = 3\n")
    assert main(["run"]) == 2
    assert capsys.readouterr().err.startswith("immuta-contract: target.toml, line 1: a target file has no 'timeout'; ")


def test_check_tries_the_file_by_reading_alone(tenant: Tenant, capsys: pytest.CaptureFixture[str]) -> None:
    FILE.write_text(
        f'url = "{tenant.url}"\nonly = "GET-1,ERR-7,CREATE-17"\n'
        '[read]\ndata_sources = [9]\n[connector.trino]\nhostname = "h"\ndatabase = "d"\ntables = ["t"]\n'
    )
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    assert set(tenant.asked) == {"GET"}
    for line in (
        f"target        {tenant.url} answers without TLS",
        "owner         profile 2, permissions CREATE_DATA_SOURCE",
        "governor      IMMUTA_API_KEY_GOVERNOR is not set: what takes this role is not tried",
        "asa           out of scope",
        (
            "trino         in scope, pinned to h:443/d, tables: t; "
            "nobody uses this connection yet: whether it works, only a create will show"
        ),
        "read          /dataSource/9 is answered 404",
    ):
        assert line in said.splitlines()
    assert "    GET-1: it needs 2 remote tables: list as many under `tables` in [connector.trino]" in said
    assert "    ERR-7: no API key of the role second_owner: set IMMUTA_API_KEY_SECOND_OWNER" in said
    assert "owner-key-local-only" not in said


def test_check_refuses_an_owner_who_may_not_create(
    tenant: Tenant, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMMUTA_API_KEY", "expert-key-local-only")
    assert main(["check", "--target", tenant.url]) == 2
    assert "owner         profile 4, permissions none: lacks CREATE_DATA_SOURCE" in capsys.readouterr().out


def test_check_refuses_two_keys_of_one_user(
    tenant: Tenant, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMMUTA_API_KEY_READER", "owner-key-local-only")
    assert main(["check", "--target", tenant.url]) == 2
    assert "the same user as owner; give the key of another one" in capsys.readouterr().out


def test_a_run_takes_everything_from_the_file(tenant: Tenant, capsys: pytest.CaptureFixture[str]) -> None:
    FILE.write_text(f'url = "{tenant.url}"\nprofile = "quick"\nseed = 1\nonly = "DICT-5"\nreports = "there"\n')
    assert main([]) == 0
    assert "1 promises kept, 0 broken, 0 not tried" in capsys.readouterr().out
    assert Path("there", "run.json").exists()
