"""Calls every operation through the client of openapi-python-client; `mypy --strict` holds it to the types."""

import os
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from immuta_client import AuthenticatedClient, Client
from immuta_client.api.azure_synapse_analytics import (
    bulk_update_asa_data_sources,
    create_asa_data_source,
    get_asa_handler,
    refresh_asa_native_view,
    trigger_asa_high_cardinality_job,
    update_asa_handler,
)
from immuta_client.api.companions import authenticate
from immuta_client.api.data_dictionary import (
    create_dictionary,
    delete_dictionary,
    get_dictionary,
    search_dictionary_columns,
    update_dictionary,
)
from immuta_client.api.databricks import (
    bulk_update_databricks_data_sources,
    create_databricks_data_source,
    get_databricks_handler,
    trigger_databricks_high_cardinality_job,
    update_databricks_handler,
)
from immuta_client.api.redshift import (
    bulk_update_redshift_data_sources,
    create_redshift_data_source,
    get_redshift_handler,
    refresh_redshift_native_view,
    trigger_redshift_high_cardinality_job,
    update_redshift_handler,
)
from immuta_client.api.snowflake import (
    bulk_update_snowflake_data_sources,
    create_snowflake_data_source,
    get_snowflake_handler,
    refresh_snowflake_native_view,
    trigger_snowflake_high_cardinality_job,
    update_snowflake_handler,
)
from immuta_client.api.starburst_trino import (
    bulk_update_trino_data_sources,
    create_trino_data_source,
    get_trino_handler,
    refresh_trino_native_view,
    trigger_trino_high_cardinality_job,
    update_trino_handler,
)
from immuta_client.models import (
    ApiKeyCredentials,
    AsaBulkAnswer,
    AsaHandlerUpdate,
    AuthenticationToken,
    BlobHandler,
    BulkAnswer,
    BulkByConnectionString,
    BulkHandler,
    Column,
    CreatedDataSource,
    CreatedDataSources,
    CreateSeveral,
    CreateSingle,
    DataSourceType,
    DeletedDictionary,
    Dictionary,
    DictionaryBody,
    Error,
    Handler,
    HandlerRecord,
    HandlerUpdate,
    MetadataFields,
    NamedHandler,
    NamedTableMetadata,
    SharedDataSource,
    SingleDataSource,
    TableMetadata,
    UpdatedHandler,
    UserFile,
)

T = TypeVar("T")
URL = os.environ["IMMUTA_URL"]


def a(kind: type[T], answer: object) -> T:
    """The answer, if it is of this kind."""
    if not isinstance(answer, kind):
        raise SystemExit(f"expected {kind.__name__}, got {answer!r}")
    return answer


def same(found: T, expected: T) -> None:
    if found != expected:
        raise SystemExit(f"expected {expected!r}, got {found!r}")


def logged_in() -> AuthenticatedClient:
    credentials = ApiKeyCredentials(apikey=os.environ["IMMUTA_API_KEY"])
    answer = a(AuthenticationToken, authenticate.sync(client=Client(base_url=URL), body=credentials))
    a(datetime, answer.token_expiration)
    return AuthenticatedClient(base_url=URL, token=answer.token)


def connection(platform: str, name: str) -> TableMetadata:
    return TableMetadata(
        hostname=f"{platform}.example.io",
        port=4000,
        ssl=True,
        username="loader",
        password="s3cret",
        database="press",
        schema="news",
        table="articles",
        data_source_name=name,
        user_files=[UserFile(key_name="sslrootcert", content="LS0tLQ==", user_filename="ca.pem")],
        event_time=None,
    )


def single(platform: str) -> CreateSingle:
    metadata = connection(platform, f"{platform} one")
    metadata.columns = [Column(name="title", data_type="text", remote_type="varchar(256)", nullable=False)]
    data_source = SingleDataSource(
        blob_handler=BlobHandler(scheme="https", url=""),
        blob_handler_type=platform,
        record_format="",
        type_=DataSourceType.QUERYABLE,
        name=f"{platform} one",
        sql_table_name=f"{platform}_one",
        private=False,
        schema_evolution_id=None,
    )
    return CreateSingle(handler=Handler(metadata=metadata), data_source=data_source)


def several(platform: str) -> CreateSeveral:
    names = (f"{platform} two", f"{platform} three")
    return CreateSeveral(
        handler=[
            NamedHandler(NamedTableMetadata(hostname="h", database="d", table=name, data_source_name=name))
            for name in names
        ],
        data_source=SharedDataSource(blob_handler_type=platform, record_format="", type_=DataSourceType.QUERYABLE),
    )


def renamed(platform: str) -> Handler:
    return Handler(metadata=connection(platform, f"{platform} renamed"))


def aged(made: CreatedDataSource) -> BulkByConnectionString:
    handler = BulkHandler(metadata=MetadataFields(stale_data_tolerance=3600))
    return BulkByConnectionString(handler=handler, connection_string=made.connection_string)


def check_read(answer: object, made: CreatedDataSource) -> None:
    record = a(HandlerRecord, answer)
    same((record.id, record.data_source_id), (made.id, made.data_source_id))
    same("password" in record.metadata, False)  # its type has none
    columns = a(list, record.metadata.columns)
    same([column.nullable for column in columns], [False])


def check_update(answer: object, name: str) -> None:
    updated = a(UpdatedHandler, answer)
    same((updated.ca, updated.metadata.data_source_name), ("ca.pem", name))


def asa(client: AuthenticatedClient) -> None:
    made = a(CreatedDataSource, create_asa_data_source.sync(client=client, body=single("asa")))
    check_read(get_asa_handler.sync(made.id, client=client, skip_cache=True), made)
    update = [AsaHandlerUpdate(handler=renamed("asa"))]
    check_update(update_asa_handler.sync(made.id, client=client, body=update), "asa renamed")
    bulk = a(AsaBulkAnswer, bulk_update_asa_data_sources.sync(client=client, body=[aged(made)]))
    same((bulk.bulk_id > 0, bulk.jobs_created), (True, 1))
    a(UUID, trigger_asa_high_cardinality_job.sync(made.id, client=client))
    a(UUID, refresh_asa_native_view.sync(made.id, client=client))


def trino(client: AuthenticatedClient) -> None:
    made = a(CreatedDataSource, create_trino_data_source.sync(client=client, body=single("trino")))
    check_read(get_trino_handler.sync(made.id, client=client, skip_cache=True), made)
    update = HandlerUpdate(handler=renamed("trino"))
    check_update(update_trino_handler.sync(made.id, client=client, body=update), "trino renamed")
    bulk = a(BulkAnswer, bulk_update_trino_data_sources.sync(client=client, body=aged(made)))
    same((a(UUID, bulk.bulk_id).version, bulk.jobs_created), (4, 1))
    a(UUID, trigger_trino_high_cardinality_job.sync(made.id, client=client))
    a(UUID, refresh_trino_native_view.sync(made.id, client=client))


def snowflake(client: AuthenticatedClient) -> None:
    made = a(CreatedDataSource, create_snowflake_data_source.sync(client=client, body=single("snowflake")))
    check_read(get_snowflake_handler.sync(made.id, client=client, skip_cache=True), made)
    update = HandlerUpdate(handler=renamed("snowflake"))
    check_update(update_snowflake_handler.sync(made.id, client=client, body=update), "snowflake renamed")
    bulk = a(BulkAnswer, bulk_update_snowflake_data_sources.sync(client=client, body=aged(made)))
    same(bulk.jobs_created, 1)
    a(UUID, trigger_snowflake_high_cardinality_job.sync(made.id, client=client))
    a(UUID, refresh_snowflake_native_view.sync(made.id, client=client))


def databricks(client: AuthenticatedClient) -> None:
    made = a(CreatedDataSource, create_databricks_data_source.sync(client=client, body=single("databricks")))
    check_read(get_databricks_handler.sync(made.id, client=client, skip_cache=True), made)
    update = HandlerUpdate(handler=renamed("databricks"))
    check_update(update_databricks_handler.sync(made.id, client=client, body=update), "databricks renamed")
    bulk = a(BulkAnswer, bulk_update_databricks_data_sources.sync(client=client, body=aged(made)))
    same(bulk.jobs_created, 1)
    a(UUID, trigger_databricks_high_cardinality_job.sync(made.id, client=client))


def redshift(client: AuthenticatedClient) -> CreatedDataSource:
    made = a(CreatedDataSource, create_redshift_data_source.sync(client=client, body=single("redshift")))
    check_read(get_redshift_handler.sync(made.id, client=client, skip_cache=True), made)
    update = HandlerUpdate(handler=renamed("redshift"))
    check_update(update_redshift_handler.sync(made.id, client=client, body=update), "redshift renamed")
    bulk = a(BulkAnswer, bulk_update_redshift_data_sources.sync(client=client, body=aged(made)))
    same(bulk.jobs_created, 1)
    a(UUID, trigger_redshift_high_cardinality_job.sync(made.id, client=client))
    a(UUID, refresh_redshift_native_view.sync(made.id, client=client))
    both = a(CreatedDataSources, create_redshift_data_source.sync(client=client, body=several("redshift")))
    same(both.jobs_created, 2)
    return made


def dictionary(client: AuthenticatedClient, data_source: int) -> None:
    found = a(Dictionary, get_dictionary.sync(data_source, client=client))
    same((found.data_source, found.types, type(found.created_at)), (data_source, ["text"], datetime))
    a(DeletedDictionary, delete_dictionary.sync(data_source, client=client))
    gone = a(Error, get_dictionary.sync(data_source, client=client))
    same((gone.status_code, gone.message), (404, "Dictionary not found."))
    body = DictionaryBody(metadata=[Column(name="headline_en", data_type="text", remote_type="text")])
    a(Dictionary, create_dictionary.sync(data_source, client=client, body=body))
    body.metadata.append(Column(name="headline_de", data_type="text", remote_type="text"))
    a(Dictionary, update_dictionary.sync(data_source, client=client, body=body))
    names = search_dictionary_columns.sync(client=client, search_text="HEADLINE", limit=5)
    same([name.column_name for name in a(list, names)], ["headline_de", "headline_en"])


def main() -> None:
    client = logged_in()
    asa(client)
    trino(client)
    snowflake(client)
    databricks(client)
    dictionary(client, redshift(client).data_source_id)


if __name__ == "__main__":
    main()
