"""Formats, bounds, enums and defaults that the evidence gives stand in the document."""

from typing import Any

from immuta_mock.spec import load_spec, resolve
from immuta_mock.spec_walk import places, schemas

Document = dict[str, Any]
DOCUMENT = load_spec()
ID = {"type": "integer", "format": "int64", "minimum": 1}
SOURCE_TYPE = {"type": "string", "enum": ["queryable", "ingested"]}
STATES = ["created", "active", "completed", "failed", "cancelled", "expired", "retry"]
FACTS: tuple[tuple[Document, str], ...] = (
    (ID, "CreatedDataSource.id HandlerRecord.id UpdatedHandler.id Dictionary.id DataSourceHit.id DeletedDataSource.id"),
    (ID, "CreatedDataSource.dataSourceId HandlerRecord.dataSourceId UpdatedHandler.dataSourceId Dictionary.dataSource"),
    (ID, "AsaCreatedDataSources.bulkId AsaBulkAnswer.bulkId"),
    ({"type": "string", "format": "uuid"}, "CreatedDataSources.bulkId BulkAnswer.bulkId JobId JobStatus.id"),
    ({"format": "date-time"}, "Dictionary.createdAt Dictionary.updatedAt DataSource.createdAt DataSource.updatedAt"),
    ({"format": "date-time"}, "AuthenticationToken.tokenExpiration"),
    ({"format": "password", "writeOnly": True}, "SentMetadata.password ApiKeyCredentials.apikey"),
    ({"format": "byte"}, "UserFile.content"),
    ({"type": "integer", "minimum": 1, "maximum": 65535}, "TableMetadata.port QueryMetadata.port MetadataFields.port"),
    ({"type": "boolean", "default": False}, "ConnectionMetadata.secureNativeView"),
    ({"type": "boolean", "default": True}, "DataSourceSettings.private Column.nullable"),
    ({"type": "string", "nullable": True}, "ConnectionMetadata.eventTime MetadataFields.query JobStatus.output"),
    ({"type": "string", "nullable": True, "readOnly": True}, "ReturnedMetadata.highCardinality"),
    ({"type": "integer", "nullable": True}, "DataSourceSettings.schemaEvolutionId DataSourceHit.schemaEvolutionId"),
    ({"minLength": 1}, "TableMetadata.hostname TableMetadata.database TableMetadata.table"),
    ({"minLength": 1}, "QueryMetadata.hostname QueryMetadata.database QueryMetadata.query"),
    ({"minLength": 1}, "NamedTableMetadata.dataSourceName NamedQueryMetadata.dataSourceName"),
    ({"minLength": 1}, "SingleDataSource.name SingleDataSource.sqlTableName DataSourceSettings.blobHandlerType"),
    (SOURCE_TYPE, "DataSourceType DataSourceSettings.type DataSource.type"),
    ({"type": "array", "minItems": 1}, "CreateSeveral.handler BulkByIds.ids"),
    ({"type": "array", "minItems": 1, "maxItems": 1}, "AsaHandlerUpdateList AsaBulkUpdateList"),
    ({"type": "array", "uniqueItems": True}, "Dictionary.types"),
    ({"type": "integer", "minimum": 0}, "BulkAnswer.jobsCreated AsaBulkAnswer.jobsCreated PendingJobs.pending"),
    ({"type": "integer", "minimum": 2}, "CreatedDataSources.jobsCreated AsaCreatedDataSources.jobsCreated"),
    ({"minimum": -1, "default": 0}, "JobStatusRequest.wait"),
    ({"minimum": 1, "default": 1}, "JobStatusRequest.pollInterval"),
    ({"type": "string", "enum": STATES}, "JobState JobStatus.state"),
)
SCHEMAS = {name: fact for fact, names in FACTS for name in names.split()}
PARAMETERS: dict[str, Document] = {
    "handlerId": ID,
    "dataSourceId": ID,
    "skipCache": {"type": "boolean", "default": False},
    "searchText": {"type": "string"},
    "limit": {"type": "integer", "minimum": 1, "default": 10},
    "nameOnly": {"type": "boolean", "default": False},
    "size": {"type": "integer", "default": 50},
    "offset": {"type": "integer", "default": 0},
    "status": {"type": "array", "items": {"type": "string", "enum": ["passed", "failed"]}},
}


def said(document: Document, name: str) -> Document:
    """What the document says of a schema, or of one of its fields: `Dictionary`, `Dictionary.id`."""
    schema, _, field = name.partition(".")
    found = document["components"]["schemas"][schema]
    return _of_field(document, found, field) if field else dict(found)


def _of_field(document: Document, schema: Document, field: str) -> Document:
    """What a schema and its parts say of a field, the later ones adding to the earlier."""
    whole = resolve(document, schema)
    found = dict(resolve(document, whole.get("properties", {}).get(field, {})))
    for part in whole.get("allOf", ()):
        found |= _of_field(document, part, field)
    return found


def lacking(found: Document, fact: Document) -> Document:
    """The part of a fact that is not said."""
    return {key: value for key, value in fact.items() if found.get(key) != value}


def test_fields_say_what_the_evidence_gives() -> None:
    found = {name: lacking(said(DOCUMENT, name), fact) for name, fact in SCHEMAS.items()}

    assert {name: lacks for name, lacks in found.items() if lacks} == {}


def test_parameters_say_what_the_evidence_gives() -> None:
    given = [(f"{p.name}, {each['name']}", each) for p in places(DOCUMENT) for each in p.parameters]
    found = {name: lacking(each["schema"], PARAMETERS.get(each["name"], {})) for name, each in given}

    assert {each["name"] for _, each in given} >= PARAMETERS.keys()
    assert {name: lacks for name, lacks in found.items() if lacks} == {}


def test_every_time_and_every_secret_is_marked_as_one() -> None:
    named = [(name, value) for _, each in schemas(DOCUMENT) for name, value in each.get("properties", {}).items()]

    assert {name for name, value in named if value.get("format") == "date-time"} == {
        name for name, _ in named if name.endswith(("At", "Expiration"))
    }
    assert {name for name, value in named if value.get("writeOnly")} == {
        name for name, _ in named if name in ("password", "apikey")
    }


def test_a_fact_that_is_not_said_is_found() -> None:
    document = load_spec()
    del document["components"]["schemas"]["ConnectionMetadata"]["properties"]["port"]["maximum"]

    assert lacking(said(document, "TableMetadata.port"), SCHEMAS["TableMetadata.port"]) == {"maximum": 65535}
