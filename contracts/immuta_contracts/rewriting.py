"""What the properties about updates, bulk updates and jobs share: every metadata field, fresh reads, twins.

A twin is a data source made anew with the metadata that another one should have after a write. It shows how the target
shows such metadata however they came about, so that a fault in creating or reading is not laid at the update's door.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from immuta_contracts import strategies
from immuta_contracts.connectors import C5
from immuta_contracts.exchange import Answer, shown
from immuta_contracts.expectations import same_json
from immuta_contracts.made import Made
from immuta_contracts.strategies import PASSWORD
from immuta_contracts.world import Json, Unprepared, World

ABSENT = "<absent>"

# Metadata fields that no document of the API mentions; merging objects or lists deeply would show in the last two.
UNKNOWN_FIELDS: dict[str, tuple[Any, Any]] = {
    "isChildDataSource": (False, True),
    "useDatesAsDirectory": (True, False),
    "x_text": ("before", "after"),
    "x_null": ("before", None),
    "x_nested": ({"both": {"a": 1}, "first": 1}, {"both": {"b": 2}, "second": 2}),
    "x_list": ([1, {"a": 1}], [{"b": 2}]),
}


# Bodies


def place(w: World, **given: Any) -> Json:
    """The metadata that nothing can do without: a host of this example's own, a database and a table."""
    drawn = {"database": w.draw(strategies.identifiers()), "table": w.draw(strategies.identifiers())}
    return {**w.at(drawn), **given}


def two_values(w: World) -> tuple[Json, Json]:
    """Two different values of every optional field that any connector has, and of some unknown fields."""
    fields = {"port": st.integers(1, 65535), "username": strategies.identifiers()}
    for connector in C5:
        fields |= strategies.optional_metadata(connector)
    fields |= {"userFiles": strategies.user_files(min_size=1)}
    fields = w.unless_pinned(**fields)
    first, second = w.draw(st.fixed_dictionaries(fields)), w.draw(st.fixed_dictionaries(fields))
    second = {name: other(value) if same_json(first[name], value) else value for name, value in second.items()}
    first |= {name: values[0] for name, values in UNKNOWN_FIELDS.items()}
    second |= {name: values[1] for name, values in UNKNOWN_FIELDS.items()}
    return first, second


def other(value: Any) -> Any:
    """A value of the same kind that is not this one."""
    if isinstance(value, bool):
        return not value
    if value in ("true", "false"):
        return "false" if value == "true" else "true"
    if isinstance(value, int):
        return value - 1 if value > 1 else value + 1
    if isinstance(value, list):
        return [*value, {"keyName": "other", "content": "", "userFilename": "other.pem"}]
    return f"{value or ''}2"


def halves(w: World, names: Iterable[str]) -> tuple[list[str], list[str]]:
    """The names dealt out into two halves as drawn."""
    order = w.draw(st.permutations(sorted(names)))
    return order[::2], order[1::2]


def full_column(w: World, name: str, *, key: bool = False) -> Json:
    """A column with every optional field set, none to its default, and an unknown one."""
    drawn = w.draw(strategies.column(st.just(name)))
    return {
        **drawn,
        "nullable": False,
        "isPrimaryKey": key,
        "description": w.draw(strategies.texts()),
        "tags": [{"name": w.draw(strategies.texts()), "source": "curated", "deleted": "False"}],
        "remoteColumn": w.draw(strategies.identifiers()),
        "x_unknown": {"kept": True},
    }


def bare_column(name: str, data_type: str = "text") -> Json:
    """A column with nothing but what is required."""
    return {"name": name, "dataType": data_type, "remoteType": "varchar(256)"}


def update(w: World, made: Made, metadata: Json, **beside: Any) -> Answer:
    """PUT handler; the connection string goes along, as the reference wants it, and what is given `beside` it."""
    return w.call("PUT", made.handler_path, update_body(made, metadata, **beside))


def update_body(made: Made, metadata: Json, **beside: Any) -> Json:
    return {"handler": {"metadata": metadata}, "connectionString": made.connection_string, **beside}


def bulk_body(metadata: Json, *, string: str | None = None, ids: Sequence[int] | None = None) -> Json:
    """A bulk update selecting by connection string or by ids."""
    selection = {"connectionString": string, "ids": None if ids is None else list(ids)}
    return {
        "handler": {"metadata": metadata},
        **{name: value for name, value in selection.items() if value is not None},
    }


def bulk(w: World, metadata: Json, *, string: str | None = None, ids: Sequence[int] | None = None) -> Json:
    """A bulk update that the example needs to be a success, and its answer once its jobs have ended."""
    answer = w.put_bulk(bulk_body(metadata, string=string, ids=ids))
    answered = as_object(w.prepared(answer, "updating in bulk"), "the answer of a bulk update")
    w.wait_for_jobs(answer)
    return answered


def bulk_succeeds(w: World, body: object) -> None:
    """A bulk update whose success is promised, until its jobs have ended."""
    answer = w.put_bulk(body)
    w.expect_success(answer)
    w.wait_for_jobs(answer)


# Reads


def latest(w: World, made: Made) -> Json:
    """The handler record past the cache."""
    return w.handler(made, skipCache="true")


def latest_metadata(w: World, made: Made) -> Json:
    """The handler's metadata past the cache."""
    return metadata_in(latest(w, made))


def metadata_in(record: Json) -> Json:
    """The metadata that a handler record holds."""
    return as_object(record.get("metadata"), "the metadata of a handler record")


def columns_in_dictionary(w: World, made: Made) -> Any:
    """The column list of the dictionary; None where there is no dictionary."""
    answer = w.call("GET", made.dictionary_path)
    if answer.status == 404:
        return None
    return as_object(w.prepared(answer, "reading the dictionary"), "the dictionary").get("metadata")


def as_object(value: Any, what: str) -> Json:
    """The value if it is an object; otherwise the example cannot go on."""
    if not isinstance(value, dict):
        raise Unprepared(f"{what} is no object: {shown(value)}")
    return value


# Judging


def twin(w: World, metadata: Json) -> Made:
    """A data source made anew with these metadata, under a name of its own."""
    return w.make(metadata={name: value for name, value in metadata.items() if name != "dataSourceName"})


def expect_shown(
    w: World, seen: Json, written: Json, what: str, *, gone: Iterable[str] = (), beside: Mapping[str, Any] | None = None
) -> None:
    """`seen` holds each field of `written` and none of `gone`, or at least shows them as a twin does.

    `beside` is what else the metadata hold that the twin is made with.
    """
    written = {name: value for name, value in written.items() if name != "password"}
    wrong = [name for name, value in written.items() if not same_json(seen.get(name, ABSENT), value)]
    wrong += [name for name in sorted(set(gone) - set(written)) if name in seen]
    if not wrong:
        return
    apart = {} if "hostname" in wrong else {"hostname": w.fresh_host()}  # out of reach of what befell this connection
    alike = latest_metadata(w, twin(w, {**(beside or {}), **written, **w.unless_pinned(password=PASSWORD), **apart}))
    for name in wrong:
        if not same_json(seen.get(name, ABSENT), alike.get(name, ABSENT)):
            w.expect_equal(seen.get(name, ABSENT), written.get(name, ABSENT), f"{name} of {what}")


def expect_columns(w: World, seen: object, written: Sequence[Mapping[str, Any]], what: str) -> None:
    """`seen` is the column list as written, with `nullable` filled in, or at least as a twin's dictionary shows it."""
    expected = [{"nullable": True, **column} for column in written]
    if same_json(seen, expected):
        return
    alike = columns_in_dictionary(w, twin(w, place(w, columns=list(written))))
    if not same_json(seen, alike):
        w.expect_equal(seen, expected, what)


def expect_connection_string(w: World, seen: object, metadata: Json, what: str) -> None:
    """`seen` is the connection string of the metadata, or at least that of a twin."""
    expected = w.connector.connection_string(metadata)
    if same_json(seen, expected):
        return
    if not same_json(seen, twin(w, metadata).connection_string):
        w.expect_equal(seen, expected, what)
