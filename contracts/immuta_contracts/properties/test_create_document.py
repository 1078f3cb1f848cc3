"""What the OpenAPI document says of the fields that the reference marks as required in a create."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.creating import FORMS, Form, body_in, changed
from immuta_contracts.schemas import Schemas
from immuta_contracts.spec import Routes
from immuta_contracts.target import document
from immuta_contracts.world import Json, World

MARK = "x-documented-required"
KINDS = {"private": "boolean", "organization": "string"}
DOCUMENTED: Json = {
    "private": True,
    "blobHandler": {"scheme": "https", "url": ""},
    "blobHandlerType": "Snowflake",
    "recordFormat": "",
    "type": "queryable",
    "name": "Crm Leads",
    "sqlTableName": "leads",
    "organization": "Acme",
}


@promise("CREATE-5", on=C5, once=True)
def test_the_document_marks_private_and_organization(w: World) -> None:
    schemas = Schemas(w.routes.document)
    body = schemas.body_schema(w.routes.by_id(_operation(w)))
    for field, kind in KINDS.items():
        declared = list(_members(schemas, body, ("dataSource", field)))
        w.expect(bool(declared), f"the create schema to declare {field}", "no such property")
        for each in declared:
            seen = {"type": each.get("type"), MARK: each.get(MARK)}
            w.expect_equal(seen, {"type": kind, MARK: True}, f"the declaration of {field}")


@promise("CREATE-5", on=C5, once=True)
def test_the_document_does_not_require_private_and_organization(w: World) -> None:
    if w.routes.document == document(("strict",)):
        w.cannot("the strict overlay is applied, which requires them")
    allows = _judge(w, w.routes)
    for form in FORMS:
        body = _documented_body(w, form)
        for field in KINDS:
            allowed = allows(changed(body, {field: ...}))
            w.expect(allowed, f"the document to allow a {form} body without {field}", "it requires the field")


@promise("CREATE-5", on=C5, once=True)
def test_the_strict_overlay_requires_the_eight_documented_fields(w: World) -> None:
    allows = _judge(w, Routes(document(("strict",))))
    for form in FORMS:
        body = _documented_body(w, form)
        allowed = allows(body)
        w.expect(allowed, f"the strict overlay to allow a {form} body with all eight fields", "it refuses the body")
        for field in DOCUMENTED:
            allowed = allows(changed(body, {field: ...}))
            w.expect(not allowed, f"the strict overlay to require {field} in a {form} body", "it is not required")


def _operation(w: World) -> str:
    return f"create{w.connector.word}DataSource"


def _documented_body(w: World, form: Form) -> Json:
    return body_in(w, form, **DOCUMENTED)


def _judge(w: World, routes: Routes) -> Callable[[Json], bool]:
    """Says of a create body whether the document allows it."""
    schemas, operation = Schemas(routes.document), routes.by_id(_operation(w))
    return lambda body: schemas.body_validity(operation, body) != "invalid"


def _members(schemas: Schemas, node: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    """Every declaration of the property at a path, whichever alternative or part of the schema holds it."""
    schema = schemas.resolve(node)
    if not path:
        yield schema
        return
    for part in (*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from _members(schemas, part, path)
    if path[0] in schema.get("properties", {}):
        yield from _members(schemas, schema["properties"][path[0]], path[1:])
