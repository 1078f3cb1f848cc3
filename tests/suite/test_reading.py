"""What a target file lets a run read is judged by reading alone, in mode read too."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from defects import DEFECTS
from foreign import observer, settle, state
from immuta_contracts import run
from immuta_contracts.check import Outcome
from immuta_contracts.contract import Contract
from immuta_contracts.settings import Readable, Settings
from immuta_contracts.target import InProcessMock, brief_store

CHECK = "what_may_be_read_is_answered_as_documented"
READ = Settings(mode="read", read=Readable(data_sources=(1, 2), handlers={"asa": (1001,), "trino": (1002,)}))


@contextmanager
def judged(settings: Settings, defect: str | None = None) -> Iterator[tuple[Contract, list[Outcome]]]:
    """The outcomes of the check on a mock that holds two data sources of others."""
    mock = InProcessMock(DEFECTS[defect].plant(brief_store()) if defect else None)
    try:
        settle(observer(mock), 2, range(1, 2))
        before = state(observer(mock))
        contract = Contract(mock, settings=settings)
        outcomes = [contract.judge(*each) for each in run.plan(contract) if each[0].name == CHECK]
        assert state(observer(mock)) == before
        yield contract, outcomes
    finally:
        mock.close()


def test_each_id_is_read_with_and_without_a_credential_and_nothing_else_is_sent() -> None:
    with judged(READ) as (contract, outcomes):
        seen = {name: dict(each.statuses) for name, each in contract.client.coverage.items() if each.statuses}
    assert {outcome.verdict for outcome in outcomes} == {"kept"}
    assert seen == {
        "getAsaHandler": {200: 1, 401: 1},
        "getTrinoHandler": {200: 1, 401: 1},
        "getDataSource": {200: 2, 401: 2},
        "getDictionary": {200: 1, 404: 1, 401: 2},
    }


@pytest.mark.parametrize(("defect", "promise"), [("RecordIsAnArray", "GET-1"), ("DictionariesArePublic", "AUTH-1")])
def test_what_is_off_the_document_is_found_on_what_others_made(defect: str, promise: str) -> None:
    with judged(READ, defect) as (_, outcomes):
        assert {outcome.failure.promise for outcome in outcomes if outcome.failure} == {promise}


def test_an_id_that_leads_nowhere_is_a_note_and_breaks_nothing() -> None:
    nowhere = Settings(mode="read", read=Readable(data_sources=(77,)))
    with judged(nowhere) as (_, outcomes):
        notes = [note for outcome in outcomes for note in outcome.notes]
        assert {outcome.verdict for outcome in outcomes} == {"kept"}
    assert notes == [f"/{what}/77, which [read] names, is answered 404" for what in ("dictionary", "dataSource")]
