"""The state as a document that people write and tests keep: dumped from a state, and loaded into a new one.

The document is described by the schema `State` of `spec/control.yaml`. Whatever a tenant would fill in may be left out.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from immuta_mock.errors import BadRequest, quoted
from immuta_mock.store.columns import kept_columns
from immuta_mock.store.entries import BY_PREFIX, job_entry, job_of, moment, source_entry, source_of, user_entry, user_of
from immuta_mock.store.metadata import json_copy, kept_metadata
from immuta_mock.store.records import Json
from immuta_mock.store.state import FIRST_IDS, State
from immuta_mock.users import CREATE_DATA_SOURCE, Directory, UsersError

VERSION = 1
SETTINGS: Json = {"blobHandler": {"scheme": "https", "url": ""}, "recordFormat": "", "type": "queryable"}


def dump(state: State) -> dict[str, Any]:
    """The document of a state, which `loaded` turns into an equal one; tokens are left out."""
    return {
        "version": VERSION,
        "users": [user_entry(user) for user in state.directory.users],
        "dataSources": [json_copy(source_entry(source)) for source in state.data_sources.values()],
        "jobs": [job_entry(job) for job in state.jobs.values()],
        "bulks": {bulk_id: list(job_ids) for bulk_id, job_ids in state.bulks.items()},
    }


def loaded(before: State, document: Json, now: datetime) -> State:
    """The state of a document; users and the source of ids are those of `before` unless the document says them.

    Raises BadRequest for two things that cannot be there at once.
    """
    bulks = {bulk_id: tuple(ids) for bulk_id, ids in document.get("bulks", {}).items()}
    state = State(_directory(document, before.directory), before.seed, bulks=bulks)
    entries = document.get("dataSources", [])
    _require_distinct(entries, "name", "id", "handlerId")
    state.counters = _counters(entries, bulks, before)
    completed = [_completed(state, entry, f"dataSources[{index}]", now) for index, entry in enumerate(entries)]
    state.put_all(source_of(entry) for entry in sorted(completed, key=lambda entry: entry["id"]))
    for entry in document.get("jobs", []):
        state.keep_job(job_of(entry))
    return state


def _directory(document: Json, before: Directory) -> Directory:
    if "users" not in document:
        return before
    try:
        return Directory([user_of(entry) for entry in document["users"]])
    except UsersError as error:
        raise BadRequest(f"$.users: {error}") from None


def _require_distinct(entries: Iterable[Json], *fields: str) -> None:
    for field in fields:
        seen: dict[Any, int] = {}
        for index, entry in enumerate(entries):
            first = seen.setdefault(entry[field], index) if field in entry else index
            if first != index:
                value = quoted(str(entry[field]))
                raise BadRequest(f"$.dataSources[{index}].{field} is {value}, which $.dataSources[{first}] has already")


def _counters(entries: Iterable[Json], bulks: Mapping[str, Any], before: State) -> dict[str, int]:
    """The next ids, above all that the document says; UUIDs go on."""
    used = {
        "dataSource": [entry.get("id", 0) for entry in entries],
        "handler": [entry.get("handlerId", 0) for entry in entries],
        "dictionary": [entry.get("dictionary", {}).get("id", 0) for entry in entries],
        "bulk": [int(bulk_id) for bulk_id in bulks if bulk_id.isdigit()],
    }
    above = {kind: max([FIRST_IDS[kind], *(number + 1 for number in numbers)]) for kind, numbers in used.items()}
    return {**above, "uuid": before.counters["uuid"]}


def _completed(state: State, entry: Json, where: str, now: datetime) -> dict[str, Any]:
    """The entry of a data source with what was left out."""
    created_at = _moment(entry, "createdAt", now)
    settings = {**SETTINGS, "blobHandlerType": BY_PREFIX[entry["connector"]].name}
    completed = {
        "sqlTableName": entry["name"],
        "owners": None,
        "experts": None,
        "createdBy": _first_creator(state.directory),
        "deleted": False,
        **entry,
        "id": entry["id"] if "id" in entry else state.next_data_source_id(),
        "handlerId": entry["handlerId"] if "handlerId" in entry else state.next_handler_id(),
        "metadata": kept_metadata(entry["metadata"]),
        "dataSource": {**settings, **json_copy(entry.get("dataSource", {}))},
        "schemaEvolution": json_copy(entry.get("schemaEvolution")),
        "createdAt": created_at.isoformat(),
        "updatedAt": _moment(entry, "updatedAt", created_at).isoformat(),
    }
    if entry.get("dictionary") is not None:
        completed["dictionary"] = _completed_dictionary(state, entry["dictionary"], where, created_at)
    return completed


def _completed_dictionary(state: State, written: Json, where: str, created_at: datetime) -> dict[str, Any]:
    created_at = _moment(written, "createdAt", created_at)
    return {
        "columns": kept_columns(written["columns"], f"$.{where}.dictionary.columns"),
        "id": written["id"] if "id" in written else state.next_dictionary_id(),
        "createdAt": created_at.isoformat(),
        "updatedAt": _moment(written, "updatedAt", created_at).isoformat(),
    }


def _first_creator(directory: Directory) -> int:
    """Who made what nobody is said to have made: the first user who may."""
    creators = [user.profile for user in directory.users if CREATE_DATA_SOURCE in user.permissions]
    return next(iter(creators or [user.profile for user in directory.users]), 0)


def _moment(entry: Json, field: str, otherwise: datetime) -> datetime:
    return moment(entry[field]) if field in entry else otherwise
