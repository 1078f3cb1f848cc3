"""Runs the contract on a tenant that holds other people's data, to its end or killed, and compares that data.

A mock is filled with foreign data sources; after each run (and after the clean-up of a killed one) everything foreign
must read as before, byte for byte, and nothing of the run may be left.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from foreign import held, observer, settle, state
from immuta_contracts.target import KEY_VARIABLES, MOCK_KEYS, MockProcess

KEYS = {KEY_VARIABLES[role]: key for role, key in MOCK_KEYS.items()}
LONGEST = 300.0  # seconds for one run
MOST_SECONDS = 20.0  # from the first write until a run is killed


class Trial:
    """One tenant with foreign data, in a process of its own, and a folder that the runs work in."""

    def __init__(self, number: int, seeds: range, folder: Path) -> None:
        self.mock = MockProcess()
        self._folder, self._observer = folder, observer(self.mock)
        settle(self._observer, number, seeds)
        self._before = self._state()

    def run(self, seed: int, *options: str) -> int:
        """A whole run; its exit code."""
        return self._started("run", "--seed", str(seed), *options).wait(LONGEST)

    def killed(self, seed: int, seconds: float, *options: str) -> bool:
        """A run that is killed so many seconds after it began to write; whether it was still going."""
        process = self._started("run", "--seed", str(seed), *options)
        while not self.left_files() and process.poll() is None:
            time.sleep(0.01)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return True
        return False

    def clean(self) -> int:
        """The clean-up after whatever was killed; its exit code."""
        return self._started("clean", "--settle", "0.5").wait(LONGEST)

    def own(self) -> int:
        """How many data sources are there beside the foreign ones."""
        found = self._observer.call("GET", "/dataSource", query={"size": 1}).json["count"]
        return int(found) - sum(path.startswith("held: data source") for path in self._before)

    def differences(self) -> list[str]:
        """The views that do not read as before."""
        now = self._state()
        return [path for path in {**self._before, **now} if self._before.get(path) != now.get(path)]

    def _state(self) -> dict[str, bytes]:
        return {**state(self._observer), **held(self._observer)}

    def left_files(self) -> list[Path]:
        """Ledgers of runs that were not cleaned up after."""
        return list((self._folder / ".immuta-contract").glob("*"))

    def _started(self, command: str, *options: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "immuta_contracts", command, "--target", self.mock.base_url, *options],
            cwd=self._folder,
            env={**os.environ, **KEYS},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Print a line for each run; exit code 1 when any of them touched something foreign or left something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--foreign", type=int, default=500)
    parser.add_argument("--runs", type=int, default=20, help="whole runs, and as many killed ones")
    parser.add_argument("--profile", default="quick")
    options = parser.parse_args(argv)
    chance, bad = random.Random(0), 0
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(options.foreign, range(options.runs), Path(folder))
        try:
            start = time.monotonic()
            for seed in range(options.runs):
                code = trial.run(seed, "--profile", options.profile)
                bad += _say(trial, f"whole run, seed {seed}, exit code {code}", well=code == 0)
            longest = min(MOST_SECONDS, (time.monotonic() - start) / options.runs)
            for seed in range(options.runs):
                seconds = chance.uniform(0, longest)
                while not trial.killed(seed, seconds, "--profile", options.profile):
                    seconds /= 2  # it had ended by itself
                left, code = trial.own(), trial.clean()
                what = f"killed after {seconds:.1f} s, seed {seed}, with {left} left, clean-up exit code {code}"
                bad += _say(trial, what, well=code == 0)
        finally:
            trial.mock.close()
    sys.stdout.write(f"{2 * options.runs} runs beside {options.foreign} foreign data sources, {bad} of them not well\n")
    return 1 if bad else 0


def _say(trial: Trial, what: str, *, well: bool) -> bool:
    """Print how it went; whether it went wrong."""
    start = time.monotonic()
    changed, left = trial.differences(), trial.left_files()
    told = f"{len(changed)} views changed" + (f" ({', '.join(changed[:3])})" if changed else "")
    sys.stdout.write(f"{what}: {told}, {len(left)} ledgers left ({time.monotonic() - start:.1f} s to compare)\n")
    sys.stdout.flush()
    return bool(changed or left or not well)


if __name__ == "__main__":
    sys.exit(main())
