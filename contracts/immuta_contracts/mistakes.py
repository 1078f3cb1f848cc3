"""The mistakes a client can make in a request: bodies and parameters that the document or the law rules out."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from immuta_contracts.checks import kind
from immuta_contracts.client import ABSENT
from immuta_contracts.schemas import schemas_of
from immuta_contracts.spec import Operation
from immuta_contracts.strategies import PASSWORD
from immuta_contracts.valid import COLUMNS, Call, bulk_body, several_body, standing
from immuta_contracts.world import Json, World

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Mistake:
    """A request that is wrong in one way, which `what` names; `field` is the last name on the way to it."""

    what: str
    body: object
    field: str = ""


FULL_COLUMN: Json = {
    **COLUMNS[0],
    "nullable": True,
    "isPrimaryKey": False,
    "description": "what happened",
    "remoteColumn": "KIND",
    "tags": [{"name": "Privacy.Address", "source": "curated", "deleted": False}],
}
TEXTS = (
    *("username", "authenticationMethod", "schema", "warehouse", "httpPath", "connectionStringOptions"),
    *("bodataSchemaName", "bodataTableName", "schemaProjectName", "eventTime"),
    *("nativeViewName", "nativeSchemaName", "nativeWorkspaceName"),
)
FULL_METADATA: Json = {
    **dict.fromkeys(TEXTS, "text"),
    "query": None,
    "password": PASSWORD,
    "port": 5000,
    "ssl": True,
    "userFiles": [{"keyName": "sslrootcert", "content": "LS0tLQ==", "userFilename": "certificate.pem"}],
    "secureNativeView": False,
    "staleDataTolerance": 86400,
    "columns": [FULL_COLUMN],
}
FULL_SETTINGS: Json = {
    "recordFormat": "json",
    "category": "Operations",
    "description": "Machine readings",
    "hasExamples": False,
    "schemaEvolutionId": 7,
    "columnEvolutionEnabled": True,
    **{role: {"profiles": [], "groups": []} for role in ("owner", "expert", "ingest")},
}
FULL_EVOLUTION: Json = {
    "ownerProfileId": 2,
    "disabled": True,
    "config": {"nameTemplate": dict.fromkeys(("nameFormat", "tableFormat", "sqlSchemaNameFormat"), "<schema>")},
}


def full_bodies(w: World, call: Call, operation: Operation) -> Iterator[Json]:
    """Valid bodies of the operation in which every documented field occurs, one for each form."""
    name = kind(operation)
    body: Any = deepcopy(call.body)
    if name == "create{}DataSource":
        settings = {**FULL_SETTINGS, **body["dataSource"]}
        body = {"handler": _full_handler(w, body["handler"]), "dataSource": settings}
        yield {**body, "schemaEvolution": FULL_EVOLUTION, "policyRules": [{}]}
        yield several_body(w, 1)
    elif name == "update{}Handler":
        yield {**body, "handler": _full_handler(w, body["handler"]), "schemaEvolution": FULL_EVOLUTION}
    elif name == "bulkUpdate{}DataSources":
        full = {"handler": {"metadata": {**standing(call.made).metadata, **w.unless_pinned(**FULL_METADATA)}}}
        yield {**full, "connectionString": standing(call.made).connection_string}
        yield {"handler": {"metadata": {}}, "ids": [standing(call.made).data_source_id]}
    elif name in ("createDictionary", "updateDictionary"):
        yield {"metadata": [FULL_COLUMN]}
    elif name == "getJobStatuses":
        yield {**body, "wait": 0, "pollInterval": 1}
    else:
        yield body


def _full_handler(w: World, handler: Json) -> Json:
    return {"metadata": {**handler["metadata"], **w.unless_pinned(**FULL_METADATA)}}


def body_mistakes(w: World, call: Call, operation: Operation) -> Iterator[Mistake]:
    """Every documented field left out or given a wrong type or value, where the document rules that out."""
    schemas = schemas_of(w.routes)
    for body in full_bodies(w, call, operation):
        for where, value in _places(body):
            for what, wrong in _changes(body, where, value):
                if schemas.body_validity(operation, wrong) == "invalid":
                    yield Mistake(f"{'.'.join(map(str, where))} {what}", wrong, str(where[-1]) if where else "")
    yield from _against_the_law(call, operation)


def _places(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every place inside a body, the whole first."""
    yield path, value
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in members:
        yield from _places(item, (*path, key))


def _changes(body: Json, where: Path, value: object) -> Iterator[tuple[str, object]]:
    if where and isinstance(where[-1], str):
        yield "is missing", changed(body, where, ABSENT)
    for wrong in (None, *tempting(value)):
        yield f"is {wrong!r}", changed(body, where, wrong)


def tempting(value: object) -> tuple[object, ...]:
    """The values that one easily takes for good in the place of `value`."""
    if isinstance(value, bool):
        return ("yes",)
    if isinstance(value, int):
        return (str(value), 0, -2, 2**16)
    if isinstance(value, str):
        return (7, "", "no such value")
    if isinstance(value, dict):
        return ([], [value]) if "metadata" in value else ([],)
    return ("text",) if isinstance(value, list) else (7,)


def changed(body: Any, where: Path, value: object) -> Any:
    """A copy of the body with another value, or none, in one place."""
    if not where:
        return value
    copy: Any = dict(body) if isinstance(body, dict) else list(body)
    if len(where) > 1 or value is not ABSENT:
        copy[where[0]] = changed(copy[where[0]] if len(where) > 1 else None, where[1:], value)
    elif where[0] in copy:
        del copy[where[0]]
    return copy


def _against_the_law(call: Call, operation: Operation) -> Iterator[Mistake]:
    """What no schema of the document rules out by itself: two columns of one name, and more than one selection."""
    name, body = kind(operation), deepcopy(call.body)
    columns = [dict(COLUMNS[0]), dict(COLUMNS[1]), {**COLUMNS[0], "dataType": "json"}]
    if not isinstance(body, dict):
        return
    if name in ("createDictionary", "updateDictionary"):
        body["metadata"] = columns
    elif "handler" in body:
        body["handler"]["metadata"]["columns"] = columns
    else:
        return
    yield Mistake("two columns have one name", body, "columns")
    if name == "bulkUpdate{}DataSources":
        both = {**bulk_body(standing(call.made), staleDataTolerance=1), "ids": [standing(call.made).data_source_id]}
        yield Mistake("both connectionString and ids are given", both, "ids")


def query_mistakes(w: World, operation: Operation) -> Iterator[tuple[str, str]]:
    """Name and wrong value of each query parameter that not every text is good for."""
    for parameter in schemas_of(w.routes).parameters(operation):
        if parameter["in"] == "query":
            for value in _wrong_texts(schemas_of(w.routes).resolve(parameter["schema"])):
                yield parameter["name"], value


def _wrong_texts(schema: Mapping[str, Any]) -> tuple[str, ...]:
    if schema.get("type") == "array":
        return _wrong_texts(schema["items"])
    below = (str(schema["minimum"] - 1),) if "minimum" in schema else ()
    texts = {"boolean": ("maybe", "1", ""), "integer": ("many", "1.5", "", *below)}
    return texts.get(schema.get("type", ""), ("no such value",) if "enum" in schema else ())
