"""The forms of a create body, and how the properties about creating judge what became of one."""

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote

from hypothesis import strategies as st

from immuta_contracts.exchange import Answer
from immuta_contracts.strategies import identifiers, labels, source_fields, texts
from immuta_contracts.world import Json, Unprepared, World

Fields = Mapping[str, object]
Form = Literal["single", "array of one", "several"]
ONE: tuple[Form, ...] = ("single", "array of one")  # the forms that are answered as one data source
FORMS: tuple[Form, ...] = (*ONE, "several")
BAD_REQUEST = 400

# What escaping, trimming, folding of case and narrow encodings spoil: no server may change such a text.
ODD = "Ünïque 'Name' \"x\" back\\slash & <tag> 100%_ #+?; 中文 😀 Жук"
LONG_ODD = f"  {ODD}\n\t" * 20


def kept_texts() -> st.SearchStrategy[str]:
    """Texts to be kept as they are, empty ones among them."""
    return labels() | texts().map(lambda text: text * 40)


# Bodies


def plain_metadata(w: World, **given: Any) -> Json:
    """Handler metadata with nothing but what is required, and the given fields; `...` drops a field."""
    plain = {**w.at({"database": w.draw(identifiers()), "table": w.draw(identifiers())}), **given}
    return {name: value for name, value in plain.items() if value is not ...}


def extras(w: World) -> Json:
    """Drawn optional fields of `dataSource`."""
    return w.draw(st.fixed_dictionaries({}, optional=source_fields()))


def body_in(w: World, form: Form, *, metadata: Json | None = None, **given: Any) -> Json:
    """A create body of a form; `metadata` sets fields of every element, `given` fields of `dataSource`."""
    shared = metadata or {}
    if form == "single":
        return w.single_body(metadata=w.metadata(**shared), **given)
    host = w.shared_host()
    elements = [
        w.metadata(**{**host, "table": table, "dataSourceName": w.fresh_name(), **shared})
        for table in w.tables(1 if form == "array of one" else 2)
    ]
    return w.several_body(len(elements), metadata=elements, **given)


def body_of_one(w: World, form: Form, metadata: Json) -> Json:
    """A create body for one data source with this very metadata, in either form; the array adds a name."""
    if form == "single":
        return w.single_body(metadata=metadata)
    return w.several_body(1, metadata=[{**metadata, "dataSourceName": w.fresh_name()}])


def changed(body: Json, source: Fields | None = None, *, metadata: Fields | None = None) -> Json:
    """The body with fields of `dataSource` and of every element's metadata set; `...` drops a field."""
    handler = body["handler"]
    elements = [{"metadata": _set(each["metadata"], metadata or {})} for each in elements_of(body)]
    return {
        **body,
        "handler": elements if isinstance(handler, list) else elements[0],
        "dataSource": _set(body["dataSource"], source or {}),
    }


def _set(fields: Json, given: Fields) -> Json:
    return {name: value for name, value in {**fields, **given}.items() if value is not ...}


def elements_of(body: Json) -> list[Json]:
    handler = body["handler"]
    return handler if isinstance(handler, list) else [handler]


def form_of(body: Json) -> Form:
    handler = body.get("handler")
    if not isinstance(handler, list):
        return "single"
    return "several" if len(handler) > 1 else "array of one"


def names_of(body: Json) -> list[str]:
    """The names of the data sources that a body asks for, in their order."""
    if form_of(body) == "single":
        return [body["dataSource"]["name"]]
    return [element["metadata"]["dataSourceName"] for element in body["handler"]]


def connection_string(metadata: Json, default_port: int) -> str:
    """The connection string that follows from handler metadata."""
    login = f"{metadata['username']}@" if "username" in metadata else ""
    return f"{login}{metadata['hostname']}:{metadata.get('port', default_port)}/{metadata['database']}"


# Judging


def accepted(answer: Answer) -> bool:
    """Whether a call was a success; that every success is 200 is a promise of its own."""
    return 200 <= answer.status < 300


def expect_accepted(w: World, body: Json, what: str, *, otherwise: Json) -> Answer:
    """The create body is accepted; `what` names what is on trial, and `otherwise` is the same body without it.

    Where `otherwise` is not accepted either, something else is to blame: raises `Unprepared`.
    """
    answer = w.post_handler(body)
    if not accepted(answer):
        w.prepared(w.post_handler(_renamed(w, otherwise)), f"a create without {what}")
        w.broken(f"{what} to be accepted", f"{answer.status}: {answer.text[:500]}")
    return answer


def _renamed(w: World, body: Json) -> Json:
    """The body under names of its own: a create that was not answered as a success may have taken those it bears."""
    elements = [
        {"metadata": {name: value if name != "dataSourceName" else w.fresh_name() for name, value in each.items()}}
        for each in (element["metadata"] for element in elements_of(body))
    ]
    source = {name: value if name != "name" else w.fresh_name() for name, value in body["dataSource"].items()}
    handler = elements if isinstance(body["handler"], list) else elements[0]
    return {**body, "handler": handler, "dataSource": source}


def expect_refused(w: World, body: Json, what: str) -> None:
    """The create body is answered 400; `what` names the one thing that is wrong with it."""
    answer = w.post_handler(body)
    if answer.status == BAD_REQUEST:
        return
    if not accepted(answer):
        w.prepared(w.post_handler(body_in(w, form_of(body))), "an ordinary create")
    w.broken(f"{what} to be answered 400", f"{answer.status}: {answer.text[:500]}")


# Looking for what was made


def sources(w: World, body: Json, created: Answer) -> list[Json]:
    """The data source objects of a create that was answered, read by their ids. Raises `Unprepared`."""
    return [_source(w, identifier) for identifier in source_ids(w, body, created)]


def source_ids(w: World, body: Json, created: Answer) -> list[object]:
    """The data source ids of a create, as answered or else found by name. Raises `Unprepared`."""
    answered = created.json.get("dataSourceId") if isinstance(created.json, dict) else None
    if answered is not None:
        return [answered]
    w.wait_for_jobs(created)
    return [w.source_named(name).get("id") for name in names_of(body)]


def _source(w: World, identifier: object) -> Json:
    found = w.prepared(w.call("GET", f"/dataSource/{identifier}"), "reading a data source")
    if not isinstance(found, dict):
        raise Unprepared("a data source read is no object")
    return found


def listed(w: World, **query: Any) -> list[Json]:
    """The hits of one look at the list of data sources. Raises `Unprepared`."""
    found = w.prepared(w.call("GET", "/dataSource", query=query), "listing data sources")
    hits = found.get("hits") if isinstance(found, dict) else None
    return [hit for hit in hits if isinstance(hit, dict)] if isinstance(hits, list) else []


def listed_as(w: World, name: str, **query: Any) -> list[Json]:
    """The hits that bear exactly this name."""
    return [hit for hit in listed(w, searchText=name, nameOnly="true", **query) if hit.get("name") == name]


def listed_at(w: World, connection: str) -> list[Json]:
    """The hits that have exactly this connection string; where it is pinned, those of the run."""
    found = listed(w, connectionString=connection, **w.among_own)
    return [hit for hit in found if hit.get("connectionString") == connection]


def exists(w: World, name: str) -> bool:
    """Whether a data source of this name is there, by either way of finding it."""
    found = w.call("GET", "/dataSource/name/" + quote(name, safe=""))
    return accepted(found) or bool(listed_as(w, name))
