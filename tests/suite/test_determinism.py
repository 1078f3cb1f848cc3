"""The same seed and target state send the same requests, wherever and beside whatever the run runs."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import sending
from immuta_contracts import contract
from immuta_contracts.profiles import DEFAULT, QUICK, Profile

SENDING = Path(sending.__file__)
SEED = 5
ENOUGH = 300
ONLY, DEFECTS = "UPDATE-1,SEARCH-2", ("update_merges", "search_minds_letter_case")
BESIDE = "WORDS = ['a0', 'Z9', 'zz', '_', 'X', 'none of the run']\nNUMBERS = [3, 7, 11, 13, 17, 1434, 99999]\n"

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def first() -> sending.Sent:
    """What a run in this process sends."""
    return sending.sent(SEED)


def in_another_process(folder: Path, *modules: Path) -> dict[str, str]:
    """What a run in a process of its own sends, which hashes texts otherwise, with these modules of the user's."""
    command = [sys.executable, str(SENDING), str(SEED), *map(str, modules)]
    other = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    environment = {**os.environ, "PYTHONHASHSEED": other}
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, check=True, timeout=300)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_two_runs_of_one_seed_send_the_same_requests(first: sending.Sent) -> None:
    second = sending.sent(SEED)
    assert list(first) == list(second)
    for name, requests in first.items():
        assert [*requests] == second[name], name
    assert len({name.partition(":")[0] for name, requests in first.items() if requests}) == 4


def test_another_process_sends_the_same_requests(first: sending.Sent, tmp_path: Path) -> None:
    beside = tmp_path / "beside.py"
    beside.write_text(BESIDE, "utf-8")
    digests = sending.digests(first)
    assert in_another_process(tmp_path, beside) == digests
    assert len(set(digests.values())) > 100


def test_over_http_the_same_requests_are_sent(first: sending.Sent) -> None:
    assert sending.digests(sending.sent(SEED, over_http=True)) == sending.digests(first)


@pytest.mark.parametrize("profile", [QUICK, replace(DEFAULT, subjects=2)], ids=str)
def test_after_a_failure_a_slow_target_is_sent_what_a_fast_one_is(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contract, "MOST_REQUESTS", ENOUGH)
    fast, slow = (sending.sent(SEED, profile, only=ONLY, defects=DEFECTS, pause=pause) for pause in (0.0, 0.004))
    assert sending.digests(fast) == sending.digests(slow)
    assert max(map(len, fast.values())) > ENOUGH
