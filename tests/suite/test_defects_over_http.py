"""A contract run over HTTP against a mock with planted defects ends with exit code 1 and names the promises."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from defects import DEFECTS
from immuta_contracts.cli import main

PLANTED = "update_merges,search_minds_letter_case,bulk_reaches_other_connectors"
SERVE = Path(__file__).with_name("serve.py")


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A mock with the defects that the test names, in its own process."""
    log = tmp_path / "mock.log"
    with log.open("wb") as output:
        command = [sys.executable, str(SERVE), "--port", "0", request.param]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield _listening(process, log)
    finally:
        process.terminate()
        process.wait(10)


def _listening(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(600):
        if match := re.search(r"listening on (\S+)", log.read_text()):
            return match[1]
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.mark.parametrize("url", [PLANTED], indirect=True)
def test_three_defects_are_named_by_their_promises(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IMMUTA_API_KEY", "owner-key-local-only")
    broken = {DEFECTS[name].promise for name in PLANTED.split(",")}
    only = ",".join([*broken, "DICT-5", "GET-1"])
    argv = ["--target", url, "--only", only, "--seed", "1", "--reports", str(tmp_path)]
    assert main(argv) == 1
    found: dict[str, Any] = json.loads((tmp_path / "run.json").read_text("utf-8"))
    verdicts = {promise["id"]: promise["verdict"] for promise in found["promises"]}
    assert verdicts == {**dict.fromkeys(broken, "broken"), "DICT-5": "kept", "GET-1": "kept"}
    assert "owner-key-local-only" not in capsys.readouterr().out


@pytest.mark.parametrize("url", ["search_minds_letter_case"], indirect=True)
def test_the_curl_lines_of_a_failure_reproduce_it(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMMUTA_API_KEY", "owner-key-local-only")
    assert main(["--target", url, "--only", "SEARCH-2", "--seed", "1", "--reports", str(tmp_path)]) == 1
    found: dict[str, Any] = json.loads((tmp_path / "run.json").read_text("utf-8"))
    last = found["promises"][0]["failures"][0]["requests"][-1]
    assert last["curl"].startswith(f"curl -sS '{url}/dictionary/columns?searchText=")
    assert last["curl"].endswith('-H "Authorization: $IMMUTA_API_KEY"')
