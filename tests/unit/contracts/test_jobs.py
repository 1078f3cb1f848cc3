"""A run in several processes of this machine: what it refuses, shows and writes."""

import argparse
from pathlib import Path

import pytest

from immuta_contracts import options
from immuta_contracts.cli import main
from immuta_contracts.reports.document import load

SMALL = ("--in-process", "--profile", "quick", "--seed", "1", "--only", "DICT-5,GET-1")
TENANT = ("--target", "http://127.0.0.1:9")


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IMMUTA_API_KEY", "a-key-of-the-tests")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--shard", "3/2"], "'3/2' is no shard: write 2/4 for the second of four"),
        (["--shard", "1/2"], "the shards of a run need the same seed: give one to all of them, with --seed"),
        (
            ["--shard", "1/2", "--seed", "1", "--jobs", "4"],
            "--jobs 4 divides a run into shards itself: leave out --jobs, or --shard 1/2",
        ),
        (
            [*TENANT, "--mode", "full", "--jobs", "2"],
            "in mode full a run has its mock to itself: with --jobs take --mode own, or leave out --target",
        ),
        (
            [*TENANT, "--concurrency", "2", "--jobs", "3"],
            "3 shards or jobs send 3 requests at a time, and limits.concurrency is 2: take fewer of them, or raise it",
        ),
        (
            [*TENANT, "--concurrency", "3", "--shard", "1/4", "--seed", "1"],
            "4 shards or jobs send 4 requests at a time, and limits.concurrency is 3: ",
        ),
        (
            [*TENANT, "--total-requests", "1", "--jobs", "2"],
            "2 shards cannot share a limit of 1 requests: raise it, or take fewer shards",
        ),
        (["--in-process", "--jobs", "2", "--only", "GET-99"], "'GET-99' is neither a promise (like UPDATE-2) nor an "),
    ],
)
def test_what_cannot_be_divided_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], argv: list[str], said: str
) -> None:
    assert main(argv) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"immuta-contract: {said}")
    assert error.count("\n") == 1


@pytest.mark.parametrize("number", ["0", "-1", "two", "65", ""])
def test_a_number_of_jobs_that_is_none_is_a_bad_option(capsys: pytest.CaptureFixture[str], number: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([f"--jobs={number}"])
    assert f"{number!r} is no number of processes: give one from 1 to 64" in capsys.readouterr().err


def test_two_jobs_end_in_one_report_and_show_the_progress_of_both(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "page.md"))
    assert main([*SMALL, "--jobs", "2"]) == 0
    said = capsys.readouterr()
    assert "2 promises kept, 0 broken, 0 not tried" in said.out
    assert {line.split()[0] for line in said.err.splitlines()} == {"1/2", "2/2"}
    whole = load(tmp_path / "reports" / "run.json")
    assert [whole[name] for name in ("seed", "only", "shard")] == [1, "DICT-5,GET-1", {"index": 1, "of": 1}]
    assert (tmp_path / "page.md").read_text("utf-8") == (tmp_path / "reports" / "summary.md").read_text("utf-8")
    assert sum(path.is_file() for path in (tmp_path / "reports").rglob("*")) == 5


def test_a_shard_with_nothing_to_try_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    codes = [main([*SMALL, "--shard", f"{index}/9", "--reports", f"reports/{index}"]) for index in range(1, 10)]
    assert codes == [0] * 9
    assert ", shard 9/9\n" in capsys.readouterr().out
    assert main(["merge", *(f"reports/{index}/run.json" for index in range(1, 10))]) == 0


def test_a_command_line_can_be_written_again() -> None:
    def parsed(words: list[str]) -> dict[str, object]:
        parser = argparse.ArgumentParser()
        options.add_options(lambda flag, **about: parser.add_argument(f"--{flag}", **about))
        return options.given(parser.parse_args(words))

    given = parsed(["--overlay", "strict", "--overlay=-x y.yaml", "--only", "GET-1", "--timeout=3"])
    assert parsed(options.words(given)) == given
