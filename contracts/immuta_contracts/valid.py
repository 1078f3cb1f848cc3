"""One valid request for each operation, with what has to stand before it can succeed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from immuta_contracts.checks import kind
from immuta_contracts.client import ABSENT
from immuta_contracts.connectors import ASA, Connector
from immuta_contracts.exchange import Answer
from immuta_contracts.made import Made
from immuta_contracts.spec import Operation
from immuta_contracts.strategies import PASSWORD
from immuta_contracts.world import Json, World

COLUMNS: tuple[Json, ...] = (
    {"name": "kind", "dataType": "text", "remoteType": "varchar(256)"},
    {"name": "actor", "dataType": "integer", "remoteType": "int", "nullable": False},
)
NEW_TOLERANCE = 7261  # seconds; what the valid updates set, so that one can see whether they were read
NO_JOB = "00000000-0000-4000-8000-000000000000"
SPENT = ("create{}DataSource", "createDictionary", "deleteDictionary", "deleteDataSource")
"""Kinds of operations whose valid request is valid only once."""


@dataclass(frozen=True)
class Call:
    """A request; `made` is the data source it is about, if it is about one."""

    method: str
    path: str
    body: object = ABSENT
    made: Made | None = None

    def send(self, w: World, **options: Any) -> Answer:
        """Send it, by default as the owner; see `Client.call`."""
        return w.call(self.method, self.path, json_body=self.body, **options)

    def at(self, operation: Operation, identifier: object) -> "Call":
        """The same request on another id, given percent-encoded."""
        return replace(self, path=operation.at(identifier))


def valid_call(w: World, operation: Operation, *, made: Made | None = None) -> Call:
    """A request that ought to succeed, by itself or on `made`. Raises `Unprepared`."""
    name = kind(operation)
    if made is None and (operation.has_id or name == "bulkUpdate{}DataSources"):
        made = stand(w, columns=name != "createDictionary", connector=operation.connector)
    path = operation.path if made is None else operation.at(_identifier(operation, made))
    body = BODIES[name](w, made) if name in BODIES else ABSENT
    return Call(operation.method, path + QUERIES.get(name, ""), body, made)


def stand(w: World, *, columns: bool = True, connector: Connector | None = None, **given: Any) -> Made:
    """A data source, by default of the subject's connector and with a dictionary; `given` are metadata fields."""
    listed: Json = {"columns": [dict(each) for each in COLUMNS]} if columns else {}
    connection = {"username": "loader", "password": PASSWORD, "schema": "public"}
    metadata = w.metadata(connector, **{**w.unless_pinned(connector, **connection), **listed, **given})
    body = strict_body(w, metadata, connector=connector)
    return w.make(body=body, connector=connector)


@contextmanager
def foreign(w: World, metadata: Json) -> Iterator[Made]:
    """A data source that the second owner made, and removes."""
    made = w.make(body=strict_body(w, metadata), role="second_owner")
    try:
        yield made
    finally:
        for _ in range(2):
            w.client.call("DELETE", made.source_path, role="second_owner")


def strict_body(w: World, metadata: Json, *, connector: Connector | None = None) -> Json:
    """A create body of the single form with every field that even the strict overlay requires."""
    return w.single_body(metadata=metadata, connector=connector, private=True, organization="contract")


def several_body(w: World, count: int) -> Json:
    """A create body of the several form with every field that even the strict overlay requires."""
    settings: Json = {"blobHandler": {"scheme": "https"}, "name": w.spare_name(), "sqlTableName": "unused"}
    return w.several_body(count, private=True, organization="contract", **settings)


def update_body(made: Made, **given: Any) -> Json:
    """The body of an update that sets the given metadata fields and keeps the rest; `...` drops a field."""
    merged = {**made.metadata, **given}
    metadata = {name: value for name, value in merged.items() if value is not ...}
    return {"handler": {"metadata": metadata}, "connectionString": made.connection_string}


def bulk_body(made: Made, **given: Any) -> Json:
    """The body of a bulk update that merges the given fields into everything with the connection string of `made`."""
    return {"handler": {"metadata": given}, "connectionString": made.connection_string}


def bulk_of_own(w: World, made: Made, **given: Any) -> Json:
    """The body of a bulk update that reaches `made` and none that the run did not make."""
    if w.is_pinned:
        return {"handler": {"metadata": given}, "ids": [made.data_source_id]}
    return bulk_body(made, **given)


def dictionary_body() -> Json:
    return {"metadata": [dict(each) for each in COLUMNS]}


def variants(w: World, operation: Operation) -> Iterator[Call]:
    """Requests that ought to succeed, one for each way the operation knows; send each before asking for the next."""
    first = valid_call(w, operation)
    yield first
    yield from VARIANTS.get(kind(operation), _once)(w, first)


def _identifier(operation: Operation, made: Made) -> object:
    if "{handlerId}" in operation.path:
        return made.handler_id
    return quote(made.name, safe="") if "{name}" in operation.path else made.data_source_id


def standing(made: Made | None) -> Made:
    """The data source of a call that is about one."""
    assert made is not None, "this operation needs a data source"
    return made


BODIES: dict[str, Callable[[World, Made | None], object]] = {
    "create{}DataSource": lambda w, _: strict_body(w, w.metadata(**w.unless_pinned(password=PASSWORD))),
    "update{}Handler": lambda _, made: update_body(standing(made), staleDataTolerance=NEW_TOLERANCE),
    "bulkUpdate{}DataSources": lambda w, made: bulk_of_own(w, standing(made), staleDataTolerance=NEW_TOLERANCE),
    "createDictionary": lambda *_: dictionary_body(),
    "updateDictionary": lambda *_: dictionary_body(),
    "authenticate": lambda w, _: {"apikey": w.client.key("owner")},
    "updateDataSource": lambda *_: {"deleted": False},
    "getJobStatuses": lambda *_: {"jobIds": [NO_JOB]},
}
QUERIES = {"listJobs": f"?bulkId={NO_JOB}"}


def _once(_w: World, _first: Call) -> Iterator[Call]:
    return iter(())


def _creates(w: World, first: Call) -> Iterator[Call]:
    yield replace(first, body=several_body(w, 1))
    yield replace(first, body=several_body(w, 2))
    for unreachable in w.unless_pinned(hostname=f"{w.unused_host()}.invalid").values():
        yield replace(first, body=strict_body(w, w.metadata(hostname=unreachable)))


def _reads(_w: World, first: Call) -> Iterator[Call]:
    return (replace(first, path=first.path + query) for query in ("?skipCache=true", "?skipCache=false"))


def _updates(w: World, first: Call) -> Iterator[Call]:
    made = standing(first.made)
    yield replace(first, path=f"{first.path}?skipCache=true")
    yield replace(first, body=update_body(made, columns=...))
    yield replace(first, body=update_body(made, dataSourceName=w.fresh_name()))
    if made.connector == ASA:
        yield replace(first, body=[first.body])


def _bulks(w: World, first: Call) -> Iterator[Call]:
    made = standing(first.made)
    body = bulk_of_own(w, made, staleDataTolerance=1)
    yield replace(first, body={"handler": body["handler"], "ids": [made.data_source_id]})
    yield replace(first, body={"handler": body["handler"], "connectionString": f"nobody@{w.unused_host()}:1/none"})
    if made.connector == ASA:
        yield replace(first, body=[body])


def _jobs(_w: World, first: Call) -> Iterator[Call]:
    bodies: tuple[object, ...] = (ABSENT, {})
    return (replace(first, body=body) for body in bodies)


def _dictionaries(_w: World, first: Call) -> Iterator[Call]:
    made = standing(first.made)
    if first.method == "POST":
        yield Call("DELETE", made.dictionary_path)
    yield replace(first, body={"metadata": []})


def _searches(_w: World, first: Call) -> Iterator[Call]:
    queries = ("?searchText=no%20column%20is%20called%20this", "?searchText=a&limit=1", "?searchText=")
    return (replace(first, path=first.path + query) for query in queries)


def _lists(_w: World, first: Call) -> Iterator[Call]:
    queries = ("?searchText=no%20source%20is%20called%20this", "?size=1&nameOnly=True", "?connectionString=none")
    return (replace(first, path=first.path + query) for query in queries)


def _job_lists(w: World, first: Call) -> Iterator[Call]:
    yield replace(first, path=f"/jobs?connectionString={w.unused_host()}")


VARIANTS: dict[str, Callable[[World, Call], Iterator[Call]]] = {
    "create{}DataSource": _creates,
    "get{}Handler": _reads,
    "update{}Handler": _updates,
    "bulkUpdate{}DataSources": _bulks,
    "trigger{}HighCardinalityJob": _jobs,
    "refresh{}NativeView": _jobs,
    "createDictionary": _dictionaries,
    "updateDictionary": _dictionaries,
    "searchDictionaryColumns": _searches,
    "listDataSources": _lists,
    "listJobs": _job_lists,
    "deleteDataSource": lambda _, first: iter((first,)),
}
