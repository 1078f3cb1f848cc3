"""A contract run over HTTP against a mock with planted defects ends with exit code 1 and names the promises."""

import json
from pathlib import Path
from typing import Any

import pytest

from defects import DEFECTS
from immuta_contracts.cli import main

PLANTED = "update_merges,search_minds_letter_case,bulk_reaches_other_connectors"


@pytest.mark.long
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
