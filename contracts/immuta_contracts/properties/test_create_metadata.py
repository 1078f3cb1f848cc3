"""Which handler metadata a create requires, and which values it takes."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.creating import (
    ODD,
    changed,
    expect_accepted,
    expect_refused,
    plain_metadata,
    sources,
)
from immuta_contracts.exchange import Answer
from immuta_contracts.strategies import PASSWORD, columns, identifiers, json_values, texts
from immuta_contracts.world import Json, World

LACKS: tuple[tuple[str, Json], ...] = (
    ("no hostname", {"hostname": ...}),
    ("an empty hostname", {"hostname": ""}),
    ("no database", {"database": ...}),
    ("an empty database", {"database": ""}),
    ("neither table nor query", {"table": ...}),
    ("no table and a null query", {"table": ..., "query": None}),
    ("an empty table and an empty query", {"table": "", "query": ""}),
)
SSL: tuple[Any, ...] = (True, False, "true", "false")
NO_SSL: tuple[Any, ...] = ("yes", "True", "", 1, 0, None, [True])


# CREATE-13


@promise("CREATE-13", on=C5, examples=0.25)
def test_metadata_need_host_database_and_table_or_query(w: World) -> None:
    first, second = w.fresh_name(), w.fresh_name()
    fine = w.metadata(dataSourceName=first)
    for what, lack in LACKS:
        metadata = w.metadata(**{"dataSourceName": second, "table": "t", **lack})
        for body in (
            w.single_body(metadata=metadata, name=second),
            w.several_body(1, metadata=[metadata]),
            w.several_body(2, metadata=[fine, metadata]),
        ):
            expect_refused(w, body, what)


@promise("CREATE-13", on=C5, examples=0.25)
def test_host_database_and_table_or_query_are_enough(w: World) -> None:
    query = f"SELECT {w.draw(texts())}"
    remotes: tuple[Json, ...] = ({}, {"query": None}, {"table": ..., "query": query}, {"query": query})
    for remote in remotes:
        metadata = plain_metadata(w, **remote)
        body = w.single_body(metadata=metadata)
        expect_accepted(w, body, f"metadata of {', '.join(metadata)}", otherwise=changed(body, metadata=_details(w)))
    several = w.several_body(2, metadata=[plain_metadata(w, dataSourceName=w.fresh_name()) for _ in range(2)])
    otherwise = changed(several, metadata=_details(w))
    expect_accepted(w, several, "elements of the required metadata", otherwise=otherwise)


@promise("CREATE-13", on=C5, once=True)
def test_every_connection_detail_is_optional_beside_every_other(w: World) -> None:
    details = _details(w)
    for given in _halves(sorted(details)):
        body = w.single_body(
            metadata=plain_metadata(w, **{field: details[field] for field in details if field in given})
        )
        without = ", ".join(sorted(details.keys() - given))
        expect_accepted(w, body, f"metadata without {without}", otherwise=changed(body, metadata=details))


def _halves(names: list[str]) -> Iterator[set[str]]:
    """Sets of names such that for any two there is a set with the one and without the other."""
    for bit in range(len(names).bit_length()):
        chosen = {name for index, name in enumerate(names) if index >> bit & 1}
        yield chosen
        yield set(names) - chosen


def _details(w: World) -> Json:
    """Every connection detail that is optional, and a table beside the query."""
    return {
        "table": "t",
        "schema": "public",
        "warehouse": "LOAD_WH",
        "httpPath": "sql/protocolv1/o/0/0101-abcd",
        "port": w.draw(st.integers(1, 65535)),
        "ssl": True,
        "username": "loader",
        "password": PASSWORD,
        "authenticationMethod": "userPassword",
        "columns": w.draw(columns(min_size=1, max_size=2)),
    }


# CREATE-14


@promise("CREATE-14", on=C5, once=True)
def test_ssl_takes_a_boolean_or_its_name(w: World) -> None:
    for ssl in SSL:
        _expect_taken(w, "ssl", [ssl])
    _expect_taken(w, "ssl", [*SSL])


@promise("CREATE-14", on=C5, examples=0.25)
def test_the_authentication_method_is_any_text(w: World) -> None:
    known = ("userPassword", "keyPair", "oAuthClientCredentials", "Access Token")
    for method in ("", ODD, w.draw(texts() | st.sampled_from(known))):
        _expect_taken(w, "authenticationMethod", [method])


def _expect_taken(w: World, field: str, values: list[Any]) -> None:
    """The values are accepted, one in the single form or several in an array, and echoed as they were sent."""
    if len(values) == 1:
        body = w.single_body(metadata=w.metadata(**{field: values[0]}))
    else:
        body = w.several_body(len(values))
        for element, value in zip(body["handler"], values, strict=True):
            element["metadata"][field] = value
    created = expect_accepted(w, body, f"{field} {values}", otherwise=changed(body, metadata={field: ...}))
    for record, value in zip(_handlers(w, body, created), values, strict=True):
        w.expect_equal(record.get(field, "<absent>"), value, f"{field} read back")


def _handlers(w: World, body: Json, created: Answer) -> list[Json]:
    """The metadata of the handlers of a create. Raises `Unprepared`."""
    paths = [str(source.get("blobHandler", {}).get("url")) for source in sources(w, body, created)]
    records = [w.prepared(w.call("GET", "/" + "/".join(path.split("/")[-3:]))) for path in paths]
    return [record["metadata"] for record in records]


@promise("CREATE-14", on=C5, examples=0.25)
def test_other_kinds_of_ssl_and_authentication_method_are_refused(w: World) -> None:
    name = w.fresh_name()
    other = st.one_of(st.integers(), st.booleans(), st.lists(identifiers(), max_size=1), json_values())
    method = w.draw(other.filter(lambda value: not isinstance(value, str)))
    wrong: list[Json] = [{"ssl": ssl} for ssl in NO_SSL] + [{"authenticationMethod": method}]
    for fields in wrong:
        expect_refused(w, w.single_body(metadata=w.metadata(**fields), name=name), f"{fields}")
