"""The state and the rules of a mock tenant: plain Python, no HTTP."""

from immuta_mock.store.facade import Store
from immuta_mock.store.records import (
    BulkUpdate,
    CreatedOne,
    CreatedSeveral,
    DataSource,
    DataSourceQuery,
    Deletion,
    Dictionary,
    HighCardinality,
    Holders,
    Job,
    JobKind,
    Page,
    Token,
)

__all__ = [
    "BulkUpdate",
    "CreatedOne",
    "CreatedSeveral",
    "DataSource",
    "DataSourceQuery",
    "Deletion",
    "Dictionary",
    "HighCardinality",
    "Holders",
    "Job",
    "JobKind",
    "Page",
    "Store",
    "Token",
]
