"""Two equal mocks agree in all; one with a planted defect is told apart, and the difference is named."""

import io
import json
import math
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from defects import DEFECTS
from foreign import observer, settle, state
from immuta_contracts import run
from immuta_contracts.cli import main
from immuta_contracts.comparison import Comparison, Kind
from immuta_contracts.profiles import QUICK
from immuta_contracts.reports.comparison import document
from immuta_contracts.target import InProcessMock, MockProcess, brief_store

TOLD_APART = {
    "TokenMayNotStartJobs": Kind("triggerAsaHighCardinalityJob", "status", "", (200, 403)),
    "DictionariesArePublic": Kind("getDictionary", "status", "", (401, 200)),
    "bulk_costs_the_dictionary": Kind("getAsaHandler", "gone", "metadata.columns"),
    "ids_of_other_connectors_are_taken": Kind("bulkUpdateSnowflakeDataSources", "status", "", (404, 200)),
    "CountIsText": Kind("bulkUpdateTrinoDataSources", "type", "jobsCreated"),
    "EverybodyIsTheFirst": Kind("getCurrentUser", "value", "profile.id"),
    "hits_come_by_name": Kind("listDataSources", "value", "hits[].name"),
    "old_names_still_lead": Kind("getDataSourceByName", "status", "", (404, 200)),
    "first_delete_removes_on_trino": Kind("deleteDataSource", "value", "hardDelete"),
    "JobsStayActive": Kind("getJobStatuses", "value", "*.state"),
    "IntegerBulkIdsAreUnknown": Kind("listJobs", "length", ""),
    "a_new_name_is_not_taken_on_trino": Kind("createTrinoDataSource", "status", "", (422, 200)),
    "TakenHasAnotherCode": Kind("createAsaDataSource", "value", "validation[].code"),
    "SeveralAre202": Kind("createAsaDataSource", "status", "", (200, 202)),
    "update_merges": Kind("updateAsaHandler", "new", "metadata.warehouse"),
    "DatabricksRefreshesNativeViews": Kind("(no operation)", "status", "", (404, 200)),
    "put_gives_the_dictionary_a_new_id": Kind("updateDictionary", "value", "id"),
    "TypesAreSorted": Kind("createDictionary", "order", "types"),
    "DeletingTwiceIsFine": Kind("deleteDictionary", "status", "", (404, 200)),
    "HandlerShowsThePassword": Kind("getSnowflakeHandler", "new", "metadata.password"),
    "ViewJobAnswersNothing": Kind("refreshRedshiftNativeView", "type", ""),
    "search_minds_letter_case": Kind("searchDictionaryColumns", "length", ""),
}
WORDED_OTHERWISE = "RefusalNamesTheAct"


@contextmanager
def compared(defect: str | None = None, *, only: str | None = None, wording: bool = False) -> Iterator[Comparison]:
    """A mock as it is and one with the defect, after a comparison."""
    planted = DEFECTS[defect].plant(brief_store()) if defect else None
    with closing(InProcessMock()) as a, closing(InProcessMock(planted)) as b:
        found = Comparison(a, b, profile=QUICK, seed=1, wording=wording, most_requests=math.inf)
        found.begin()
        found.run(run.plan(found, only), io.StringIO())
        yield found


@pytest.mark.long
def test_two_equal_mocks_agree_in_all_on_every_operation() -> None:
    with compared(wording=True) as found:
        whole = document(found)
        operations = {operation.id for operation in found.routes.operations}
        refused = {name for name, seen in found.client.coverage.items() if any(s >= 400 for s in seen.statuses)}
        good = {name for name, seen in found.client.coverage.items() if 200 in seen.statuses}
    assert (whole["differences"], whole["cut_short"], whole["not_tried"]) == ([], [], [])
    assert whole["agreed"] == whole["compared"] > 3000
    assert operations <= {name for name, tally in found.tallies.items() if tally.compared}
    assert operations == good == refused
    assert (whole["a"]["left_behind"], whole["b"]["left_behind"]) == ([], [])


@pytest.mark.parametrize("name", TOLD_APART)
def test_a_planted_defect_is_told_apart_and_named_with_the_shortest_sequence(name: str) -> None:
    with compared(name, only=DEFECTS[name].promise) as found:
        assert TOLD_APART[name] in found.findings
        shown = [each for each in found.findings.values() if found.is_shown(each)]
        lengths = [len(each.recording.steps) for each in shown if each.kind.alike == TOLD_APART[name].alike]
        left = found.left_behind + found.other.left_behind
    assert all(each.shortened for each in shown)
    assert max(lengths) <= 6
    assert left == []


def test_other_words_are_told_and_count_only_when_asked() -> None:
    kind = Kind("updateDictionary", "wording", "message")
    for wording in (False, True):
        with compared(WORDED_OTHERWISE, only=DEFECTS[WORDED_OTHERWISE].promise, wording=wording) as found:
            assert list(found.findings) == [kind]
            assert found.counts(found.findings[kind]) is wording
            assert found.tallies["updateDictionary"].reworded > 0
            assert (found.tallies["updateDictionary"].agreed < found.tallies["updateDictionary"].compared) is wording


@pytest.fixture
def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMMUTA_API_KEY", "owner-key-local-only")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "reports" / "comparison.json").read_text("utf-8"))
    return found


@pytest.mark.long
def test_two_tenants_that_others_use_agree_and_keep_what_is_theirs(at_work: Path) -> None:
    with closing(MockProcess()) as a, closing(MockProcess()) as b:
        observers = [observer(each) for each in (a, b)]
        settle(observers[0], 12, range(1, 3))
        settle(observers[1], 30, range(1, 3))
        before = [state(each) for each in observers]
        only = "BULK-1,BULK-8,COMP-3,COMP-5,SEARCH-3,DICT-6,CREATE-18,JOB-1,UPDATE-11"
        argv = ["compare", a.base_url, b.base_url, "--profile", "quick", "--only", only, "--seed", "1"]
        assert main(argv) == 0
        assert [state(each) for each in observers] == before
    whole = written(at_work)
    assert whole["agreed"] == whole["compared"] > 300
    assert [whole[side]["fence"]["mode"] for side in "ab"] == ["own", "own"]
    assert list((at_work / ".immuta-contract").iterdir()) == []


@pytest.mark.parametrize("url", ["search_minds_letter_case"], indirect=True)
def test_over_http_a_difference_is_exit_code_1_and_is_in_every_report(
    url: str, at_work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "mock", url, "--only", "SEARCH-2", "--seed", "1"]) == 1
    said = "searchDictionaryColumns"
    assert f"{said}: the body is of another length" in capsys.readouterr().out
    (first, *_) = written(at_work)["differences"]
    assert (first["operation"], first["what"], first["shortened"]) == (said, "length", True)
    assert [each["a"]["request"]["method"] for each in first["steps"]] == ["POST", "GET"]
    assert first["steps"][1]["b"]["curl"].startswith(f"curl -sS '{url}/dictionary/columns?searchText=")
    reports = [(at_work / "reports" / name).read_text("utf-8") for name in ("comparison.html", "comparison.md")]
    assert all("is of another length" in each for each in reports)
    assert not any("owner-key-local-only" in each for each in reports)
