"""Which promise of an operation a deviation is about."""

from typing import NamedTuple

from immuta_mock.connectors import kind


class Family(NamedTuple):
    """`works`: the promise that a valid call succeeds; `answer`: the one that says what a success holds."""

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


def family(operation_id: str) -> Family:
    """The promises that an operation is judged by; the connectors share theirs."""
    return FAMILIES[kind(operation_id)[0]]
