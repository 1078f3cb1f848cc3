"""The ledger holds every name before the target is asked to make it, and can be read however the run ended."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from immuta_contracts.client import Client
from immuta_contracts.errors import CannotRun
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.ledger import BadLedger, Ledger, in_use, read
from immuta_contracts.target import Unreachable

Make = Callable[[Callable[[Request], Answer]], Client]
URL = "https://tenant.example"
SINGLE = {"handler": {"metadata": {}}, "dataSource": {"name": "contract-7-1"}}
SEVERAL = {"handler": [{"metadata": {"dataSourceName": f"contract-7-{n}"}} for n in (1, 2)], "dataSource": {}}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.begin(tmp_path, "7", URL)


@pytest.mark.parametrize(
    ("method", "path", "body", "names"),
    [
        ("POST", "/asa/handler", SINGLE, ("contract-7-1",)),
        ("POST", "/asa/handler", SEVERAL, ("contract-7-1", "contract-7-2")),
        ("PUT", "/asa/handler/1001", {"handler": {"metadata": {"dataSourceName": "contract-7-3"}}}, ("contract-7-3",)),
        ("PUT", "/dataSource/1", {"name": "contract-7-4"}, ("contract-7-4",)),
    ],
)
def test_a_name_is_in_it_before_the_target_is_asked_for_it(
    make_client: Make, ledger: Ledger, method: str, path: str, body: Any, names: tuple[str, ...]
) -> None:
    found: list[tuple[str, ...]] = []

    def asked(_request: Request) -> Answer:
        found.append(read(ledger.path).names)
        raise Unreachable("killed")

    client = make_client(asked)
    client.fence.run, client.ledger = "7", ledger
    with pytest.raises(Unreachable):
        client.call(method, path, json_body=body)
    assert found == [names]


def test_what_is_gone_is_struck_off_and_a_line_cut_off_was_never_sent(ledger: Ledger) -> None:
    for number in range(3):
        ledger.intend(f"contract-7-{number}")
    ledger.gone("contract-7-1")
    with ledger.path.open("ab") as file:
        file.write(b'{"intend": "contr')
    account = read(ledger.path)
    assert (account.run, account.target, account.names) == ("7", URL, ("contract-7-0", "contract-7-2"))


def test_it_is_in_use_until_the_run_has_ended(ledger: Ledger) -> None:
    assert in_use(ledger.path)
    ledger.close(remove=False)
    assert not in_use(ledger.path)


def test_no_two_runs_have_the_same(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        Ledger.begin(tmp_path, "7", URL)
    ledger.close(remove=True)
    Ledger.begin(tmp_path, "7", URL).close(remove=True)


def test_on_a_full_disk_nothing_is_asked_for_and_the_file_stays_readable(
    make_client: Make, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.intend("contract-7-0")
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[: len(data) // 2]))
    client = make_client(lambda _request: pytest.fail("it was sent"))
    client.fence.run, client.ledger = "7", ledger
    with pytest.raises(CannotRun, match=r"7\.jsonl cannot be written, so nothing more is made: no space is left"):
        client.call("POST", "/asa/handler", json_body=SINGLE)
    monkeypatch.undo()
    ledger.intend("contract-7-9")
    assert read(ledger.path).names == ("contract-7-0", "contract-7-9")


@pytest.mark.parametrize("text", ["", "no JSON\n", "[]\n", '{"run": "7"}\n', '{"run": "7", "target": "x"}\n7\n'])
def test_another_file_is_no_ledger(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(BadLedger, match="is not the ledger of a run"):
        read(path)
