"""Which data sources a bulk update reaches: BULK-1, 6 and 8."""

from hypothesis import strategies as st

from immuta_contracts import strategies
from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.expectations import same_json
from immuta_contracts.made import Made
from immuta_contracts.rewriting import (
    ABSENT,
    bare_column,
    bulk,
    bulk_body,
    bulk_succeeds,
    latest,
    latest_metadata,
    metadata_in,
    place,
    update,
)
from immuta_contracts.world import Json, World

MARK = "schemaProjectName"  # a field that means nothing to selection


@promise("BULK-1", on=C5, once=True)
def test_a_bulk_update_reaches_every_data_source_of_the_connection_string_and_no_other(w: World) -> None:
    """Beside those that match stand near misses on the connector and exact matches on the other four."""
    database = f"Sales_{w.draw(strategies.identifiers())}"
    where = place(w, database=database, port=w.connector.default_port, username="Loader")
    matching = matching_sources(w, where)
    others = near_misses(w, where) + [w.make(metadata=where, connector=other) for other in w.others]
    before = [latest(w, other) for other in others]
    string = w.connector.connection_string(where)
    for change in ({MARK: w.fresh_name()}, {MARK: w.fresh_name(), "hostname": w.fresh_host()}):
        bulk(w, change, string=string)
        for number, made in enumerate(matching, start=1):
            w.expect_holds(latest_metadata(w, made), change, f"matching data source {number} of {len(matching)}")
    for other, record in zip(others, before, strict=True):
        what = f"the {other.connector} handler on {other.connection_string} after a bulk update of {string}"
        w.expect_equal(latest(w, other), record, what)


def matching_sources(w: World, where: Json) -> list[Made]:
    """Data sources of one connection string: plain, with the default port left out, moved there, disabled."""
    plain = w.make(metadata={**where, "columns": [bare_column("title")]})
    short = w.make(metadata={name: value for name, value in where.items() if name != "port"})
    moved = w.make(metadata={**where, "database": "elsewhere"})
    w.prepared(update(w, moved, {**where, "table": "t_2"}), "updating the handler")
    disabled = w.make(metadata=where)
    w.prepared(w.call("DELETE", disabled.source_path), "disabling the data source")
    return [plain, short, moved, disabled]


def near_misses(w: World, where: Json) -> list[Made]:
    """Data sources whose connection strings differ in one part; one of them had the very string before."""
    user, host, database, port = (str(where[name]) for name in ("username", "hostname", "database", "port"))
    changes: list[Json] = [
        {"hostname": host.upper()},
        {"database": database.swapcase()},
        {"database": f"{database}x"},
        {"username": user.swapcase()},
        {"username": f"x{user}"},
        {"username": ...},
        {"port": int(port) + 1},
    ]
    made = [w.make(metadata={k: v for k, v in {**where, **change}.items() if v is not ...}) for change in changes]
    left = w.make(metadata=where)
    w.prepared(update(w, left, {**where, "database": database[:-1]}), "updating the handler")
    return [*made, left]


@promise("BULK-6", on=C5, examples=0.25)
def test_jobs_created_is_the_number_of_data_sources_updated(w: World) -> None:
    """For none, one and several of a connection string, one of them disabled, and for some by their ids."""
    alone, shared = place(w), place(w)
    group = [w.make(metadata=shared) for _ in range(w.draw(st.integers(3, 4)))]
    single = w.make(metadata=alone)
    w.prepared(w.call("DELETE", group[-1].source_path), "disabling a data source")
    unused = w.connector.connection_string(place(w))
    ids = {"ids": [single.data_source_id, group[0].data_source_id]}
    selections: list[tuple[Json, int]] = [
        ({"string": single.connection_string}, 1),
        ({"string": group[0].connection_string}, len(group)),
        ({"string": unused}, 0),
        (ids, 2),
    ]
    for selection, number in selections:
        expect_number(w, [single, *group], selection, number)


def expect_number(w: World, made: list[Made], selection: Json, number: int) -> None:
    """`jobsCreated` is this number, or at least that of the data sources that show the update."""
    mark = {MARK: w.fresh_name()}
    answer = w.put_bulk(bulk_body(mark, **selection))
    answered = w.prepared(answer, "updating in bulk") if number else w.expect_success(answer)
    w.wait_for_jobs(answer)
    seen = answered.get("jobsCreated", ABSENT) if isinstance(answered, dict) else answered
    if not same_json(seen, number):
        updated = [each for each in made if latest_metadata(w, each).get(MARK) == mark[MARK]]
        w.expect_equal(seen, len(updated), f"jobsCreated of a bulk update that reached {len(updated)} data sources")


@promise("BULK-8", on=C5, examples=0.25)
def test_selecting_by_ids_updates_exactly_those_data_sources(w: World) -> None:
    """Some share the connection string of others, and it changes with the update."""
    shared = place(w)
    made = [*(w.make(metadata=shared) for _ in range(4)), w.make(metadata=place(w))]
    chosen = w.draw(st.permutations((0, 2, 4)))
    rest = [made[index] for index in (1, 3)]
    before = [latest(w, each) for each in rest]
    for indexes in (chosen, chosen[:1]):
        change = {MARK: w.fresh_name(), "hostname": w.fresh_host()}
        bulk_succeeds(w, bulk_body(change, ids=[made[index].data_source_id for index in indexes]))
        for index in indexes:
            w.expect_holds(latest_metadata(w, made[index]), change, f"the metadata of data source {index + 1} of 5")
    for each, record in zip(rest, before, strict=True):
        w.expect_equal(latest(w, each), record, "a data source whose id was not given")


@promise("BULK-8", on=C5, once=True)
def test_an_id_that_is_no_data_source_of_the_connector_is_not_found(w: World) -> None:
    """A removed one, one of each other connector, a handler id; alone and among known ones."""
    made, removed = w.make(metadata=place(w)), w.make(metadata=place(w))
    for _ in range(2):
        w.prepared(w.call("DELETE", removed.source_path), "removing the data source")
    others = [w.make(metadata=w.metadata(each), connector=each) for each in w.others]
    w.expect_success(w.put_bulk(bulk_body({MARK: "known"}, ids=[made.data_source_id])))
    for unknown in (removed, *others):
        for ids in ([unknown.data_source_id], [made.data_source_id, unknown.data_source_id]):
            w.expect_status(w.put_bulk(bulk_body({MARK: "unknown"}, ids=ids)), 404)
    for other in others:
        w.expect(metadata_in(latest(w, other)).get(MARK) != "unknown", "other connectors to stay as they are", MARK)
