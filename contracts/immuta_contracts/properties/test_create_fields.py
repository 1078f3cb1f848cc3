"""What the fields of `dataSource` take in a create, and how the data source shows them afterwards."""

from itertools import product
from typing import Any

from hypothesis import strategies as st

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.creating import (
    FORMS,
    LONG_ODD,
    ODD,
    ONE,
    Form,
    body_in,
    changed,
    expect_accepted,
    expect_refused,
    kept_texts,
    listed_as,
    sources,
)
from immuta_contracts.strategies import identifiers, texts
from immuta_contracts.target import document
from immuta_contracts.world import Json, Unprepared, World

TYPES = ("queryable", "ingested")
NO_TYPES: tuple[Any, ...] = ("Queryable", "INGESTED", "queryable ", "", "query", "object", None, 1, ["queryable"])
PRIVACY: tuple[tuple[Form, Any], ...] = (
    *(("single", False), ("single", ...), ("single", True)),
    ("several", False),
)
HANDLERS: tuple[Any, ...] = (
    {"scheme": "https", "url": ""},
    {"scheme": "https"},
    {"scheme": "https", "url": "https://blobs.example/files?a=b"},
    [{"scheme": "https", "url": ""}],
    [{"scheme": "https"}],
    [{"scheme": "https", "url": "https://one.example"}, {"scheme": "https"}],
)
NO_HANDLERS: tuple[Any, ...] = (
    *("https", "", 1, True, {}, {"url": ""}, {"scheme": 1}, {"scheme": "https", "url": 1}),
    *(["https"], [{}], [{"scheme": "https"}, {"url": ""}], [[{"scheme": "https"}]]),
)


def _expect_kept(w: World, form: Form, fields: Json, otherwise: Json) -> None:
    """A create with the fields is accepted, and each of its data sources shows them as they were sent."""
    body = body_in(w, form, **fields)
    what = ", ".join(f"{name} {value!r}" for name, value in fields.items() if value is not ...)
    created = expect_accepted(w, body, what, otherwise=changed(body, otherwise))
    for source in sources(w, body, created):
        for name, value in fields.items():
            if value is not ...:
                w.expect_equal(source.get(name, "<absent>"), value, f"{name} of the data source")


def _expect_wrong(w: World, wrong: list[Json]) -> None:
    """A create is refused for each of the wrong fields, in either form."""
    name = w.fresh_name()
    for fields in wrong:
        what = ", ".join(f"{field} {value!r}" for field, value in fields.items())
        expect_refused(w, w.single_body(**{"name": name, **fields}), what)
        several = w.several_body(1, metadata=[w.metadata(dataSourceName=name)], **fields)
        expect_refused(w, several, f"{what} beside an array")


# CREATE-5, whose part about the document is in test_create_document


@promise("CREATE-5", on=C5, examples=0.25)
def test_private_and_organization_are_taken_and_not_required(w: World) -> None:
    if w.routes.document == document(("strict",)):
        w.cannot("the strict overlay is applied, which requires private and organization")
    both: Json = {"private": w.draw(st.booleans()), "organization": w.draw(kept_texts())}
    neither: Json = dict.fromkeys(both, ...)
    _expect_kept(w, "single", {**both, "organization": LONG_ODD}, neither)
    _expect_kept(w, "several", both, neither)
    for form, left_out in product(ONE, both):
        _expect_kept(w, form, {**both, left_out: ...}, both)


@promise("CREATE-5", on=C5, once=True)
def test_private_is_a_boolean_and_organization_a_text(w: World) -> None:
    wrong: tuple[Json, ...] = ({"private": "false"}, {"private": 0}, {"organization": 1}, {"organization": ["Acme"]})
    _expect_wrong(w, [*wrong])


# CREATE-6


@promise("CREATE-6", on=C5, examples=0.375)
def test_category_description_and_has_examples_are_optional_and_kept(w: World) -> None:
    fields = {
        "category": w.draw(kept_texts()),
        "description": w.draw(kept_texts()),
        "hasExamples": w.draw(st.booleans()),
    }
    nothing: Json = dict.fromkeys(fields, ...)
    odd = {**fields, "category": ODD, "description": LONG_ODD}
    _expect_kept(w, "single", odd, nothing)
    _expect_kept(w, "several", fields, nothing)
    left_out = w.draw(st.sets(st.sampled_from(sorted(fields)), min_size=1))
    some = {**fields, **dict.fromkeys(left_out, ...)}
    _expect_kept(w, w.draw(st.sampled_from(FORMS)), {**some, "hasExamples": not fields["hasExamples"]}, fields)


@promise("CREATE-6", on=C5, once=True)
def test_without_category_description_and_has_examples_a_create_is_complete(w: World) -> None:
    nothing: Json = dict.fromkeys(("category", "description", "hasExamples"), ...)
    _expect_kept(w, "single", nothing, {"category": "Sales", "description": "Orders", "hasExamples": False})


@promise("CREATE-6", on=C5, once=True)
def test_category_and_description_are_texts_and_has_examples_a_boolean(w: World) -> None:
    _expect_wrong(w, [{"category": 1}, {"description": ["text"]}, {"hasExamples": "true"}, {"hasExamples": 1}])


# CREATE-7


@promise("CREATE-7", on=C5, examples=0.25)
def test_only_a_data_source_that_is_not_private_is_public(w: World) -> None:
    for form, private in PRIVACY:
        body = body_in(w, form, private=private)
        created = w.post_handler(body)
        w.prepared(created, f"creating with private {private}")
        for source in sources(w, body, created):
            shown = private is not False
            w.expect_equal(source.get("private", "<absent>"), shown, "private of the data source")
            _expect_listed(w, source, public=not shown)


def _expect_listed(w: World, source: Json, *, public: bool) -> None:
    """The list of public data sources holds this one, or not; it is told by its id among those of its name."""
    found = _in_list(w, source, publicOnly="true")
    if public and not found and not _in_list(w, source):
        raise Unprepared("the list of data sources does not show one that was made")
    w.expect_equal(found, public, "whether publicOnly=true lists the data source")


def _in_list(w: World, source: Json, **query: str) -> bool:
    return any(hit.get("id") == source["id"] for hit in listed_as(w, source["name"], **query))


# CREATE-8


@promise("CREATE-8", on=C5, once=True)
def test_the_blob_handler_is_an_object_or_an_array_of_objects(w: World) -> None:
    several = body_in(w, "several", blobHandler=HANDLERS[3])
    for body in (*(body_in(w, "single", blobHandler=handler) for handler in HANDLERS), several):
        handler = body["dataSource"]["blobHandler"]
        otherwise = changed(body, {"blobHandler": _unlike(handler)})
        created = expect_accepted(w, body, f"blobHandler {handler}", otherwise=otherwise)
        sources(w, body, created)


def _unlike(handler: object) -> object:
    """A blob handler that shares neither the kind nor the use of a URL with this one."""
    other = {"scheme": "https"} if "example" in str(handler) else {"scheme": "https", "url": "https://other.example"}
    return [other] if isinstance(handler, dict) else other


@promise("CREATE-8", on=C5, once=True)
def test_another_blob_handler_is_refused(w: World) -> None:
    _expect_wrong(w, [{"blobHandler": handler} for handler in NO_HANDLERS])


# CREATE-9


@promise("CREATE-9", on=C5, examples=0.25)
def test_any_blob_handler_type_and_record_format_are_shown(w: World) -> None:
    documented = [connector.blob_handler_type for connector in C5]
    handler_type = w.draw(st.sampled_from([*documented, "MS SQL"]) | texts())
    record_format = w.draw(st.sampled_from(("", "json", "xml", "html", "jpeg")) | kept_texts())
    usual = {"blobHandlerType": w.connector.blob_handler_type, "recordFormat": "json"}
    _expect_kept(w, "single", {"blobHandlerType": ODD, "recordFormat": LONG_ODD}, usual)
    for form in FORMS[::2]:
        _expect_kept(w, form, {"blobHandlerType": handler_type, "recordFormat": record_format}, usual)


@promise("CREATE-9", on=C5, once=True)
def test_the_blob_handler_type_is_no_empty_text_and_both_are_texts(w: World) -> None:
    for field in ("blobHandlerType", "recordFormat"):
        _expect_wrong(w, [{field: 1}, {field: None}, {field: [w.connector.blob_handler_type]}])
    _expect_wrong(w, [{"blobHandlerType": ""}])


# CREATE-10


@promise("CREATE-10", on=C5, once=True)
def test_queryable_and_ingested_are_the_types(w: World) -> None:
    for form in FORMS:
        for each, other in (TYPES, TYPES[::-1]):
            _expect_kept(w, form, {"type": each}, {"type": other})


@promise("CREATE-10", on=C5, examples=0.25)
def test_another_type_is_refused(w: World) -> None:
    drawn = w.draw(texts().filter(lambda text: text not in TYPES))
    _expect_wrong(w, [{"type": each} for each in (*NO_TYPES, drawn)])


# CREATE-12


@promise("CREATE-12", on=C5, examples=0.375)
def test_the_table_name_of_the_single_form_is_shown(w: World) -> None:
    for name in (ODD, w.draw(identifiers() | texts())):
        metadata = w.metadata(bodataTableName=w.draw(st.sampled_from(("other", "other", ...))))
        _expect_table_names(w, w.single_body(metadata=metadata, sqlTableName=name), [name])


@promise("CREATE-12", on=C5, examples=0.25)
def test_the_table_names_of_the_several_form_come_from_the_elements(w: World) -> None:
    exposed, table, query = (w.draw(identifiers() | texts()) + ODD for _ in range(3))
    name = w.fresh_name()
    elements = [
        w.metadata(dataSourceName=w.fresh_name(), table=table, bodataTableName=exposed),
        w.metadata(dataSourceName=w.fresh_name(), table=f"{table}2", bodataTableName=...),
        w.metadata(dataSourceName=name, table=..., query=query, bodataTableName=...),
    ]
    wanted = [exposed, f"{table}2", name]
    _expect_table_names(w, w.several_body(3, metadata=elements, sqlTableName="ignored"), wanted)
    for element, table_name in zip(elements, wanted, strict=True):
        alone = {**element, "dataSourceName": w.fresh_name()}
        expected = alone["dataSourceName"] if table_name == name else table_name
        _expect_table_names(w, w.several_body(1, metadata=[alone], sqlTableName="ignored"), [expected])


def _expect_table_names(w: World, body: Json, wanted: list[str]) -> None:
    created = w.post_handler(body)
    w.prepared(created, "creating data sources")
    for source, table in zip(sources(w, body, created), wanted, strict=True):
        w.expect_equal(source.get("sqlTableName", "<absent>"), table, "sqlTableName of the data source")
