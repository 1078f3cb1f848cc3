"""What a bulk update does to the data sources it reaches: BULK-3 and BULK-7."""

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.made import Made
from immuta_contracts.rewriting import (
    ABSENT,
    bare_column,
    bulk,
    bulk_body,
    bulk_succeeds,
    columns_in_dictionary,
    expect_columns,
    expect_shown,
    full_column,
    halves,
    latest,
    latest_metadata,
    metadata_in,
    place,
    two_values,
)
from immuta_contracts.strategies import PASSWORD
from immuta_contracts.world import Json, Unprepared, World

CERTIFICATE = {"keyName": "sslrootcert", "content": "LS0tLS1CRUdJTi0tLS0t", "userFilename": "certificate.json"}
DOCUMENTED: dict[str, Json] = {  # beside host, port, database and credentials, what the published calls send
    "snowflake": {"authenticationMethod": "userPassword", "warehouse": "LOAD_WH"},
    "databricks": {"httpPath": "sql/protocolv1/o/0/0101-abcd"},
}


@promise("BULK-3", on=C5, examples=0.25)
def test_the_given_fields_are_merged_and_the_others_stay(w: World) -> None:
    """Every field is given in one of two updates and not in the other; tables, names and dictionaries differ."""
    old, new = two_values(w)
    where = place(w, **{name: old[name] for name in ("port", "username") if name in old})
    rich = {**old, **where, "table": "T1", "columns": [full_column(w, "title", key=True)], "password": PASSWORD}
    poor = {**{name: value for name, value in where.items() if name != "table"}, "query": "select 1"}
    made = [w.make(metadata=rich), w.make(metadata=poor)]
    new |= {"hostname": w.fresh_host(), "database": f"other_{old['username']}", "password": f"{PASSWORD}-2"}
    before = [latest(w, each) for each in made]
    for names in halves(w, new):
        given = {name: new[name] for name in names}
        bulk(w, given, string=str(before[0].get("connectionString")))
        after = [latest(w, each) for each in made]
        for earlier, later in zip(before, after, strict=True):
            expect_merged(w, metadata_in(later), metadata_in(earlier), given)
        before = after


@promise("BULK-3", on=C5, once=True)
def test_every_field_may_be_left_out(w: World) -> None:
    made = w.make(metadata=place(w, username="loader", port=8443))
    given = {"staleDataTolerance": 3600}
    answer = w.put_bulk(bulk_body(given, string=made.connection_string))
    if answer.status == 400:
        everything = {**made.metadata, **given}
        w.prepared(w.put_bulk(bulk_body(everything, string=made.connection_string)), "updating all fields in bulk")
        w.broken("a bulk update of one field to be accepted", f"{answer.status}: {answer.text[:500]}")


def expect_merged(w: World, seen: Json, before: Json, given: Json) -> None:
    """Each field given has its new value, or the one a twin shows, and each other one is as it was."""
    for name in sorted({*seen, *before} - {*given, "password"}):
        w.expect_equal(seen.get(name, ABSENT), before.get(name, ABSENT), f"{name}, not given in the bulk update,")
    expect_shown(w, seen, given, "the metadata after a bulk update", beside=before)


@promise("BULK-3", on=C5, once=True)
def test_given_columns_replace_each_dictionary_and_are_kept_when_not_given(w: World) -> None:
    where, sent = place(w), [bare_column("author", "integer"), bare_column("title")]
    made = [
        w.make(metadata={**where, "columns": [full_column(w, "title", key=True), full_column(w, "paragraph_count")]}),
        w.make(metadata={**where, "columns": [bare_column("other")]}),
        w.make(metadata=where),
    ]
    before = [columns_in_dictionary(w, each) for each in made]
    bulk(w, {"staleDataTolerance": 3600}, string=made[0].connection_string)
    after = [columns_in_dictionary(w, each) for each in made]
    w.expect_equal(after, before, "the dictionaries after a bulk update without columns")
    bulk(w, {"columns": sent}, string=made[0].connection_string)
    for each in made:
        expect_columns(w, columns_in_dictionary(w, each), sent, "a dictionary after a bulk update with columns")


@promise("BULK-3", on=C5, once=True)
def test_a_given_name_renames_the_only_data_source_reached(w: World) -> None:
    made, name = w.make(metadata=place(w)), w.fresh_name()
    if w.source(made).get("name") != made.name:
        raise Unprepared("the data source made is not shown under its name")
    bulk(w, {"dataSourceName": name}, string=made.connection_string)
    w.expect_equal(w.source(made).get("name"), name, "the name after a bulk update with a new one")


@promise("BULK-7", on=C5, examples=0.25)
def test_the_documented_bulk_updates_reach_every_matching_data_source(w: World) -> None:
    """Another database, an added certificate, another host with a new password, and a client's call by ids."""
    documented = {
        "ssl": True,
        "hostname": w.fresh_host(),
        "port": w.connector.default_port,
        "database": "SALES",
        "username": "loader",
        "password": PASSWORD,
        **DOCUMENTED.get(w.connector.prefix, {}),
    }
    count = w.draw(st.integers(2, 4))
    made = [w.make(metadata={**documented, "schema": "CRM", "table": f"T_{number}"}) for number in range(count)]
    certificate = {**documented, "userFiles": [CERTIFICATE]}
    database = {**documented, "database": "ANALYST_DEMO"}
    host = {"ssl": True, "hostname": w.fresh_host(), "port": w.connector.default_port, "username": "loader"}
    by_ids = {**host, "ssl": "true", "database": "geo", "userFiles": [], "connectionStringOptions": ""}
    for sent in (certificate, database, {**host, "password": f"{PASSWORD}-2"}, by_ids):
        expect_reached(w, made, sent)


def expect_reached(w: World, made: list[Made], sent: Json) -> None:
    """A documented update shows in each data source; it selects by ids where it writes `ssl` as that client does."""
    ids = [each.data_source_id for each in made]
    before = [latest(w, each) for each in made]
    string = str(before[0].get("connectionString"))
    body = bulk_body(sent, ids=ids) if sent["ssl"] == "true" else bulk_body(sent, string=string)
    bulk_succeeds(w, body)
    for each, earlier in zip(made, before, strict=True):
        beside = metadata_in(earlier)
        expect_shown(w, latest_metadata(w, each), sent, "the metadata after a documented bulk update", beside=beside)
