"""The rules of the model layer that make, find and remove data sources."""

import re
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from immuta_contracts.connectors import Connector
from immuta_contracts.exchange import Answer
from immuta_contracts.model import NAME_TAKEN, REMOVED, Refusal
from immuta_contracts.sequence import Rule, Sequence
from immuta_contracts.world import Json

FEW = 10  # data sources that a sequence makes before it rather works with those it has


def neighbours(s: Sequence) -> None:
    """Two data sources of one connector and one of each other, all on one connection: none may be taken for another."""
    connection = {**s.pools.connection(), "port": 443}
    for connector in (s.connector(), *s.w.connectors):
        _create(s, connector, s.w.fresh_name(), s.pools.metadata(connector, **connection))


def create_one(s: Sequence) -> None:
    connector, name = s.connector(), s.new_name()
    metadata = s.pools.metadata(connector)
    if metadata.get("columns") and not s.model.taken(name) and s.odds(8):
        metadata["columns"] = [*metadata["columns"], metadata["columns"][0]]
    _create(s, connector, name, metadata)


def create_several(s: Sequence) -> None:
    """An array of one to three; of one it is answered like an object."""
    connector = s.connector()
    count = s.draw(st.integers(1, 3))
    elements = [s.pools.metadata(connector, dataSourceName=s.new_name()) for _ in range(count)]
    if count > 1 and s.odds(6):
        elements[1] = {**elements[0], "dataSourceName": elements[1]["dataSourceName"]}
    settings = s.pools.settings(connector, name=s.w.spare_name())
    body = {"handler": [{"metadata": element} for element in elements], "dataSource": settings}
    answer = s.call("POST", f"/{connector.prefix}/handler", body)
    if refusal := s.model.refuses_create(elements):
        _refused(s, answer, refusal, elements)
    elif count == 1:
        _made_one(s, connector, elements[0], _settings_of(elements[0], settings), answer)
    else:
        _made_several(s, connector, elements, settings, answer)


def rename(s: Sequence) -> None:
    """A PUT of the data source: a new name, a description, or nothing but enabling it."""
    source = s.source()
    body: Json = s.one_of(
        [{"deleted": False}, {"name": s.new_name()}, {"description": s.draw(st.text("ab", max_size=3))}]
    )
    answer = s.call("PUT", source.path, body)
    if s.model.taken(body.get("name", source.name), by_other_than=source):
        s.refused(answer, Refusal(NAME_TAKEN.status, "CREATE-11", NAME_TAKEN.text), source)
        return
    shown = s.w.expect_success(answer, promise="COMP-5")
    if "name" in body:
        source.name, source.named_by = body["name"], "COMP-4"
    elif "description" in body:
        source.fields["description"] = body["description"]
    else:
        source.disabled, s.suspect = False, "COMP-5"
    s.machine.expect_source(source, shown)
    s.touched = [source]


def delete(s: Sequence) -> None:
    """The first call disables, the second removes."""
    source = s.source()
    answer = s.w.expect_success(s.call("DELETE", source.path), promise="COMP-5")
    expected = {"id": source.id, "hardDelete": source.disabled}
    s.w.expect_holds(answer, expected, "the answer to DELETE", promise="COMP-5")
    if source.disabled:
        s.model.remove(source)
        s.machine.check_removed(source)
    else:
        source.disabled = True
        s.touched, s.suspect = [source], "COMP-5"


def read_removed(s: Sequence) -> None:
    """Any call on a removed data source is 404."""
    source = s.one_of(s.model.removed)
    calls: list[tuple[str, str, Any]] = [
        ("GET", source.handler_path, ...),
        ("PUT", source.handler_path, {"handler": {"metadata": s.pools.metadata(source.connector)}}),
        ("PUT", f"{source.handler_path}/triggerHighCardinalityJob", ...),
        ("POST", source.dictionary_path, {"metadata": []}),
        ("PUT", source.path, {"deleted": False}),
        ("DELETE", source.path, ...),
    ]
    s.refused(s.call(*s.one_of(calls)), REMOVED)


def find_by_name(s: Sequence) -> None:
    s.machine.check_named(s.source())


def list_by_string(s: Sequence) -> None:
    """A page of the data sources that share connection strings."""
    strings = list(dict.fromkeys(source.connection_string for source in s.model.sources))
    chosen = s.draw(st.lists(st.sampled_from(strings), min_size=1, max_size=2, unique=True))
    size, offset = s.draw(st.sampled_from((50, 1, 2))), s.draw(st.sampled_from((0, 1)))
    found = s.model.listed(strings=chosen)
    query = [("connectionString", string) for string in chosen] + [("size", str(size)), ("offset", str(offset))]
    query += s.w.among_own.items()
    s.machine.check_list(query, found[offset : offset + size], count=len(found))


def list_by_text(s: Sequence) -> None:
    """The data sources whose name holds the name of one of them, in another letter case."""
    text = s.source().name
    swapped = "".join(letter.swapcase() if letter.isascii() else letter for letter in text)
    query = [("searchText", swapped), ("nameOnly", s.one_of(["true", "True"])), ("size", "50")]
    s.machine.check_list(query, s.model.listed(text=text))


def _create(s: Sequence, connector: Connector, name: str, metadata: Json) -> None:
    settings = s.pools.settings(connector, name=name)
    body = {"handler": {"metadata": metadata}, "dataSource": settings}
    answer = s.call("POST", f"/{connector.prefix}/handler", body)
    elements = [{**metadata, "dataSourceName": name}]
    if refusal := s.model.refuses_create(elements):
        _refused(s, answer, refusal, elements)
    else:
        _made_one(s, connector, metadata, settings, answer)


def _refused(s: Sequence, answer: Answer, refusal: Refusal, elements: list[Json]) -> None:
    """A refused create makes none of its elements."""
    s.refused(answer, refusal)
    for name in dict.fromkeys(element["dataSourceName"] for element in elements):
        if not s.model.taken(name):
            s.machine.check_unmade(name)


def _made_one(s: Sequence, connector: Connector, metadata: Json, settings: Json, answer: Answer) -> None:
    made = s.w.expect_success(answer, promise="CREATE-1")
    s.w.expect_holds(made, {}, "the answer to a create", promise="CREATE-15")
    ids = (made.get("dataSourceId"), made.get("id"))
    s.w.expect(all(type(i) is int and i > 0 for i in ids), "integer id and dataSourceId", made, promise="CREATE-15")
    known = [(source.id, source.handler_id) for source in s.model.sources]
    fresh = all(ids[0] != one and ids[1] != other for one, other in known)
    s.w.expect(fresh, "ids that nothing else has", made, promise="CREATE-1")
    source = s.model.add(connector, metadata, settings, ids)
    s.machine.expect_string(source, made)
    s.touched = [source]


def _made_several(s: Sequence, connector: Connector, elements: list[Json], settings: Json, answer: Answer) -> None:
    made = s.w.expect_success(answer, promise="CREATE-2")
    expected = {"jobsCreated": len(elements), "connectionString": connector.connection_string(elements[0])}
    s.w.expect_holds(made, expected, "the answer to a create of several", promise="CREATE-18")
    s.w.expect(not {"id", "dataSourceId"} & made.keys(), "no ids", made, promise="CREATE-18")
    s.expect_bulk(connector, made, len(elements), "CREATE-18", "COMP-6")
    for element in elements:
        answer = s.call("GET", "/dataSource/name/" + quote(element["dataSourceName"], safe=""))
        found = s.w.expect_success(answer, promise="CREATE-18")
        s.w.expect_holds(found, {}, "the data source", promise="COMP-4")
        s.w.expect_holds(found.get("blobHandler"), {}, "blobHandler", promise="GET-4")
        place = re.search(r"/(\d+)$", str(found["blobHandler"].get("url")))
        ids = (found.get("id"), int(place[1]) if place else 0)
        s.w.expect(all(ids), "an id, and one of the handler in blobHandler.url", found, promise="GET-4")
        s.touched.append(s.model.add(connector, element, _settings_of(element, settings), ids))


def _settings_of(element: Json, settings: Json) -> Json:
    """The settings of one element of the several form: its name is its own, and so is the table in Immuta."""
    name = element["dataSourceName"]
    return {**settings, "name": name, "sqlTableName": element.get("bodataTableName", element.get("table", name))}


def _any(s: Sequence) -> bool:
    return bool(s.model.sources)


def _few(s: Sequence) -> bool:
    return len(s.model.sources) < FEW


MAKING = [
    Rule(create_one, _few),
    Rule(create_one, _few),
    Rule(create_several, _few),
    Rule(rename, _any),
    Rule(delete, _any),
    Rule(read_removed, lambda s: bool(s.model.removed)),
    Rule(find_by_name, _any),
    Rule(list_by_string, _any),
    Rule(list_by_text, _any),
]
