"""Plants every defect, tries the properties of the promise it breaks, and prints what found it.

A defect counts as found in a seed when a property of its own promise is broken; what other promises say is not asked.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from defects import DEFECTS
from immuta_contracts.check import Check, Subject
from immuta_contracts.contract import Contract
from immuta_contracts.profiles import DEFAULT
from immuta_contracts.run import checks
from immuta_contracts.target import InProcessMock, brief_store

REQUIRED = 0.9  # of the seeds
WORKERS = 2


@dataclass(frozen=True)
class Row:
    """How one defect fared: in how many seeds it was found, by which properties, and how long it all took."""

    defect: str
    found_by: frozenset[str]
    found: int
    seeds: int
    seconds: float

    @property
    def enough(self) -> bool:
        return self.found >= REQUIRED * self.seeds


def finder(name: str, seed: int, likely: str | None = None) -> str | None:
    """The property, with its subject, of the defect's promise that finds it with this seed; `likely` is tried first."""
    defect = DEFECTS[name]
    target = InProcessMock(defect.plant(brief_store()))
    try:
        contract = Contract(target, profile=DEFAULT, seed=seed, shorten=False)
        own = [check for check in checks() if check.promise == defect.promise]
        planned = [(check, subject) for check in own for subject in check.subjects(contract.routes)]
        for check, subject in sorted(planned, key=lambda each: _label(*each) != likely):
            if contract.judge(check, subject).verdict == "broken":
                return _label(check, subject)
        return None
    finally:
        target.close()


def _label(check: Check, subject: Subject) -> str:
    return f"{check.name} [{subject}]" if subject else check.name


def row(name: str, seeds: int) -> Row:
    start, finders = time.perf_counter(), list[str | None]()
    for seed in range(seeds):
        finders.append(finder(name, seed, next(filter(None, reversed(finders)), None)))
    found_by = frozenset(each for each in finders if each)
    return Row(name, found_by, seeds - finders.count(None), seeds, time.perf_counter() - start)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; exit code 1 when a defect is found in too few seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", help="a defect or a promise")
    options = parser.parse_args(argv)
    names = [name for name, each in DEFECTS.items() if options.only in (None, name, each.promise)]
    if not names:
        parser.error(f"{options.only!r} is neither a planted defect nor a promise that one breaks")
    write = sys.stdout.write
    write(f"{'defect':<52} {'promise':<10} {'seeds':<7} {'seconds':>7}  found by\n")
    missed = 0
    with ProcessPoolExecutor(WORKERS) as pool:
        for found in pool.map(row, names, [options.seeds] * len(names)):
            seeds = f"{found.found}/{found.seeds}"
            by = ", ".join(sorted(found.found_by)) or "-"
            write(f"{found.defect:<52} {DEFECTS[found.defect].promise:<10} {seeds:<7} {found.seconds:>7.1f}  {by}\n")
            sys.stdout.flush()
            missed += not found.enough
    write(f"{len(names)} planted defects, {len(names) - missed} found in at least 9 of 10 seeds, {missed} not\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
