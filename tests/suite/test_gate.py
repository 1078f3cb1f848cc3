"""In every command, each connection is opened by the target and each write was let out by the fence, just before."""

import socket
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from immuta_contracts import contract
from immuta_contracts.cli import main
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.fence import READS, Fence
from immuta_contracts.target import MockProcess, Tenant

KEY = "owner-key-local-only"
DEFECT = "update_merges"
WRITING, READING = ("--only", "UPDATE-1"), ("--only", "COMP-2,HTTP-7")
QUICK = ("--profile", "quick", "--seed", "1")

pytestmark = [pytest.mark.long, pytest.mark.parametrize("url", [DEFECT], indirect=True)]


class Watch:
    """Notes what was let out; a request or a connection beside that is an error where it happens."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.let_out: list[Request] = []
        self.sent: Counter[str] = Counter()
        admit, send, connect = Fence.admit, Tenant.send, socket.socket.connect

        def admitted(fence: Fence, request: Request) -> None:
            admit(fence, request)
            self.let_out = [request]

        def sent(tenant: Tenant, request: Request) -> Answer:
            assert request.method in READS or request in self.let_out, request
            self.sent[request.method] += 1
            return send(tenant, request)

        def connected(self_: socket.socket, address: Any) -> None:
            assert _is_within(sys._getframe(), sent), address
            connect(self_, address)

        patch.setattr(Fence, "admit", admitted)
        patch.setattr(Tenant, "send", sent)
        patch.setattr(socket.socket, "connect", connected)


def _is_within(frame: FrameType | None, function: Any) -> bool:
    while frame is not None:
        if frame.f_code is function.__code__:
            return True
        frame = frame.f_back
    return False


@pytest.fixture
def other() -> Iterator[str]:
    mock = MockProcess()
    yield mock.base_url
    mock.close()


@pytest.fixture
def watch(url: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Everything is started before it begins."""
    assert url != other
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMMUTA_API_KEY", KEY)
    monkeypatch.setattr(contract, "MOST_REQUESTS", 50)
    return Watch(monkeypatch)


@pytest.mark.parametrize("login", ["", "login = true\n"])
def test_every_command_sends_through_the_gate_alone(watch: Watch, url: str, other: str, login: str) -> None:
    Path("target.toml").write_text(f'url = "{url}"\n{login}', "utf-8")
    writing = {
        ("run", *QUICK, *WRITING): 1,
        ("replay", "reports/run.json"): 1,
        ("compare", "target.toml", other, *QUICK, "--only", "DICT-8", "--reports", "compared"): 0,
    }
    for argv, code in writing.items():
        watch.sent.clear()
        assert main(argv) == code
        assert watch.sent["PUT"] > 1, argv
    Path(".immuta-contract").mkdir(exist_ok=True)
    Path(".immuta-contract/9.jsonl").write_text(f'{{"run": "9", "target": "{url}"}}\n{{"intend": "contract-9-1"}}\n')
    reading = {
        ("clean", "--settle", "0"): 0,
        ("check", *READING): 0,
        ("run", *QUICK, *READING, "--mode", "read"): 0,
    }
    for argv, code in reading.items():
        watch.sent.clear()
        assert main(argv) == code
        assert watch.sent["GET"] > 1, argv
        assert watch.sent.keys() <= {"GET", "POST"} if login else watch.sent.keys() == {"GET"}, argv


def test_the_watch_sees_what_goes_past_the_gate(watch: Watch, url: str) -> None:
    tenant = Tenant(url, {"owner": KEY})
    with pytest.raises(AssertionError):
        tenant.send(Request("DELETE", "/dataSource/1", (("Authorization", KEY),)))
    with socket.socket() as beside, pytest.raises(AssertionError):
        beside.connect(("127.0.0.1", 1))
    assert watch.sent == {}
