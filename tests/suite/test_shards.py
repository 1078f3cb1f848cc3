"""Shards and jobs find what one run finds, keep to what is theirs on a tenant, and end in order."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from defects import DEFECTS
from fence_trial import KEYS, Trial
from immuta_contracts import run
from immuta_contracts.contract import Contract
from immuta_contracts.merging import merged
from immuta_contracts.profiles import QUICK
from immuta_contracts.reports.document import Document, load
from immuta_contracts.shards import WHOLE, Shard
from immuta_contracts.target import InProcessMock, MockProcess, brief_store

OF_TIME = ("started", "seconds", "latency", "waited_seconds")
FOREIGN = 60  # data sources of others
SECONDS = 60.0  # for a process to come to a point


def judged(shard: Shard = WHOLE, *, defect: str | None = None, only: str | None = None) -> Document:
    """A quick run, or a shard of it, on a fresh mock in this process."""
    target = InProcessMock(DEFECTS[defect].plant(brief_store()) if defect else None)
    try:
        contract = Contract(target, profile=QUICK, seed=7, shard=shard)
        return run.document(contract, run.run(contract, run.part(contract, run.plan(contract, only)), io.StringIO()))
    finally:
        target.close()


def merged_of(number: int, **given: Any) -> Document:
    return merged([(f"shard {index}", judged(Shard(index, number), **given)) for index in range(1, number + 1)])


def apart_from(names: tuple[str, ...], found: Any) -> Any:
    """A document without what stands under these names, wherever."""
    if isinstance(found, list):
        return [apart_from(names, each) for each in found]
    if not isinstance(found, dict):
        return found
    return {name: apart_from(names, value) for name, value in found.items() if name not in names}


@pytest.mark.long
def test_the_shards_of_a_quick_run_find_what_the_whole_run_finds() -> None:
    whole, together = judged(), merged_of(3)
    assert apart_from(OF_TIME, together) == apart_from(OF_TIME, whole)
    assert whole["counts"]["kept"] > 90


def test_what_the_whole_run_finds_broken_the_shards_find_broken() -> None:
    given: dict[str, Any] = {"defect": "search_minds_letter_case", "only": "SEARCH-1,SEARCH-2,DICT-5,GET-1"}
    whole, together = judged(**given), merged_of(3, **given)
    assert together["counts"] == {"kept": 3, "broken": 1, "not tried": 0}
    of_a_failure = (*OF_TIME, "reason", "expected", "seen", "requests")  # these tell names of the run
    assert apart_from(of_a_failure, together["promises"]) == apart_from(of_a_failure, whole["promises"])


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    found = Trial(FOREIGN, range(1, 4), tmp_path)
    yield found
    found.mock.close()


@pytest.mark.long
def test_two_jobs_leave_everything_foreign_as_it_was_and_nothing_of_their_own(trial: Trial, tmp_path: Path) -> None:
    assert trial.run(1, "--profile", "quick", "--jobs", "2") == 0
    assert trial.differences() == []
    assert trial.left_files() == []
    whole = load(tmp_path / "reports" / "run.json")
    assert (whole["shard"], whole["target"], whole["fence"]["mode"]) == (asdict(WHOLE), trial.mock.base_url, "own")


class Started:
    """A run in two jobs on a tenant, in a process of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        self._folder = folder
        command = [sys.executable, "-m", "immuta_contracts", "--target", url, "--jobs", "2", "--seed", "5"]
        self._output = (folder / "output").open("w+b")
        self.process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **KEYS}, stdout=self._output, stderr=subprocess.STDOUT
        )

    def ledgers(self) -> list[str]:
        return sorted(path.name for path in (self._folder / ".immuta-contract").glob("*"))

    def wait_for(self, number: int) -> None:
        """Until so many shards write."""
        deadline = time.monotonic() + SECONDS
        while len(self.ledgers()) < number and self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._output.close()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    mock = MockProcess()
    found = Started(mock.base_url, tmp_path)
    yield found
    found.close()
    mock.close()


def test_an_interrupt_ends_all_jobs_and_they_clean_up(started: Started, tmp_path: Path) -> None:
    started.wait_for(2)
    assert started.ledgers() == ["5s1.jsonl", "5s2.jsonl"]
    started.process.send_signal(signal.SIGINT)
    assert started.process.wait(SECONDS) == 130
    assert started.ledgers() == []
    whole = load(tmp_path / "reports" / "run.json")
    assert (whole["interrupted"], whole["left_behind"]) == (True, [])
