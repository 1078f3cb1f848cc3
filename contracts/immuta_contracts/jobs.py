"""A run as several processes on this machine, a shard each: progress joined, reports merged, ended together."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TextIO

from immuta_contracts.commands import INTERRUPTED
from immuta_contracts.errors import CannotRun
from immuta_contracts.merging import Named, merged
from immuta_contracts.reports.document import Document, load
from immuta_contracts.reports.files import STEP_SUMMARY
from immuta_contracts.shards import Shard

COMMAND = (sys.executable, "-m", "immuta_contracts", "run")
REFUSAL = "immuta-contract: "  # how the line begins that says why a command could not run


def judged(jobs: int, words: Sequence[str], progress: TextIO) -> Document:
    """What the run with these options found, in so many processes.

    An interrupt ends all of them as it ends one run. Raises `CannotRun` where one of them could not run.
    """
    with TemporaryDirectory(prefix="immuta-contract-") as folder:
        started: list[_Job] = []
        try:
            started.extend(_Job(Shard(n, jobs), words, Path(folder, str(n)), progress) for n in range(1, jobs + 1))
            _wait(started)
        finally:
            for job in started:
                job.kill()
        return merged([job.report() for job in started])


def _wait(jobs: Sequence["_Job"]) -> None:
    """Until all have ended; an interrupt is handed on to each of them, once, and they clean up."""
    try:
        for job in jobs:
            job.wait()
    except KeyboardInterrupt:
        for job in jobs:
            job.interrupt()
        for job in jobs:
            job.wait()


class _Job:
    """One shard in a process; in a session of its own, where an interrupt reaches it through this one alone."""

    def __init__(self, shard: Shard, words: Sequence[str], folder: Path, progress: TextIO) -> None:
        self._shard, self._folder, self._said = shard, folder, ""
        self._process = subprocess.Popen(
            [*COMMAND, *words, f"--shard={shard}", f"--reports={folder}"],
            env={name: value for name, value in os.environ.items() if name != STEP_SUMMARY},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = Thread(target=self._relay, args=(progress,), daemon=True)
        self._reader.start()

    def wait(self) -> None:
        self._process.wait()
        self._reader.join()

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it for good where it has not ended; what it leaves is in its ledger."""
        self._process.kill()
        self.wait()

    def report(self) -> Named:
        """Raises `CannotRun` where it has none."""
        path = self._folder / "run.json"
        if path.exists():
            return f"shard {self._shard}", load(path)
        if self._process.returncode in (INTERRUPTED, -signal.SIGINT):
            raise KeyboardInterrupt
        raise CannotRun(self._said or f"shard {self._shard} ended with {self._process.returncode} and without a report")

    def _relay(self, progress: TextIO) -> None:
        """Show what it says, but for why it cannot run, which is said once for all."""
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                if line.startswith(REFUSAL):
                    self._said = line.removeprefix(REFUSAL).rstrip()
                else:
                    progress.write(f"{self._shard} {line}")
                    progress.flush()
