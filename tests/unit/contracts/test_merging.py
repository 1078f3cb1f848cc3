"""The shards of a run are merged into what the whole run would have written, and nothing else is merged."""

import copy
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from immuta_contracts import run
from immuta_contracts.cli import main
from immuta_contracts.contract import Contract
from immuta_contracts.deviations import Deviation
from immuta_contracts.gates import ALL, Gate
from immuta_contracts.merging import CannotMerge, merged
from immuta_contracts.profiles import DEFAULT
from immuta_contracts.reports.document import Document, schema, write
from immuta_contracts.settings import Settings
from immuta_contracts.shards import WHOLE, Shard
from immuta_contracts.target import InProcessMock

ONLY = "DICT-5,GET-1,SEARCH-1,CREATE-9"
TODAY, LATER = date(2026, 11, 24), date(2999, 12, 24)
GATE = Gate(ALL, (Deviation("GET-1", "old", LATER), Deviation("SEARCH-1", "older", LATER)), TODAY)


def judged(shard: Shard = WHOLE, **given: Any) -> Document:
    target = InProcessMock()
    settings = Settings(only=ONLY, **given)
    try:
        contract = Contract(target, profile=DEFAULT, seed=3, settings=settings, shard=shard)
        planned = run.part(contract, run.plan(contract, settings.only))
        return run.document(contract, run.run(contract, planned, io.StringIO(), gate=GATE))
    finally:
        target.close()


@pytest.fixture(scope="module")
def kept() -> list[Document]:
    return [judged(Shard(index, 3)) for index in (1, 2, 3)]


@pytest.fixture
def shards(kept: list[Document]) -> list[Document]:
    """Three shards of a run, to change at will."""
    return copy.deepcopy(kept)


def joined(*parts: Document) -> Document:
    return merged([(f"{place}.json", part) for place, part in enumerate(parts, 1)])


def refusal(*parts: Document) -> str:
    with pytest.raises(CannotMerge) as caught:
        joined(*parts)
    return str(caught.value)


def test_the_order_of_the_shards_does_not_matter(shards: list[Document]) -> None:
    assert joined(*shards) == joined(*reversed(shards))


def test_what_is_merged_is_a_whole_run_as_the_schema_says(shards: list[Document]) -> None:
    whole = joined(*shards)
    assert [error.message for error in jsonschema_rs.Draft202012Validator(schema()).iter_errors(whole)] == []
    assert whole["shard"] == {"index": 1, "of": 1}


def test_a_promise_is_tried_where_the_whole_run_tries_it_and_in_its_order(shards: list[Document]) -> None:
    def tried(found: Document) -> list[tuple[str, list[tuple[str, str | None]]]]:
        pairs = [(each["id"], each["tried"]) for each in found["promises"]]
        return [(name, [(entry["property"], entry["subject"]) for entry in entries]) for name, entries in pairs]

    assert tried(joined(*shards)) == tried(judged())
    assert all(len(entries) < 20 for part in shards for _, entries in tried(part))


def test_counts_are_added_up_and_the_longest_shard_gives_the_time(shards: list[Document]) -> None:
    for number, part in enumerate(shards, 1):
        part["seconds"], part["requests"], part["left_behind"] = 10.0 * number, number, [f"contract-3s{number}-1"]
        part["started"] = f"2026-11-24T0{number}:00:00.000Z"
        part["fence"] = {"mode": "full", "passed": 5, "refused": [{"reason": f"r{number % 2}", "count": number}]}
        part["trouble"] |= {"sent": 7, "retries": 1, "waited_seconds": 0.5, "trouble": {"503": number}}
    whole = joined(*shards)
    names = ("seconds", "requests", "left_behind", "started", "fence", "trouble")
    assert {name: whole[name] for name in names} == {
        "seconds": 30.0,
        "requests": 6,
        "left_behind": ["contract-3s1-1", "contract-3s2-1", "contract-3s3-1"],
        "started": "2026-11-24T01:00:00.000Z",
        "fence": {
            "mode": "full",
            "passed": 15,
            "refused": [{"reason": "r1", "count": 4}, {"reason": "r0", "count": 2}],
        },
        "trouble": {
            "sent": 21,
            "retries": 3,
            "given_up": 0,
            "waited_seconds": 1.5,
            "trouble": {"503": 6},
            "ended": None,
        },
    }


def test_histograms_are_added_up_and_bound_the_shares(shards: list[Document]) -> None:
    for part, histogram, most in zip(shards, ([[1.0, 8]], [[1.0, 1], [10.0, 1]], []), (0.9, 9.7, None), strict=True):
        count = sum(number for _, number in histogram)
        latency = {"count": count, "p50": most, "p90": most, "p99": most, "max": most, "histogram": histogram}
        part["operations"]["getAsaHandler"]["latency"] = latency
    assert joined(*shards)["operations"]["getAsaHandler"]["latency"] == {
        "count": 10,
        "p50": 1.0,
        "p90": 1.0,
        "p99": 9.7,
        "max": 9.7,
        "histogram": [[1.0, 9], [10.0, 1]],
    }


def test_drift_is_added_up_by_operation(shards: list[Document]) -> None:
    def seen(operation: str, field: str | None, count: int) -> Document:
        return {"operation": operation, "status": 200, "field": field, "count": count}

    shards[0]["drift"] = [seen("getTrinoHandler", "b", 1)]
    shards[1]["drift"] = [seen("getTrinoHandler", None, 2), seen("getTrinoHandler", "a", 3)]
    shards[2]["drift"] = [seen("getAsaHandler", "z", 4), seen("getTrinoHandler", "b", 5)]
    order = list(shards[0]["operations"])
    expected = [
        seen("getAsaHandler", "z", 4),
        seen("getTrinoHandler", None, 2),
        seen("getTrinoHandler", "a", 3),
        seen("getTrinoHandler", "b", 6),
    ]
    assert joined(*shards)["drift"] == sorted(expected, key=lambda each: order.index(each["operation"]))


def test_a_failure_in_one_shard_breaks_the_promise(shards: list[Document]) -> None:
    failing = next(each for each in shards[1]["promises"] if each["id"] == "GET-1")
    failing["verdict"], failing["failures"] = "broken", [a_failure(failing["tried"][0]["property"], known=False)]
    whole = joined(*shards)
    verdicts = {each["id"]: (each["verdict"], len(each["failures"])) for each in whole["promises"]}
    assert verdicts["GET-1"] == ("broken", 1)
    assert set(verdicts.values()) == {("broken", 1), ("kept", 0)}
    assert whole["counts"] == {"kept": len(verdicts) - 1, "broken": 1, "not tried": 0}


def a_failure(found_by: str, *, known: bool) -> Document:
    where = {"layer": "promises", "found_by": found_by, "subject": "asa", "connector": "asa"}
    return {**where, "expected": "one", "seen": "two", "requests": [], "known": known}


def test_what_one_shard_could_not_try_is_said_as_a_whole_run_says_it(shards: list[Document]) -> None:
    promise = next(each for each in shards[2]["promises"] if each["id"] == "GET-1")
    promise["tried"][0] |= {"verdict": "not tried", "reason": "no key", "notes": []}
    found = next(each for each in joined(*shards)["promises"] if each["id"] == "GET-1")
    tried = len(found["tried"])
    assert (found["verdict"], found["detail"]) == ("not tried", f"in part ({tried - 1} of {tried} were): no key")


def test_a_deviation_is_fixed_when_all_shards_together_keep_what_could_show_it(shards: list[Document]) -> None:
    assert {each["state"] for part in shards for each in part["deviations"] if each["promise"] == "GET-1"} == {
        "not tried"
    }
    whole = joined(*shards)
    assert whole["deviations"] == judged()["deviations"]
    assert [each["state"] for each in whole["deviations"]] == ["fixed", "fixed"]
    assert next(each for each in whole["promises"] if each["id"] == "GET-1")["deviation"] == whole["deviations"][0]


@pytest.mark.parametrize("state", ["known", "expired"])
def test_a_deviation_shows_in_the_whole_when_it_shows_in_a_shard(shards: list[Document], state: str) -> None:
    shards[2]["deviations"][0]["state"] = state
    assert joined(*shards)["deviations"][0]["state"] == state


def test_a_run_that_was_not_divided_is_its_only_shard() -> None:
    whole = judged()
    again = joined(whole)
    for name in ("promises", "counts", "requests", "drift", "fence", "trouble", "deviations", "left_behind"):
        assert again[name] == whole[name], name


def test_one_interrupted_shard_interrupts_the_whole(shards: list[Document]) -> None:
    shards[1]["interrupted"] = True
    assert joined(*shards)["interrupted"]


def test_a_missing_shard_is_refused(shards: list[Document]) -> None:
    assert refusal(shards[0], shards[2]) == "shard 2/3 is missing: give the run.json of all 3"
    assert refusal(shards[1]) == "shard 1/3, 3/3 is missing: give the run.json of all 3"


def test_a_shard_given_twice_is_refused(shards: list[Document]) -> None:
    assert refusal(*shards, shards[1]) == "4.json and 2.json are the same shard, 2/3: give it once"


def change(part: Document, path: str, value: object) -> None:
    *tables, last = path.split(".")
    for table in tables:
        part = part[table]
    part[last] = value


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("seed", 4, "seed: 4, not 3"),
        ("profile", "quick", "profile: quick, not default"),
        ("shard.of", 4, "number of shards: 4, not 3"),
        ("own_mock", False, "target: http://127.0.0.1:8080, not a mock of its own"),
        ("fence.mode", "own", "mode: own, not full"),
        ("only", None, f"selection: everything, not {ONLY}"),
        ("scope", ["asa"], "connectors in scope: ['asa'], not all"),
        ("gate", ["ref"], "gate: ['ref'], not ['ref', 'docs', 'client', 'inferred']"),
        ("deviations", [], "known deviations: [], not ['GET-1 until 2999-12-24', 'SEARCH-1 until 2999-12-24']"),
    ],
)
def test_shards_of_other_runs_are_refused(shards: list[Document], path: str, value: object, said: str) -> None:
    change(shards[1], path, value)
    assert refusal(*shards) == f"2.json is of another run than 1.json; {said}"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("environment.spec.sha256", "OpenAPI document: sha256 another, not sha256 "),
        ("environment.packages.immuta-contract-kit", "versions: immuta-contract-kit=another "),
    ],
)
def test_other_documents_and_versions_are_refused(shards: list[Document], path: str, said: str) -> None:
    change(shards[2], path, "another")
    assert refusal(*shards).startswith(f"3.json is of another run than 1.json; {said}")


def test_a_run_of_an_earlier_version_is_refused(shards: list[Document]) -> None:
    del shards[0]["shard"]
    assert refusal(*shards) == "1.json does not say which shard of its run it is; judge again with this version"


@pytest.fixture
def paths(shards: list[Document], tmp_path: Path) -> Callable[[], list[str]]:
    def written() -> list[str]:
        for number, part in enumerate(shards, 1):
            write(tmp_path / f"{number}.json", part)
        return [str(tmp_path / f"{number}.json") for number in (1, 2, 3)]

    return written


def test_the_command_writes_all_reports_and_ends_as_the_whole_run(
    paths: Callable[[], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["merge", *paths(), "--out", str(tmp_path / "out")]) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["failures.har", "junit.xml", "report.html", "run.json", "summary.md"]
    assert "0 broken, 0 not tried" in capsys.readouterr().out.splitlines()[-2]


@pytest.mark.parametrize(("known", "code"), [(False, 1), (True, 0)])
def test_the_exit_code_says_whether_anything_is_broken_that_counts(
    shards: list[Document], paths: Callable[[], list[str]], tmp_path: Path, known: bool, code: int
) -> None:
    failing = next(each for each in shards[1]["promises"] if each["id"] == "GET-1")
    failing["verdict"], failing["failures"] = "broken", [a_failure(failing["tried"][0]["property"], known=known)]
    assert main(["merge", *paths(), "--out", str(tmp_path / "out")]) == code


def test_an_interrupted_whole_is_exit_code_130(
    shards: list[Document], paths: Callable[[], list[str]], tmp_path: Path
) -> None:
    shards[1]["interrupted"] = True
    assert main(["merge", *paths(), "--out", str(tmp_path / "out")]) == 130


def test_a_whole_that_tried_nothing_is_exit_code_2(
    shards: list[Document], paths: Callable[[], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for each in (entry for part in shards for promise in part["promises"] for entry in promise["tried"]):
        each["verdict"], each["reason"] = "not tried", "tenant unavailable"
    assert main(["merge", *paths(), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == "immuta-contract: nothing could be tried; the table above says why\n"


def test_what_cannot_be_merged_is_exit_code_2(
    paths: Callable[[], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["merge", *paths()[:2], "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == "immuta-contract: shard 3/3 is missing: give the run.json of all 3\n"
    assert not (tmp_path / "out").exists()
