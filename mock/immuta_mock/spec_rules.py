"""What an API document keeps beside being valid OpenAPI; each rule yields one line for each place it is broken."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from immuta_mock.schemas import FORMATS, json_schema
from immuta_mock.spec import operations, resolve
from immuta_mock.spec_walk import Document, Place, contents, examples, marked, places, required, schemas

CONNECTORS = ("asa", "trino", "snowflake", "databricks", "redshift")
TAGS = ("Azure Synapse Analytics", "Starburst (Trino)", "Snowflake", "Databricks", "Redshift", "Data dictionary")
MARKED = frozenset(
    {
        ("DataSourceSettings", "private"),
        ("DataSourceSettings", "organization"),
        ("SharedDataSource", "blobHandler"),
        ("SharedDataSource", "name"),
        ("SharedDataSource", "sqlTableName"),
        ("HandlerUpdate", "connectionString"),
    }
)
DATA_SOURCE = frozenset(
    {"private", "blobHandler", "blobHandlerType", "recordFormat", "type", "name", "sqlTableName", "organization"}
)
STRICT: Mapping[str, frozenset[str]] = {
    "SingleDataSource": DATA_SOURCE,
    "SharedDataSource": DATA_SOURCE,
    "HandlerUpdate": frozenset({"handler", "connectionString"}),
    "BulkByConnectionString": frozenset({"handler", "connectionString"}),
    "DictionaryBody": frozenset({"metadata"}),
}
LOWER_CAMEL_CASE = re.compile(r"[a-z]+([A-Z][a-z0-9]*)*")


@dataclass(frozen=True)
class Subject:
    """What is checked: openapi.yaml alone, the whole, the whole under the strict overlay, and what must agree with it.

    `handlers` are the operationIds the mock answers; `promises` maps each promise id to the operations it applies to.
    """

    reference: Document
    merged: Document
    strict: Document
    handlers: frozenset[str]
    promises: Mapping[str, str]


def paths_are_the_references(subject: Subject) -> Iterator[str]:
    """openapi.yaml holds exactly the 34 operations of the reference."""
    expected = set(reference_operations())
    found = {f"{place.method} {place.path}" for place in places(subject.reference)}
    yield from (f"{operation}: is missing" for operation in sorted(expected - found))
    yield from (f"{operation}: is not in the reference" for operation in sorted(found - expected))


def reference_operations() -> Iterator[str]:
    """Method and path of each operation that the reference describes."""
    for connector in CONNECTORS:
        yield f"POST /{connector}/handler"
        yield f"GET /{connector}/handler/{{handlerId}}"
        yield f"PUT /{connector}/handler/{{handlerId}}"
        yield f"PUT /{connector}/bulk"
        yield f"PUT /{connector}/handler/{{handlerId}}/triggerHighCardinalityJob"
        if connector != "databricks":
            yield f"PUT /{connector}/handler/{{handlerId}}/refreshNativeViewJob"
    yield from (f"{method} /dictionary/{{dataSourceId}}" for method in ("POST", "PUT", "GET", "DELETE"))
    yield "GET /dictionary/columns"


def operation_ids_read_as_methods(subject: Subject) -> Iterator[str]:
    """Every operationId is there, once, in lowerCamelCase."""
    names = [place.name for place in places(subject.merged)]
    yield from (f"{name}: is there more than once" for name in sorted({n for n in names if names.count(n) > 1}))
    yield from (f"{name}: is no lowerCamelCase name" for name in names if not LOWER_CAMEL_CASE.fullmatch(name))


def handlers_agree(subject: Subject) -> Iterator[str]:
    """Every operation has a handler in the mock, and every handler an operation."""
    found = {place.name for place in places(subject.merged)}
    yield from (f"{name}: has no handler" for name in sorted(found - subject.handlers))
    yield from (f"{name}: is a handler without an operation" for name in sorted(subject.handlers - found))


def promises_agree(subject: Subject) -> Iterator[str]:
    """Every promise is claimed somewhere, every claim is a promise, and those for all are claimed by all."""
    claims: dict[str, set[str]] = {"": set(subject.merged.get("x-promises", ()))}
    claims |= {operation.operation_id: set(operation.promises) for operation in operations(subject.merged)}
    claimed = set().union(*claims.values())
    yield from (f"{promise}: no operation claims it" for promise in sorted(subject.promises.keys() - claimed))
    for name, mine in claims.items():
        yield from (
            f"{name or 'the document'}: claims {p}, which is no promise" for p in sorted(mine - subject.promises.keys())
        )
    for_all = {promise for promise, applies in subject.promises.items() if applies == "all"}
    for place in places(subject.reference):
        yield from (f"{place.name}: does not claim {p}" for p in sorted(for_all - claims[place.name]))


def tags_are_the_guides(subject: Subject) -> Iterator[str]:
    """openapi.yaml has the six groups of the reference, each with its purpose, and every operation is in one."""
    found = tuple(tag["name"] for tag in subject.reference["tags"])
    if found != TAGS:
        yield f"the tags are {', '.join(found)}; expected are {', '.join(TAGS)}"
    declared = {tag["name"] for tag in subject.merged["tags"] if tag.get("description")}
    for place in places(subject.merged):
        if len(place.operation.get("tags", ())) != 1 or place.operation["tags"][0] not in declared:
            yield f"{place.name}: needs exactly one of the tags that are declared and described"


def everything_is_described(subject: Subject) -> Iterator[str]:
    """Operations, parameters, schemas and properties say what they are, and operations how they refuse."""
    for place in places(subject.merged):
        yield from (f"{place.name}: has no {key}" for key in ("summary", "description") if not place.operation.get(key))
        yield from (
            f"{place.name}, {p['name']}: has no description" for p in place.parameters if not p.get("description")
        )
        if not any(status.startswith("4") for status in place.operation["responses"]):
            yield f"{place.name}: has no 4xx answer"
    for pointer, schema in schemas(subject.merged):
        is_named = pointer.count("/") == 3 or pointer.split("/")[-2] == "properties"
        if is_named and not resolve(subject.merged, schema).get("description"):
            yield f"{pointer}: has no description"


def bodies_are_named(subject: Subject) -> Iterator[str]:
    """Every body is a named schema, and no schema closes itself against additional fields."""
    for place in places(subject.merged):
        for content in contents(subject.merged, place):
            if "$ref" not in content.media.get("schema", {}):
                yield f"{content.where}: the schema is not a reference to a named one"
    for pointer, schema in schemas(subject.merged):
        if schema.get("additionalProperties") is False:
            yield f"{pointer}: is closed, additional fields have to be tolerated"


def examples_are_there(subject: Subject) -> Iterator[str]:
    """Every operation shows its parameters, its body and each of its answers by an example; none lies unused."""
    document, used = subject.merged, set()
    for place in places(document):
        yield from (
            f"{place.name}, {p['name']}: has no example" for p in place.parameters if not any(examples(document, p))
        )
        for content in contents(document, place):
            used |= {
                example["$ref"].rpartition("/")[2]
                for example in content.media.get("examples", {}).values()
                if "$ref" in example
            }
            if not any(examples(document, content.media)):
                yield f"{content.where}: has no example"
    yield from (f"example {name}: is used nowhere" for name in document["components"]["examples"] if name not in used)


def examples_fit(subject: Subject) -> Iterator[str]:
    """Every example fits its schema, also under the strict overlay."""
    yield from _misfits(subject.merged)
    yield from (f"strict: {misfit}" for misfit in _misfits(subject.strict))


def _misfits(document: Document) -> Iterator[str]:
    for place in places(document):
        for parameter in place.parameters:
            yield from _unfit(document, parameter, f"{place.name}, {parameter['name']}", answer=False)
        for content in contents(document, place):
            yield from _unfit(document, content.media, content.where, answer=bool(content.status))
    for pointer, schema in schemas(document):
        if "example" in schema:
            holder = {"schema": schema, "example": schema["example"]}
            yield from _unfit(document, holder, pointer, answer=False)


def _unfit(document: Document, holder: dict[str, Any], where: str, *, answer: bool) -> Iterator[str]:
    shown = list(examples(document, holder))
    if not shown:
        return
    schema = json_schema(document, holder["schema"], response=answer)
    validator = jsonschema_rs.Draft4Validator(schema, validate_formats=True, formats=dict(FORMATS))
    for name, value in shown:
        for error in validator.iter_errors(value):
            yield f"{where}, {name}: {error.message} at $.{'.'.join(str(part) for part in error.instance_path)}"


def links_lead_somewhere(subject: Subject) -> Iterator[str]:
    """Every link names an operation of the document, and parameters that it has."""
    by_name = {place.name: place for place in places(subject.merged)}
    for place in places(subject.merged):
        for status, answer in place.operation["responses"].items():
            for name, link in resolve(subject.merged, answer).get("links", {}).items():
                target = by_name.get(resolve(subject.merged, link).get("operationId"))
                yield from _lost(f"{place.name}, {status}, link {name}", resolve(subject.merged, link), target)


def _lost(where: str, link: dict[str, Any], target: Place | None) -> Iterator[str]:
    if target is None:
        yield f"{where}: leads to {link.get('operationId')!r}, which is no operation"
        return
    known = {parameter["name"] for parameter in target.parameters}
    yield from (
        f"{where}: {target.name} has no parameter {name!r}" for name in link.get("parameters", {}) if name not in known
    )


def marks_are_the_references(subject: Subject) -> Iterator[str]:
    """`x-documented-required` stands at each field the reference alone requires, and nowhere else."""
    found = marked(subject.merged)
    yield from (f"{schema}.{name}: is not marked" for schema, name in sorted(MARKED - found))
    yield from (f"{schema}.{name}: is marked without need" for schema, name in sorted(found - MARKED))


def strict_requires_all(subject: Subject) -> Iterator[str]:
    """Under the strict overlay every field the reference marks Required is required, and `ids` no longer select."""
    components = subject.strict["components"]["schemas"]
    for name, expected in STRICT.items():
        missing = expected - required(subject.strict, components[name])
        yield from (f"{name}.{field}: is not required" for field in sorted(missing))
    by_ids = {"handler": {"metadata": {}}, "ids": [1]}
    for name in ("BulkUpdate", "AsaBulkUpdate"):
        validator = jsonschema_rs.Draft4Validator(json_schema(subject.strict, components[name], response=False))
        for body in (by_ids, {**by_ids, "connectionString": "loader@host:443/db"}, [by_ids]):
            if validator.is_valid(body):
                yield f"{name}: takes a body with ids"
