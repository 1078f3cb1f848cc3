"""Records as entries of a document, JSON alone, and complete entries as records: equal ones, there and back."""

from datetime import UTC, datetime
from typing import Any

from immuta_mock.connectors import CONNECTORS
from immuta_mock.errors import BadRequest, quoted
from immuta_mock.store.metadata import connection_string
from immuta_mock.store.records import DataSource, Dictionary, HighCardinality, Holders, Job, JobKind, Json, Token
from immuta_mock.store.roles import holders
from immuta_mock.users import User

BY_PREFIX = {connector.prefix: connector for connector in CONNECTORS}

# Users


def user_entry(user: User) -> dict[str, Any]:
    """The entry of a user."""
    return {
        "name": user.name,
        "key": user.key,
        "profile": user.profile,
        "permissions": sorted(user.permissions),
        "groups": sorted(user.groups),
    }


def user_of(entry: Json) -> User:
    """The user of an entry."""
    permissions, groups = frozenset(entry.get("permissions", ())), frozenset(entry.get("groups", ()))
    return User(entry["name"], entry["key"], entry["profile"], permissions, groups)


def token_entry(token: Token) -> dict[str, Any]:
    """The entry of a token."""
    return {"token": token.token, "expiresAt": token.expires_at.isoformat(), "profile": token.profile}


def token_of(entry: Json) -> Token:
    """The token of an entry."""
    return Token(entry["token"], moment(entry["expiresAt"]), entry["profile"])


# Jobs


def job_entry(job: Job) -> dict[str, Any]:
    """The entry of a job."""
    return {
        "id": job.id,
        "kind": job.kind.value,
        "dataSourceId": job.data_source_id,
        "connectionString": job.connection_string,
        "completesAt": job.completes_at.isoformat(),
        "state": job.state,
        "output": job.output,
    }


def job_of(entry: Json) -> Job:
    """The job of an entry."""
    return Job(
        entry["id"],
        JobKind(entry["kind"]),
        entry["dataSourceId"],
        entry["connectionString"],
        moment(entry["completesAt"]),
        entry["state"],
        entry.get("output"),
    )


# Data sources


def source_entry(source: DataSource) -> dict[str, Any]:
    """The entry of a data source, with its handler and its dictionary; it shares what is in them."""
    entry = {
        "connector": source.connector.prefix,
        "name": source.name,
        "metadata": dict(source.metadata),
        "dataSource": dict(source.fields),
        "sqlTableName": source.sql_table_name,
        "id": source.id,
        "handlerId": source.handler_id,
        "owners": _holders_entry(source.owners),
        "experts": _holders_entry(source.experts),
        "createdBy": source.created_by,
        "createdAt": source.created_at.isoformat(),
        "updatedAt": source.updated_at.isoformat(),
        "deleted": source.deleted,
    }
    if source.schema_evolution is not None:
        entry["schemaEvolution"] = dict(source.schema_evolution)
    if source.dictionary is not None:
        entry["dictionary"] = _dictionary_entry(source.dictionary)
    if source.high_cardinality is not None:
        entry["highCardinality"] = {"column": source.high_cardinality.column}
    return entry


def source_of(entry: Json) -> DataSource:
    """The data source of a complete entry; its parts are kept as they are."""
    connector = BY_PREFIX[entry["connector"]]
    found = entry.get("highCardinality")
    return DataSource(
        id=entry["id"],
        handler_id=entry["handlerId"],
        connector=connector,
        name=entry["name"],
        sql_table_name=entry["sqlTableName"],
        connection_string=connection_string(entry["metadata"], connector),
        metadata=entry["metadata"],
        fields=entry["dataSource"],
        schema_evolution=entry.get("schemaEvolution"),
        owners=holders(entry["owners"]),
        experts=holders(entry["experts"]),
        created_by=entry["createdBy"],
        created_at=moment(entry["createdAt"]),
        updated_at=moment(entry["updatedAt"]),
        dictionary=_dictionary_of(entry),
        high_cardinality=None if found is None else HighCardinality(found["column"]),
        deleted=entry["deleted"],
    )


def _dictionary_entry(dictionary: Dictionary) -> dict[str, Any]:
    return {
        "columns": list(dictionary.columns),
        "id": dictionary.id,
        "createdAt": dictionary.created_at.isoformat(),
        "updatedAt": dictionary.updated_at.isoformat(),
    }


def _dictionary_of(entry: Json) -> Dictionary | None:
    written = entry.get("dictionary")
    if written is None:
        return None
    created_at, updated_at = moment(written["createdAt"]), moment(written["updatedAt"])
    return Dictionary(written["id"], entry["id"], tuple(written["columns"]), created_at, updated_at)


def _holders_entry(role: Holders) -> dict[str, list[int]]:
    return {"profiles": sorted(role.profiles), "groups": sorted(role.groups)}


def moment(text: str) -> datetime:
    """The time that an ISO 8601 text means, in UTC unless it says otherwise; raises BadRequest."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{quoted(text)} is no time in ISO 8601, such as 2026-01-15T12:00:00Z") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
