"""Calls every operation with the models of datamodel-code-generator; `mypy --strict` holds it to their types."""

import os
from typing import TypeVar
from uuid import UUID

import httpx
from models import (
    ApiKeyCredentials,
    AsaBulkAnswer,
    AsaBulkUpdate,
    AsaBulkUpdateList,
    AsaCreateAnswer,
    AsaHandlerUpdate,
    AsaHandlerUpdateBody,
    AsaHandlerUpdateList,
    AuthenticationToken,
    BlobHandler,
    BlobHandlers,
    BulkAnswer,
    BulkByConnectionString,
    BulkHandler,
    BulkUpdate,
    Column,
    ColumnNameList,
    CreateAnswer,
    CreateDataSources,
    CreatedDataSource,
    CreatedDataSources,
    CreateSeveral,
    CreateSingle,
    DataSourceType,
    DeletedDictionary,
    Dictionary,
    DictionaryBody,
    Encryption,
    Error,
    Handler,
    HandlerMetadata,
    HandlerRecord,
    HandlerUpdate,
    JobId,
    MetadataFields,
    NamedHandler,
    NamedHandlerMetadata,
    NamedTableMetadata,
    SharedDataSource,
    SingleDataSource,
    TableMetadata,
    UpdatedHandler,
    UserFile,
)

from pydantic import BaseModel

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
HTTP = httpx.Client(base_url=os.environ["IMMUTA_URL"])


def call(method: str, path: str, answer: type[M], body: BaseModel | None = None, *, status: int = 200) -> M:
    """The answer as its model; a body is sent as it was set, so that what was left out stays absent."""
    content = None if body is None else body.model_dump_json(by_alias=True, exclude_unset=True)
    response = HTTP.request(method, path, content=content, headers={"Content-Type": "application/json"})
    same(response.status_code, status)
    return answer.model_validate_json(response.content)


def same(found: T, expected: T) -> None:
    if found != expected:
        raise SystemExit(f"expected {expected!r}, got {found!r}")


def log_in() -> None:
    credentials = ApiKeyCredentials(apikey=os.environ["IMMUTA_API_KEY"])
    token = call("POST", "/bim/apikey/authenticate", AuthenticationToken, credentials)
    if token.tokenExpiration is None or token.tokenExpiration.tzinfo is None:
        raise SystemExit("the token has no expiration in UTC")
    HTTP.headers["Authorization"] = f"Bearer {token.token}"


def connection(platform: str, name: str, columns: list[Column] | None = None) -> HandlerMetadata:
    metadata = TableMetadata(
        hostname=f"{platform}.example.io",
        port=4000,
        ssl=Encryption(True),
        username="loader",
        password="s3cret",
        database="press",
        schema_="news",  # `schema` is taken by pydantic; the alias puts it right
        table="articles",
        dataSourceName=name,
        userFiles=[UserFile(keyName="sslrootcert", content="LS0tLQ==", userFilename="ca.pem")],
        eventTime=None,
    )
    if columns is not None:
        metadata.columns = columns
    return HandlerMetadata(metadata)


def single(platform: str) -> CreateDataSources:
    columns = [Column(name="title", dataType="text", remoteType="varchar(256)", nullable=False)]
    data_source = SingleDataSource(
        blobHandler=BlobHandlers(BlobHandler(scheme="https", url="")),
        blobHandlerType=platform,
        recordFormat="",
        type=DataSourceType.queryable,
        name=f"{platform} one",
        sqlTableName=f"{platform}_one",
        private=False,
        schemaEvolutionId=None,
    )
    handler = Handler(metadata=connection(platform, f"{platform} one", columns))
    return CreateDataSources(CreateSingle(handler=handler, dataSource=data_source))


def several(platform: str) -> CreateDataSources:
    tables = [
        NamedTableMetadata(hostname="h", database="d", table=name, dataSourceName=name)
        for name in (f"{platform} two", f"{platform} three")
    ]
    handlers = [NamedHandler(metadata=NamedHandlerMetadata(table)) for table in tables]
    shared = SharedDataSource(blobHandlerType=platform, recordFormat="", type=DataSourceType.queryable)
    return CreateDataSources(CreateSeveral(handler=handlers, dataSource=shared))


def aged(made: CreatedDataSource) -> BulkByConnectionString:
    handler = BulkHandler(metadata=MetadataFields(staleDataTolerance=3600))
    return BulkByConnectionString(handler=handler, connectionString=made.connectionString)


def one(answer: CreateAnswer | AsaCreateAnswer) -> CreatedDataSource:
    if not isinstance(answer.root, CreatedDataSource):
        raise SystemExit(f"expected one data source, got {answer.root!r}")
    return answer.root


def check_handler(platform: str, made: CreatedDataSource, update: BaseModel) -> None:
    handler: int = made.id
    record = call("GET", f"/{platform}/handler/{handler}?skipCache=true", HandlerRecord)
    same((record.id, record.dataSourceId), (handler, made.dataSourceId))
    same(record.metadata.model_extra, {})  # no password, and its type has none
    same([column.nullable for column in record.metadata.columns or []], [False])
    updated = call("PUT", f"/{platform}/handler/{handler}", UpdatedHandler, update)
    same((updated.ca, updated.metadata.dataSourceName), ("ca.pem", f"{platform} renamed"))


def check_jobs(platform: str, handler: int) -> None:
    jobs = ["triggerHighCardinalityJob", *(["refreshNativeViewJob"] if platform != "databricks" else [])]
    for job in jobs:
        run = call("PUT", f"/{platform}/handler/{handler}/{job}", JobId)
        same(type(run.root), UUID)


def asa() -> None:
    made = one(call("POST", "/asa/handler", AsaCreateAnswer, single("asa")))
    update = AsaHandlerUpdate(handler=Handler(metadata=connection("asa", "asa renamed")))
    check_handler("asa", made, AsaHandlerUpdateBody(AsaHandlerUpdateList([update])))
    several_at_once = AsaBulkUpdate(AsaBulkUpdateList([BulkUpdate(aged(made))]))
    bulk = call("PUT", "/asa/bulk", AsaBulkAnswer, several_at_once)
    same((bulk.bulkId > 0, bulk.jobsCreated), (True, 1))
    check_jobs("asa", made.id)


def other(platform: str) -> CreatedDataSource:
    made = one(call("POST", f"/{platform}/handler", CreateAnswer, single(platform)))
    check_handler(platform, made, HandlerUpdate(handler=Handler(metadata=connection(platform, f"{platform} renamed"))))
    bulk = call("PUT", f"/{platform}/bulk", BulkAnswer, BulkUpdate(aged(made)))
    same((bulk.bulkId.version, bulk.jobsCreated), (4, 1))
    check_jobs(platform, made.id)
    return made


def check_several() -> None:
    both = call("POST", "/redshift/handler", CreateAnswer, several("redshift")).root
    if not isinstance(both, CreatedDataSources):
        raise SystemExit(f"expected several data sources, got {both!r}")
    same(both.jobsCreated, 2)


def dictionary(data_source: int) -> None:
    path = f"/dictionary/{data_source}"
    found = call("GET", path, Dictionary)
    same((found.dataSource, found.types, found.createdAt.tzname()), (data_source, ["text"], "UTC"))
    call("DELETE", path, DeletedDictionary)
    same(call("GET", path, Error, status=404).message, "Dictionary not found.")
    columns = [Column(name=name, dataType="text", remoteType="text") for name in ("headline_en", "headline_de")]
    call("POST", path, Dictionary, DictionaryBody(metadata=columns[:1]))
    call("PUT", path, Dictionary, DictionaryBody(metadata=columns))
    names = call("GET", "/dictionary/columns?searchText=HEADLINE&limit=5", ColumnNameList)
    same([name.columnName for name in names.root], ["headline_de", "headline_en"])


def main() -> None:
    log_in()
    asa()
    made = [other(platform) for platform in ("trino", "snowflake", "databricks", "redshift")]
    check_several()
    dictionary(made[0].dataSourceId)


if __name__ == "__main__":
    main()
