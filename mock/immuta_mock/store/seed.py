"""The state as a document that people write and tests keep: dumped from a state, and loaded into a new one.

The document is described by the schema `State` of `spec/control.yaml`. Whatever a tenant would fill in may be left out.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from immuta_mock.connectors import CONNECTORS
from immuta_mock.errors import BadRequest, quoted
from immuta_mock.store.columns import kept_columns
from immuta_mock.store.metadata import connection_string, json_copy, kept_metadata
from immuta_mock.store.records import DataSource, Dictionary, HighCardinality, Holders, Job, JobKind, Json
from immuta_mock.store.roles import holders
from immuta_mock.store.state import Counters, State
from immuta_mock.users import CREATE_DATA_SOURCE, Directory, User, UsersError

VERSION = 1
BY_PREFIX = {connector.prefix: connector for connector in CONNECTORS}
SETTINGS: Json = {"blobHandler": {"scheme": "https", "url": ""}, "recordFormat": "", "type": "queryable"}


# From a state to a document


def dump(state: State) -> dict[str, Any]:
    """The document of a state, which `loaded` turns into an equal one; tokens are left out."""
    return {
        "version": VERSION,
        "users": [user_entry(user) for user in state.directory.users],
        "dataSources": [_source_entry(source) for source in state.data_sources.values()],
        "jobs": [job_entry(job) for job in state.jobs.values()],
        "bulks": {bulk_id: list(job_ids) for bulk_id, job_ids in state.bulks.items()},
    }


def user_entry(user: User) -> dict[str, Any]:
    """A user as the document has it."""
    groups = sorted(user.groups)
    return {
        "name": user.name,
        "key": user.key,
        "profile": user.profile,
        "permissions": sorted(user.permissions),
        "groups": groups,
    }


def job_entry(job: Job) -> dict[str, Any]:
    """A job as the document has it."""
    return {
        "id": job.id,
        "kind": job.kind.value,
        "dataSourceId": job.data_source_id,
        "connectionString": job.connection_string,
        "completesAt": job.completes_at.isoformat(),
        "state": job.state,
        "output": job.output,
    }


def _source_entry(source: DataSource) -> dict[str, Any]:
    entry = {
        "connector": source.connector.prefix,
        "name": source.name,
        "metadata": json_copy(dict(source.metadata)),
        "dataSource": json_copy(dict(source.fields)),
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
        entry["schemaEvolution"] = json_copy(dict(source.schema_evolution))
    if source.dictionary is not None:
        entry["dictionary"] = _dictionary_entry(source.dictionary)
    if source.high_cardinality is not None:
        entry["highCardinality"] = {"column": source.high_cardinality.column}
    return entry


def _dictionary_entry(dictionary: Dictionary) -> dict[str, Any]:
    return {
        "columns": json_copy(list(dictionary.columns)),
        "id": dictionary.id,
        "createdAt": dictionary.created_at.isoformat(),
        "updatedAt": dictionary.updated_at.isoformat(),
    }


def _holders_entry(role: Holders) -> dict[str, list[int]]:
    return {"profiles": sorted(role.profiles), "groups": sorted(role.groups)}


# From a document to a state


def loaded(before: State, document: Json, now: datetime) -> State:
    """The state of a document; users and the source of ids are those of `before` unless the document says them.

    Raises BadRequest for two things that cannot be there at once.
    """
    state = before.copy()
    state.tokens, state.bulks = {}, {bulk_id: tuple(ids) for bulk_id, ids in document.get("bulks", {}).items()}
    emptied = State(state.random, _directory(document, state.directory), bulks=state.bulks)
    entries = document.get("dataSources", [])
    _require_distinct(entries, "name", "id", "handlerId")
    emptied.counters = _counters(entries, emptied.bulks)
    for index, entry in enumerate(entries):
        emptied.put(_source(emptied, entry, f"dataSources[{index}]", now))
    for entry in document.get("jobs", []):
        emptied.keep_job(_job(entry))
    return emptied


def _directory(document: Json, before: Directory) -> Directory:
    if "users" not in document:
        return before
    try:
        return Directory([user_of(entry) for entry in document["users"]])
    except UsersError as error:
        raise BadRequest(f"$.users: {error}") from None


def user_of(entry: Json) -> User:
    """The user of an entry."""
    permissions, groups = frozenset(entry.get("permissions", ())), frozenset(entry.get("groups", ()))
    return User(entry["name"], entry["key"], entry["profile"], permissions, groups)


def _require_distinct(entries: Iterable[Json], *fields: str) -> None:
    for field in fields:
        seen: dict[Any, int] = {}
        for index, entry in enumerate(entries):
            first = seen.setdefault(entry[field], index) if field in entry else index
            if first != index:
                value = quoted(str(entry[field]))
                raise BadRequest(f"$.dataSources[{index}].{field} is {value}, which $.dataSources[{first}] has already")


def _counters(entries: Iterable[Json], bulks: Mapping[str, Any]) -> Counters:
    """The next ids, above all that the document says."""
    counters = Counters()
    for entry in entries:
        counters.data_source = max(counters.data_source, entry.get("id", 0) + 1)
        counters.handler = max(counters.handler, entry.get("handlerId", 0) + 1)
        counters.dictionary = max(counters.dictionary, entry.get("dictionary", {}).get("id", 0) + 1)
    counters.bulk = max([counters.bulk, *(int(bulk_id) + 1 for bulk_id in bulks if bulk_id.isdigit())])
    return counters


def _source(state: State, entry: Json, where: str, now: datetime) -> DataSource:
    connector = BY_PREFIX[entry["connector"]]
    metadata = kept_metadata(entry["metadata"])
    created_at = _moment(entry, "createdAt", now)
    fields = {**SETTINGS, "blobHandlerType": connector.name, **json_copy(entry.get("dataSource", {}))}
    source_id = entry["id"] if "id" in entry else state.next_data_source_id()
    found = entry.get("highCardinality")
    return DataSource(
        id=source_id,
        handler_id=entry["handlerId"] if "handlerId" in entry else state.next_handler_id(),
        connector=connector,
        name=entry["name"],
        sql_table_name=entry.get("sqlTableName", entry["name"]),
        connection_string=connection_string(metadata, connector),
        metadata=metadata,
        fields=fields,
        schema_evolution=json_copy(entry.get("schemaEvolution")),
        owners=holders(entry.get("owners")),
        experts=holders(entry.get("experts")),
        created_by=entry["createdBy"] if "createdBy" in entry else _first_creator(state.directory),
        created_at=created_at,
        updated_at=_moment(entry, "updatedAt", created_at),
        dictionary=_dictionary(state, entry, source_id, where, created_at),
        high_cardinality=None if found is None else HighCardinality(found["column"]),
        deleted=entry.get("deleted", False),
    )


def _dictionary(state: State, entry: Json, source_id: int, where: str, created_at: datetime) -> Dictionary | None:
    written = entry.get("dictionary")
    if written is None:
        return None
    columns = kept_columns(written["columns"], f"$.{where}.dictionary.columns")
    dictionary_id = written["id"] if "id" in written else state.next_dictionary_id()
    created_at = _moment(written, "createdAt", created_at)
    return Dictionary(dictionary_id, source_id, columns, created_at, _moment(written, "updatedAt", created_at))


def _first_creator(directory: Directory) -> int:
    """Who made what nobody is said to have made: the first user who may."""
    creators = [user.profile for user in directory.users if CREATE_DATA_SOURCE in user.permissions]
    return next(iter(creators or [user.profile for user in directory.users]), 0)


def _job(entry: Json) -> Job:
    return Job(
        entry["id"],
        JobKind(entry["kind"]),
        entry["dataSourceId"],
        entry["connectionString"],
        moment(entry["completesAt"]),
        entry["state"],
        entry.get("output"),
    )


def _moment(entry: Json, field: str, otherwise: datetime) -> datetime:
    return moment(entry[field]) if field in entry else otherwise


def moment(text: str) -> datetime:
    """The time that an ISO 8601 text means, in UTC unless it says otherwise; raises BadRequest."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{quoted(text)} is no time in ISO 8601, such as 2026-01-15T12:00:00Z") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
