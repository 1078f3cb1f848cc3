"""The fields of `dataSource` and of the top level of a body: which are kept and come back, which the server owns."""

from typing import Any

from immuta_mock.store.metadata import PASSWORD, json_copy
from immuta_mock.store.records import Json

IN_THE_RECORD = frozenset({"name", "sqlTableName", "schemaEvolution"})
"""Kept in the data source record itself."""

SERVER_OWNED = frozenset({
    "id", "dataSourceId", "handlerId", "connectionString", "createdAt", "createdBy", "deleted", "policyHandler",
    "policyHandlerType", "remoteSchema", "remoteTable", "sqlSchemaName", "status", "subscriptionStatus", "tags",
    "types", "updatedAt",
})  # fmt: skip
"""What only the server says; a client may send it, which has no effect."""

SETTABLE = frozenset({
    "blobHandler", "blobHandlerType", "category", "columnEvolutionEnabled", "description", "expert", "hasExamples",
    "ingest", "organization", "owner", "private", "recordFormat", "schemaEvolutionId", "type",
})  # fmt: skip
"""The documented fields of `dataSource` that are kept as they were sent."""

UPDATABLE = frozenset({"category", "description", "organization", "private"})
"""Those of them that `PUT /dataSource/{id}` documents and checks; it ignores the others."""

TOP_LEVEL = frozenset({"handler", "dataSource"})
"""The parts of a create or update body."""

NEVER_KEPT = IN_THE_RECORD | SERVER_OWNED | {PASSWORD}


def kept_data_source(written: Json) -> dict[str, Any]:
    """The fields of a written `dataSource` that are kept as fields: the settable and the unknown ones."""
    return _without(written, NEVER_KEPT)


def kept_unknown(written: Json) -> dict[str, Any]:
    """The unknown ones among fields that stand where the documented ones have no meaning."""
    return _without(written, NEVER_KEPT | SETTABLE | TOP_LEVEL)


def kept_changes(written: Json) -> dict[str, Any]:
    """The fields of a partial data source object that are kept as fields: the updatable and the unknown ones."""
    return _without(written, NEVER_KEPT | (SETTABLE - UPDATABLE) | TOP_LEVEL)


def _without(written: Json, names: frozenset[str]) -> dict[str, Any]:
    kept: dict[str, Any] = json_copy({name: value for name, value in written.items() if name not in names})
    return kept
