"""No run touches what it did not make, and a killed one can be cleaned up after; `make fence-trial` tries many more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fence_trial import Trial

pytestmark = pytest.mark.long

FOREIGN = 60
QUICK = ("--profile", "quick")


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    found = Trial(FOREIGN, range(1, 4), tmp_path)
    yield found
    found.mock.close()


def test_a_whole_run_leaves_everything_foreign_as_it_was_and_nothing_of_its_own(trial: Trial) -> None:
    assert trial.run(1, *QUICK) == 0
    assert trial.differences() == []
    assert trial.left_files() == []


@pytest.mark.parametrize("seconds", [1.0, 4.0])
def test_after_a_killed_run_the_clean_up_leaves_nothing_but_what_is_foreign(trial: Trial, seconds: float) -> None:
    assert trial.killed(2, seconds, *QUICK)
    assert trial.clean() == 0
    assert trial.differences() == []
    assert trial.left_files() == []
