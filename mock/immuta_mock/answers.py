"""The JSON answers of the tenant: pure functions from what the store hands out."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from msgspec.json import encode

from immuta_mock.store.records import (
    BulkUpdate,
    CreatedOne,
    CreatedSeveral,
    DataSource,
    Deletion,
    Dictionary,
    Job,
    Page,
    Token,
)
from immuta_mock.store.roles import standing
from immuta_mock.users import User

HANDLER_TYPE = "odbcHandler"

Answer = dict[str, Any]


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# Handlers


def created(outcome: CreatedOne | CreatedSeveral) -> Answer:
    """The answer to a create call of either form."""
    if isinstance(outcome, CreatedSeveral):
        return _bulk(outcome)
    source = outcome.data_source
    answer = {"id": source.handler_id, "dataSourceId": source.id, "connectionString": source.connection_string}
    return answer if outcome.warnings is None else {**answer, "warnings": outcome.warnings}


def handler_record(source: DataSource) -> Answer:
    """The handler of a data source; its remote table is described where a dictionary says what it holds."""
    answer = {
        "id": source.handler_id,
        "dataSourceId": source.id,
        "type": HANDLER_TYPE,
        "connectionString": source.connection_string,
        "metadata": metadata(source),
    }
    if source.dictionary is not None:
        answer["remoteTableDescription"] = _remote_table_description(source.dictionary)
    return answer


def updated_handler(source: DataSource) -> Answer:
    """The answer to an update of a handler."""
    return {
        "id": source.handler_id,
        "dataSourceId": source.id,
        "ca": certificate_name(source),
        "columns": list(source.columns),
        "connectionString": source.connection_string,
        "metadata": metadata(source),
    }


def metadata(source: DataSource) -> Answer:
    """The handler metadata as last written, with what is kept elsewhere: name, columns, high cardinality."""
    shown = {**source.metadata, "dataSourceName": source.name}
    if source.high_cardinality is not None:
        shown["highCardinality"] = source.high_cardinality.column
    if source.dictionary is not None:
        shown["columns"] = list(source.columns)
    return shown


def certificate_name(source: DataSource) -> str:
    """The file name of the first of the `userFiles`; empty without one."""
    files = source.metadata.get("userFiles") or [{}]
    name: str = files[0].get("userFilename", "")
    return name


def bulk_answer(outcome: BulkUpdate) -> Answer:
    """The answer to a bulk update."""
    return _bulk(outcome)


def _bulk(outcome: BulkUpdate | CreatedSeveral) -> Answer:
    return {
        "bulkId": outcome.bulk_id,
        "connectionString": outcome.connection_string,
        "jobsCreated": outcome.jobs_created,
    }


@lru_cache(maxsize=256)
def _remote_table_description(dictionary: Dictionary) -> str:
    described = [
        {
            "name": column["name"],
            "isPrimaryKey": column.get("isPrimaryKey"),
            "dataType": column["remoteType"],
            "nullable": "YES" if column["nullable"] else "NO",
        }
        for column in dictionary.columns
    ]
    return encode(described).decode()


# Dictionaries


def dictionary(record: Dictionary) -> Answer:
    """A dictionary with its columns."""
    return {
        "id": record.id,
        "dataSource": record.data_source_id,
        "metadata": list(record.columns),
        "types": list(record.types),
        "createdAt": timestamp(record.created_at),
        "updatedAt": timestamp(record.updated_at),
    }


def column_hits(names: Iterable[str]) -> list[Answer]:
    """The answer to a column search."""
    return [{"columnName": name} for name in names]


# Data sources


def page(found: Page, caller: User | None = None) -> Answer:
    """One page of the list of data sources."""
    return {"hits": [hit(source, caller) for source in found.hits], "count": found.count}


def hit(source: DataSource, caller: User | None = None) -> Answer:
    """A data source as the list shows it; how the caller stands to it is null where nobody says who calls."""
    fields = source.fields
    return {
        "id": source.id,
        "name": source.name,
        "description": fields.get("description"),
        "deleted": source.deleted,
        "recordFormat": fields["recordFormat"],
        "createdAt": timestamp(source.created_at),
        "status": source.status,
        "blobHandlerType": fields["blobHandlerType"],
        "connectionString": source.connection_string,
        "sqlSchemaName": source.sql_schema_name,
        "subscriptionStatus": None if caller is None else standing(caller, source),
        "remoteTable": source.metadata.get("table"),
        "remoteSchema": source.metadata.get("schema"),
        "schemaEvolutionId": fields.get("schemaEvolutionId"),
    }


def data_source(source: DataSource, caller: User | None = None) -> Answer:
    """A data source whole, with the unknown fields that were sent for it."""
    answer = {
        "organization": None,
        "category": None,
        "hasExamples": False,
        "columnEvolutionEnabled": True,
        **source.fields,
        **hit(source, caller),
        "sqlTableName": source.sql_table_name,
        "private": source.private,
        "blobHandler": _blob_handler(source),
        "policyHandler": None,
        "policyHandlerType": None,
        "createdBy": source.created_by,
        "updatedAt": timestamp(source.updated_at),
        "tags": [],
    }
    return answer if source.schema_evolution is None else {**answer, "schemaEvolution": source.schema_evolution}


def deletion(outcome: Deletion) -> Answer:
    """The answer to deleting a data source."""
    return {"id": outcome.id, "hardDelete": outcome.hard_delete}


def _blob_handler(source: DataSource) -> Answer:
    """The address of the handler; the scheme is the one sent, of an array the first."""
    sent = source.fields.get("blobHandler") or {}
    first = sent[0] if isinstance(sent, list) else sent
    answer = {
        "scheme": first.get("scheme", "https"),
        "url": f"/{source.connector.prefix}/handler/{source.handler_id}",
    }
    certificate = certificate_name(source)
    return {**answer, "ca": {"name": certificate}} if certificate else answer


# Jobs and logins


def job(record: Job) -> Answer:
    """A job as the job operations show it."""
    return {"id": record.id, "state": record.state, "output": record.output}


def token(record: Token) -> Answer:
    """The answer to an exchange of an API key."""
    return {"token": record.token, "authenticated": True, "tokenExpiration": timestamp(record.expires_at)}


def current_user(user: User) -> Answer:
    """The user who calls."""
    return {
        "id": user.profile,
        "userid": user.name,
        "iamid": "bim",
        "profile": {"id": user.profile, "name": user.name},
        "permissions": sorted(user.permissions),
        "authorizations": {},
    }
