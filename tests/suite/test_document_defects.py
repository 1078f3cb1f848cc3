"""A document that closes its answers, hides that they are open, or moves a path breaks the promise about it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from immuta_contracts.contract import Contract
from immuta_contracts.run import checks
from immuta_contracts.target import InProcessMock, document

Document = dict[str, Any]


@pytest.fixture(scope="module")
def target() -> Iterator[InProcessMock]:
    mock = InProcessMock()
    yield mock
    mock.close()


def broken(target: InProcessMock, promise: str, changed: Document) -> set[str]:
    """The subjects on which a document breaks the promise, by properties that send no request."""
    contract = Contract(target, spec=changed)
    silent = ("the_schemas_of_answers_are_open", "each_group_says", "the_document_has_exactly")
    own = [check for check in checks() if check.promise == promise and check.name.startswith(silent)]
    outcomes = [contract.judge(check, subject) for check in own for subject in check.subjects(contract.routes)]
    return {str(outcome.subject) for outcome in outcomes if outcome.verdict == "broken"}


def copied() -> Document:
    changed: Document = json.loads(json.dumps(document()))
    return changed


def test_the_document_keeps_the_promises(target: InProcessMock) -> None:
    assert broken(target, "HTTP-7", copied()) | broken(target, "HTTP-1", copied()) == set()


@pytest.mark.parametrize(
    ("component", "closing", "subjects"),
    [
        ("Dictionary", {"additionalProperties": False}, {"createDictionary", "updateDictionary", "getDictionary"}),
        ("BulkAnswer", {"maxProperties": 3}, {f"bulkUpdate{word}DataSources" for word in ("Trino", "Snowflake")}),
        ("UserFile", {"additionalProperties": False}, {"getAsaHandler", "updateRedshiftHandler"}),
        ("Error", {"additionalProperties": False}, {"createAsaDataSource", "searchDictionaryColumns"}),
    ],
)
def test_a_closed_schema_breaks_the_operations_that_answer_with_it(
    target: InProcessMock, component: str, closing: Document, subjects: set[str]
) -> None:
    changed = copied()
    changed["components"]["schemas"][component] |= closing
    assert subjects <= broken(target, "HTTP-7", changed)


def test_a_closed_schema_of_a_request_breaks_nothing(target: InProcessMock) -> None:
    changed = copied()
    changed["components"]["schemas"]["CreateSingle"]["additionalProperties"] = False
    assert broken(target, "HTTP-7", changed) == set()


@pytest.mark.parametrize("group", range(6))
def test_a_group_that_does_not_say_that_answers_are_open_breaks_the_promise(target: InProcessMock, group: int) -> None:
    changed = copied()
    changed["tags"][group]["description"] = "Connect tables and look after them."
    assert broken(target, "HTTP-7", changed) == {"None"}


def _without_refresh(paths: Document) -> None:
    del paths["/redshift/handler/{handlerId}/refreshNativeViewJob"]


def _with_a_prefix(paths: Document) -> None:
    paths["/api/asa/bulk"] = paths.pop("/asa/bulk")


def _with_one_more(paths: Document) -> None:
    path = "/{}/handler/{{handlerId}}/refreshNativeViewJob"
    paths[path.format("databricks")] = paths[path.format("trino")]


@pytest.mark.parametrize("change", [_without_refresh, _with_a_prefix, _with_one_more])
def test_other_paths_than_the_34_break_the_promise(target: InProcessMock, change: Callable[[Document], None]) -> None:
    changed = copied()
    change(changed["paths"])
    assert broken(target, "HTTP-1", changed) == {"None"}
