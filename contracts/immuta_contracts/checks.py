"""What every answer has to be by the document, and which promise of an operation a breach of it is about."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import NoReturn

from immuta_contracts.exchange import Answer
from immuta_contracts.schemas import schemas_of
from immuta_contracts.spec import Operation
from immuta_contracts.world import World


@dataclass(frozen=True)
class Family:
    """`works`: the promise that a valid call succeeds; `answer`: the promise that says what the answer holds."""

    works: str
    answer: str


FAMILIES = {
    "create{}DataSource": Family("CREATE-1", "CREATE-15"),
    "get{}Handler": Family("GET-1", "GET-1"),
    "update{}Handler": Family("UPDATE-1", "UPDATE-8"),
    "bulkUpdate{}DataSources": Family("BULK-1", "BULK-6"),
    "trigger{}HighCardinalityJob": Family("JOB-1", "JOB-3"),
    "refresh{}NativeView": Family("JOB-2", "JOB-3"),
    "createDictionary": Family("DICT-1", "DICT-4"),
    "updateDictionary": Family("DICT-6", "DICT-4"),
    "getDictionary": Family("DICT-7", "DICT-4"),
    "deleteDictionary": Family("DICT-8", "DICT-8"),
    "searchDictionaryColumns": Family("SEARCH-1", "SEARCH-1"),
    "authenticate": Family("COMP-1", "COMP-1"),
    "getCurrentUser": Family("COMP-2", "COMP-2"),
    "listDataSources": Family("COMP-3", "COMP-3"),
    "getDataSource": Family("COMP-4", "COMP-4"),
    "getDataSourceByName": Family("COMP-4", "COMP-4"),
    "updateDataSource": Family("COMP-5", "COMP-5"),
    "deleteDataSource": Family("COMP-5", "COMP-5"),
    "getJobStatuses": Family("COMP-6", "COMP-6"),
    "listJobs": Family("COMP-6", "COMP-6"),
}

REFUSED_VALID = {401: "AUTH-2", 403: "ERR-7"}
"""Refusals of a valid call that speak of the caller, not of what the operation does."""


def family(operation: Operation) -> Family:
    """The promises an operation is judged by; the five connectors share theirs."""
    return FAMILIES[kind(operation)]


def kind(operation: Operation) -> str:
    """The operation id with `{}` in the place of the connector's name."""
    connector = operation.connector
    return operation.id.replace(connector.word, "{}", 1) if connector else operation.id


def expect_no_server_error(w: World, answer: Answer) -> None:
    w.expect(answer.status < 500, "no 5xx", _seen(answer), promise="ERR-8")


def expect_works(w: World, operation: Operation, answer: Answer) -> None:
    """A call that nothing can be said against succeeds."""
    if answer.status >= 400:
        promise = REFUSED_VALID.get(answer.status, family(operation).works)
        w.broken(f"{operation.id} to succeed on a valid request", _seen(answer), promise=promise)


def expect_documented(w: World, operation: Operation, answer: Answer, *, promise: str | None = None) -> None:
    """The status is documented, the body JSON and as its schema says; `promise` is about what a success holds."""
    success = answer.status < 400
    if success and answer.status != 200:
        w.broken(
            f"{operation.id} to answer success with 200",
            _seen(answer),
            promise=family(operation).answer if operation.companion else "HTTP-2",
        )
    if not schemas_of(w.routes).documented(operation, answer.status):
        w.broken(
            f"{operation.id} to answer one of its documented statuses", _seen(answer), promise=family(operation).works
        )
    media = f"{answer.headers.get('content-type', 'no media type')}: {answer.text[:300]}"
    w.expect(
        answer.is_json, "a JSON body declared as application/json", media, promise="HTTP-2" if success else "ERR-1"
    )
    fault = schemas_of(w.routes).answer_fault(operation, answer.status, answer.json)
    if fault is not None:
        _off_schema(w, operation, answer, fault, promise or family(operation).answer)
    if not success:
        w.expect_holds(answer.json, {"statusCode": answer.status}, "the error", promise="ERR-1")


def _off_schema(w: World, operation: Operation, answer: Answer, fault: str, content: str) -> NoReturn:
    expected = f"{operation.id} to answer {answer.status} as documented: {fault}"
    if answer.status < 400:
        w.broken(expected, _seen(answer), promise=content)
    plain = schemas_of(w.routes).component_fault("Error", answer.json)
    taken = answer.status == HTTPStatus.UNPROCESSABLE_ENTITY and plain is None
    w.broken(expected, _seen(answer), promise="ERR-5" if taken else "ERR-1")


def _seen(answer: Answer) -> str:
    return f"{answer.status}: {answer.text[:500]}"
