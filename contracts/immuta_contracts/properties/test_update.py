"""What an update of a handler does to its metadata, its name and its name format: UPDATE-1, 6, 7 and 11."""

from typing import Any
from urllib.parse import quote

from immuta_contracts import strategies
from immuta_contracts.check import promise
from immuta_contracts.connectors import ASA, C5
from immuta_contracts.made import Made
from immuta_contracts.rewriting import (
    ABSENT,
    bare_column,
    expect_shown,
    halves,
    latest,
    latest_metadata,
    place,
    two_values,
    update,
    update_body,
)
from immuta_contracts.world import Json, Unprepared, World

NAME_PARTS = ("nameFormat", "tableFormat", "sqlSchemaNameFormat")


@promise("UPDATE-1", on=C5, examples=0.5)
def test_the_metadata_are_replaced_whole(w: World) -> None:
    """Every field is changed, then sent in one of two updates and left out of the other; a neighbour stays as it is."""
    old, new = two_values(w)
    where = place(w)
    made, beside = w.make(metadata={**where, **old}), w.make(metadata={**where, **old})
    untouched = latest(w, beside)
    first, second = halves(w, old)
    updates: list[tuple[Json, list[str], Json]] = [
        (new, [*first, *second], w.unless_pinned(table="t_2")),
        (old, first, w.unless_pinned(query="select 1")),
        (old, second, w.unless_pinned(table="t_3")),
    ]
    everything = {*old, "table", "query"}
    for values, names, remote in updates:
        sent = {**where, **{name: values[name] for name in names}}
        sent = {**{name: value for name, value in sent.items() if name != "table" or not remote}, **remote}
        w.prepared(update(w, made, sent), "updating the handler")
        what = "the metadata after an update"
        expect_shown(w, latest_metadata(w, made), sent, what, gone=everything - set(sent))
    w.expect_equal(latest(w, beside), untouched, "the handler beside the updated one")


@promise("UPDATE-1", on=(ASA,), once=True)
def test_the_metadata_in_an_array_replace_those_before_whole(w: World) -> None:
    old, _ = two_values(w)
    where = place(w)
    made = w.make(metadata={**where, **old})
    w.prepared(w.call("PUT", made.handler_path, [update_body(made, where)]), "updating with an array of one body")
    expect_shown(w, latest_metadata(w, made), where, "the metadata after an update with an array", gone=old)


@promise("UPDATE-6", on=C5, examples=0.25)
def test_a_new_name_renames_the_data_source(w: World) -> None:
    made = w.make(metadata=place(w))
    metadata, new_name = made.metadata, f"{w.fresh_name()} Marketing Data"
    for read in (w.source_named(made.name), w.source(made)):
        if (read.get("name"), read.get("id")) != (made.name, made.data_source_id):
            raise Unprepared(f"the data source created as {made.name!r} is not shown under its name")
    w.prepared(update(w, made, metadata), "updating the handler without a name")
    w.expect_equal(w.source(made).get("name"), made.name, "the name after an update without one")

    w.expect_success(update(w, made, {**metadata, "dataSourceName": new_name}))
    w.expect_equal(w.source(made).get("name"), new_name, "the name after an update with a new one")
    w.expect_equal(latest_metadata(w, made).get("dataSourceName"), new_name, "dataSourceName of the handler renamed")
    expect_named(w, new_name, made.data_source_id)
    expect_named(w, made.name, None)

    for _ in range(2):  # back to the name that was given up, then to the name it has
        w.expect_success(update(w, made, {**metadata, "dataSourceName": made.name}))
        w.expect_equal(w.source(made).get("name"), made.name, "the name after an update back to the first one")


def expect_named(w: World, name: str, identifier: int | None) -> None:
    """The name leads to the data source of that id, None meaning to no data source."""
    found = w.call("GET", "/dataSource/name/" + quote(name, safe=""))
    if found.status not in (200, 404):
        raise Unprepared(f"reading a data source by name was answered {found.status}")
    seen = found.json.get("id") if found.status == 200 else None
    w.expect_equal(seen, identifier, f"the id of the data source named {name!r}")


@promise("UPDATE-7", on=C5, examples=0.25)
def test_a_new_event_time_is_shown_by_the_next_read(w: World) -> None:
    """A cached read counts unless it shows the other changed field, the project, as it was before, too."""
    dates = [bare_column("FIRST_ORDER", "date"), bare_column("MOST_RECENT_ORDER", "date")]
    made = w.make(metadata=place(w, columns=dates, eventTime="FIRST_ORDER"))
    for event_time in ("MOST_RECENT_ORDER", None, "FIRST_ORDER", w.draw(strategies.identifiers())):
        project = w.fresh_name()
        changed = place(w, hostname=made.metadata["hostname"], eventTime=event_time, schemaProjectName=project)
        w.prepared(update(w, made, changed), "updating the handler")
        cached = w.read_metadata(made)
        reads = [latest_metadata(w, made), *([cached] if cached.get("schemaProjectName") == project else [])]
        for seen in reads:
            w.expect_equal(seen.get("eventTime", ABSENT), event_time, "eventTime after the update")


@promise("UPDATE-11", on=C5, examples=0.5)
def test_the_name_format_sent_with_an_update_is_shown_by_the_data_source(w: World) -> None:
    """It is kept, and not applied: the names stay."""
    made = w.make(body={**w.single_body(metadata=place(w)), **evolution(w, "created ")})
    before = w.source(made)
    for prefix in ("", "second "):
        sent = evolution(w, prefix)
        w.expect_success(update(w, made, made.metadata, **sent))
        expect_format(w, made, sent, before)
    if w.connector.array_body:
        sent = evolution(w, "third ")
        body = update_body(made, made.metadata, **sent)
        w.prepared(w.call("PUT", made.handler_path, [body]), "updating with an array of one body")
        expect_format(w, made, sent, before)


def evolution(w: World, prefix: str) -> Json:
    """The part of a body with a name format, whose three templates differ."""
    macros = ("<schema> <tablename>", "<tablename>", "<schema>")
    template = {
        part: f"{prefix}{macro} {w.draw(strategies.labels())}" for part, macro in zip(NAME_PARTS, macros, strict=True)
    }
    return {"schemaEvolution": {"disabled": True, "config": {"nameTemplate": template}}}


def expect_format(w: World, made: Made, sent: Json, before: Json) -> None:
    source = w.source(made)
    shown: Any = source.get("schemaEvolution")
    for part in ("config", "nameTemplate"):
        shown = shown.get(part, ABSENT) if isinstance(shown, dict) else ABSENT
    template = sent["schemaEvolution"]["config"]["nameTemplate"]
    w.expect_holds(shown, template, "schemaEvolution.config.nameTemplate of the data source")
    for name in ("name", "sqlTableName"):
        w.expect_equal(source.get(name), before.get(name), f"{name} of the data source, which no format changes,")
