"""The command says with its exit code what it found, and in one line why it could not run."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from immuta_contracts.cli import main
from immuta_contracts.exchange import Request
from immuta_contracts.target import MockProcess, Tenant, Unreachable

REFUSED = "immuta-contract: "


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("", "_SECOND_OWNER", "_EXPERT", "_READER", "_GOVERNOR"):
        monkeypatch.delenv(f"IMMUTA_API_KEY{name}", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(argv) == 2
    error = capsys.readouterr().err
    assert error.startswith(REFUSED)
    assert error.count("\n") == 1
    return error.removeprefix(REFUSED).rstrip()


def test_a_reader_who_has_seen_enough_is_no_trouble() -> None:
    command = [sys.executable, "-m", "immuta_contracts", "report", "--schema"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 2


def test_a_target_needs_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    error = refused(capsys, "--target", "http://127.0.0.1:9")
    assert error == "no API key for http://127.0.0.1:9: set IMMUTA_API_KEY in the environment"


def test_a_target_that_is_no_url_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMMUTA_API_KEY", "k")
    assert refused(capsys, "--target", "acme").startswith("'acme' is no http or https URL")


def test_a_target_that_does_not_answer_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    monkeypatch.setenv("IMMUTA_API_KEY", "k")
    error = refused(capsys, "--target", f"http://127.0.0.1:{free_port}")
    assert error.startswith(f"http://127.0.0.1:{free_port} did not answer: ")


def test_a_wrong_key_is_said_at_once_and_not_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMMUTA_API_KEY", "owner-key-local-only")
    monkeypatch.setenv("IMMUTA_API_KEY_READER", "wrong-reader-key")
    mock = MockProcess()
    try:
        error = refused(capsys, "--target", mock.base_url)
        assert error == f"{mock.base_url} does not accept the key in IMMUTA_API_KEY_READER"
    finally:
        mock.close()


def test_an_unknown_selection_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "--in-process", "--only", "GET-99").startswith("'GET-99' is neither a promise")


def test_a_missing_overlay_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "nowhere.yaml" in refused(capsys, "--in-process", "--overlay", "nowhere.yaml")


def test_a_mock_that_does_not_start_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "nowhere.yaml" in refused(capsys, "--overlay", "nowhere.yaml")


def test_a_bad_option_is_exit_code_2() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--profile", "huge"])


def test_nothing_broken_is_exit_code_0(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--in-process", "--profile", "quick", "--only", "DICT-5", "--seed", "1"]) == 0
    out = capsys.readouterr().out
    assert "1 promises kept, 0 broken, 0 not tried" in out
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == [
        "failures.har",
        "junit.xml",
        "report.html",
        "run.json",
        "summary.md",
    ]


def test_what_needs_another_role_is_not_tried_without_its_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMMUTA_API_KEY", "owner-key-local-only")
    mock = MockProcess()
    try:
        assert main(["--target", mock.base_url, "--profile", "quick", "--only", "ERR-7", "--seed", "1"]) == 2
    finally:
        mock.close()
    said = capsys.readouterr()
    assert "0 promises kept, 0 broken, 1 not tried" in said.out
    assert "set IMMUTA_API_KEY_" in said.out
    assert said.err.endswith("immuta-contract: nothing could be tried; the table above says why\n")


def test_a_mock_process_ends_with_the_run() -> None:
    mock = MockProcess()
    mock.close()
    with pytest.raises(Unreachable):
        Tenant(mock.base_url, {}).send(Request("GET", "/dictionary/columns"))
