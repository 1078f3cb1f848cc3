"""GET handler with `skipCache=true` shows the latest state, right after writes of every kind."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.creating import accepted
from immuta_contracts.made import Made
from immuta_contracts.schemas import Schemas
from immuta_contracts.strategies import columns
from immuta_contracts.world import Json, Unprepared, World

FRESH = ("true", "True", "TRUE")


@dataclass(frozen=True)
class Shown:
    """What the handler and its neighbours show alike: the latter are the witnesses of the latest state."""

    connection_string: object
    database: object
    name: object
    columns: object


@promise("GET-2", on=C5, once=True)
def test_skip_cache_is_declared_as_an_optional_boolean(w: World) -> None:
    schemas = Schemas(w.routes.document)
    declared = schemas.parameters(w.routes.by_id(f"get{w.connector.word}Handler"))
    skips = [each for each in declared if each["name"] == "skipCache" and each["in"] == "query"]
    w.expect(len(skips) == 1, "skipCache to be declared as a query parameter", [each["name"] for each in declared])
    seen = {"required": skips[0].get("required", False), "type": schemas.resolve(skips[0]["schema"]).get("type")}
    w.expect_equal(seen, {"required": False, "type": "boolean"}, "the declaration of skipCache")


@promise("GET-2", on=C5, once=True)
def test_skip_cache_may_be_left_out_and_given(w: World) -> None:
    """A handler that can be read one way can be read the other ways."""
    made = w.make()
    queries: tuple[Json, ...] = ({}, {"skipCache": "true"}, {"skipCache": "false"})
    answers = [w.call("GET", made.handler_path, query=query) for query in queries]
    if not any(map(accepted, answers)):
        raise Unprepared(f"reading the handler was answered {answers[0].status}")
    for query, answer in zip(queries, answers, strict=True):
        given = f"skipCache={query['skipCache']}" if query else "no skipCache"
        w.expect(answer.status != 400, f"{given} to be accepted", f"{answer.status}: {answer.text[:500]}")


@promise("GET-2", on=C5, examples=0.25)
def test_skip_cache_shows_the_latest_state_after_every_kind_of_write(w: World) -> None:
    made = w.make(metadata=w.metadata(columns=w.draw(columns(min_size=1))))
    latest = _latest(w, made)
    for query in ({}, {"skipCache": "true"}):
        if _shown(w.handler(made, **query)) != latest:
            raise Unprepared("the handler shows another state than its data source before anything was written")
    for write, first in zip(w.draw(st.permutations(WRITES)), cycle(FRESH)):
        write(w, made)
        _expect_latest(w, made, write.__name__.removeprefix("_"), first=first)


def _expect_latest(w: World, made: Made, write: str, *, first: str = "true") -> None:
    """Each fresh read shows the latest state: the first after the write, those after it, and after a cached one."""
    latest = _latest(w, made)
    for spelling in (first, "false", *(each for each in FRESH if each != first)):
        answer = w.call("GET", made.handler_path, query={"skipCache": spelling})
        if not accepted(answer):
            if spelling in ("true", "false"):
                w.broken(f"skipCache={spelling} to be accepted", f"{answer.status}: {answer.text[:500]}")
            continue  # which spellings there are is another promise
        if spelling in FRESH:
            shown = _shown(answer.json)
            w.expect(shown == latest, f"the latest state after {write}: {latest}", shown)


def _latest(w: World, made: Made) -> Shown:
    """The stored state by its witnesses: the data source and the dictionary."""
    source, dictionary = w.source(made), w.call("GET", made.dictionary_path)
    connection = source.get("connectionString")
    database = str(connection).rpartition("/")[2]
    listed = _names(dictionary.json.get("metadata")) if accepted(dictionary) else None
    return Shown(connection, database, source.get("name"), listed)


def _shown(record: object) -> Shown:
    record = record if isinstance(record, dict) else {}
    metadata = record.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    listed = _names(metadata.get("columns"))
    return Shown(record.get("connectionString"), metadata.get("database"), metadata.get("dataSourceName"), listed)


def _names(listed: object) -> list[object] | None:
    return [each.get("name") for each in listed if isinstance(each, dict)] if isinstance(listed, list) else None


# The writes, each of which changes something that is shown


def _a_handler_update(w: World, made: Made) -> None:
    metadata = {**made.metadata, "database": _fresh(w), "columns": _fresh_columns(w)}
    w.prepared(w.call("PUT", made.handler_path, {"handler": {"metadata": metadata}}), "updating the handler")


def _a_renaming_update(w: World, made: Made) -> None:
    metadata = {**made.metadata, "database": _fresh(w), "dataSourceName": w.fresh_name()}
    w.prepared(w.call("PUT", made.handler_path, {"handler": {"metadata": metadata}}), "renaming the data source")


def _a_bulk_update_by_connection_string(w: World, made: Made) -> None:
    _bulk(w, {"connectionString": w.source(made).get("connectionString")})


def _a_bulk_update_by_ids(w: World, made: Made) -> None:
    _bulk(w, {"ids": [made.data_source_id]})


def _bulk(w: World, selection: Json) -> None:
    answer = w.put_bulk({**selection, "handler": {"metadata": {"database": _fresh(w)}}})
    w.prepared(answer, "updating in bulk")
    w.wait_for_jobs(answer)


def _a_dictionary_write(w: World, made: Made) -> None:
    method = "PUT" if w.call("GET", made.dictionary_path).status == 200 else "POST"
    w.prepared(w.call(method, made.dictionary_path, {"metadata": _fresh_columns(w)}), "writing the dictionary")


def _a_dictionary_delete_and_create(w: World, made: Made) -> None:
    if w.call("GET", made.dictionary_path).status == 200:
        w.prepared(w.call("DELETE", made.dictionary_path), "deleting the dictionary")
        _expect_latest(w, made, "a dictionary delete")
    w.prepared(w.call("POST", made.dictionary_path, {"metadata": _fresh_columns(w)}), "creating the dictionary")


def _fresh(w: World) -> str:
    """A name that this example has not used."""
    return w.unused_host().partition(".")[0]


def _fresh_columns(w: World) -> list[Json]:
    return [{"name": f"{_fresh(w)}_col", "dataType": "text", "remoteType": "text"}, *w.draw(columns(max_size=2))]


WRITES: tuple[Callable[[World, Made], None], ...] = (
    _a_handler_update,
    _a_dictionary_write,
    _a_bulk_update_by_connection_string,
    _a_dictionary_delete_and_create,
    _a_bulk_update_by_ids,
    _a_renaming_update,
)
