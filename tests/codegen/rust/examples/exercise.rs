//! Calls every operation through the Rust client of openapi-generator; the compiler holds it to the types.

use immuta_client::apis::configuration::Configuration;
use immuta_client::apis::{
    azure_synapse_analytics_api as asa_api, companions_api, data_dictionary_api as dictionary_api,
    databricks_api, redshift_api, snowflake_api, starburst_trino_api as trino_api, Error,
};
use immuta_client::models::*;
use std::env::var;
use std::fmt::Debug;

fn logged_in() -> Configuration {
    let mut tenant = Configuration::new();
    tenant.base_path = var("IMMUTA_URL").unwrap();
    let credentials = ApiKeyCredentials::new(var("IMMUTA_API_KEY").unwrap());
    let answer = companions_api::authenticate(&tenant, Some(credentials)).unwrap();
    assert_eq!(answer.token_expiration.unwrap().offset().local_minus_utc(), 0);
    tenant.bearer_access_token = Some(answer.token);
    tenant
}

fn connection(platform: &str, name: String) -> TableMetadata {
    let file = UserFile {
        key_name: Some("sslrootcert".into()),
        content: Some(b"--".to_vec()),
        user_filename: Some("ca.pem".into()),
    };
    TableMetadata {
        port: Some(4000),
        ssl: Some(Box::new(Encryption::Boolean(true))),
        username: Some("loader".into()),
        password: Some("s3cret".into()),
        schema: Some("news".into()),
        data_source_name: Some(name),
        user_files: Some(vec![file]),
        event_time: Some(None),
        ..TableMetadata::new(format!("{platform}.example.io"), "press".into(), "articles".into())
    }
}

fn handler(metadata: TableMetadata) -> Handler {
    Handler::new(HandlerMetadata::TableMetadata(Box::new(metadata)))
}

fn single(platform: &str) -> CreateDataSources {
    let column = Column {
        nullable: Some(false),
        ..Column::new("title".into(), "text".into(), "varchar(256)".into())
    };
    let metadata = TableMetadata {
        columns: Some(vec![column]),
        ..connection(platform, format!("{platform} one"))
    };
    let data_source = SingleDataSource {
        private: Some(false),
        schema_evolution_id: Some(None),
        ..SingleDataSource::new(
            platform.into(),
            String::new(),
            DataSourceType::Queryable,
            BlobHandlers::BlobHandlerList(vec![BlobHandler::new("https".into())]),
            format!("{platform} one"),
            format!("{platform}_one"),
        )
    };
    CreateDataSources::CreateSingle(Box::new(CreateSingle::new(handler(metadata), data_source)))
}

fn several(platform: &str) -> CreateDataSources {
    let named = |end: &str| {
        let name = format!("{platform} {end}");
        let metadata = NamedTableMetadata::new("h".into(), "d".into(), name.clone(), name);
        NamedHandler::new(NamedHandlerMetadata::NamedTableMetadata(Box::new(metadata)))
    };
    let shared = SharedDataSource::new(platform.into(), String::new(), DataSourceType::Queryable);
    CreateDataSources::CreateSeveral(Box::new(CreateSeveral::new(vec![named("two"), named("three")], shared)))
}

fn renamed(platform: &str) -> Handler {
    handler(connection(platform, format!("{platform} renamed")))
}

fn aged(made: &CreatedDataSource) -> BulkUpdate {
    let metadata = MetadataFields { stale_data_tolerance: Some(3600), ..MetadataFields::new() };
    let bulk = BulkByConnectionString::new(BulkHandler::new(metadata), made.connection_string.clone());
    BulkUpdate::BulkByConnectionString(Box::new(bulk))
}

fn one(answer: CreateAnswer) -> CreatedDataSource {
    match answer {
        CreateAnswer::CreatedDataSource(made) => *made,
        CreateAnswer::CreatedDataSources(made) => panic!("expected one data source, got {made:?}"),
    }
}

fn check_read(record: HandlerRecord, made: &CreatedDataSource) {
    assert_eq!((record.id, record.data_source_id), (made.id, made.data_source_id));
    assert_eq!(record.metadata.columns.unwrap()[0].nullable, false);
}

fn check_update(updated: UpdatedHandler, name: &str) {
    assert_eq!((updated.ca.as_str(), updated.metadata.data_source_name.as_str()), ("ca.pem", name));
}

fn check_bulk(answer: BulkAnswer) {
    assert_eq!((answer.bulk_id.get_version_num(), answer.jobs_created), (4, 1));
}

fn asa(tenant: &Configuration) {
    let made = match asa_api::create_asa_data_source(tenant, single("asa")).unwrap() {
        AsaCreateAnswer::CreatedDataSource(made) => *made,
        AsaCreateAnswer::AsaCreatedDataSources(made) => panic!("expected one data source, got {made:?}"),
    };
    let id: i64 = made.id;
    check_read(asa_api::get_asa_handler(tenant, id, Some(true)).unwrap(), &made);
    let update = AsaHandlerUpdateBody::AsaHandlerUpdateList(vec![AsaHandlerUpdate::new(renamed("asa"))]);
    check_update(asa_api::update_asa_handler(tenant, id, update, None).unwrap(), "asa renamed");
    let bulk = AsaBulkUpdate::AsaBulkUpdateList(vec![aged(&made)]);
    let answer = asa_api::bulk_update_asa_data_sources(tenant, bulk).unwrap();
    let bulk_id: i64 = answer.bulk_id;
    assert_eq!((bulk_id > 0, answer.jobs_created), (true, 1));
    assert_ne!(asa_api::trigger_asa_high_cardinality_job(tenant, id).unwrap().get_version_num(), 0);
    assert_ne!(asa_api::refresh_asa_native_view(tenant, id).unwrap().get_version_num(), 0);
}

/// The operations of the four connectors whose types are the same, under their own names.
macro_rules! exercise {
    ($tenant:expr, $platform:literal, $api:ident: $create:ident, $get:ident, $update:ident, $bulk:ident, $($job:ident),+) => {{
        let made = one($api::$create($tenant, single($platform)).unwrap());
        check_read($api::$get($tenant, made.id, Some(true)).unwrap(), &made);
        let update = HandlerUpdate::new(renamed($platform));
        check_update($api::$update($tenant, made.id, update, None).unwrap(), concat!($platform, " renamed"));
        check_bulk($api::$bulk($tenant, aged(&made)).unwrap());
        $(assert_ne!($api::$job($tenant, made.id).unwrap().get_version_num(), 0);)+
        made
    }};
}

fn others(tenant: &Configuration) -> CreatedDataSource {
    exercise!(tenant, "trino", trino_api: create_trino_data_source, get_trino_handler, update_trino_handler,
        bulk_update_trino_data_sources, trigger_trino_high_cardinality_job, refresh_trino_native_view);
    exercise!(tenant, "snowflake", snowflake_api: create_snowflake_data_source, get_snowflake_handler,
        update_snowflake_handler, bulk_update_snowflake_data_sources, trigger_snowflake_high_cardinality_job,
        refresh_snowflake_native_view);
    exercise!(tenant, "databricks", databricks_api: create_databricks_data_source, get_databricks_handler,
        update_databricks_handler, bulk_update_databricks_data_sources, trigger_databricks_high_cardinality_job);
    exercise!(tenant, "redshift", redshift_api: create_redshift_data_source, get_redshift_handler,
        update_redshift_handler, bulk_update_redshift_data_sources, trigger_redshift_high_cardinality_job,
        refresh_redshift_native_view)
}

fn make_several(tenant: &Configuration) {
    match redshift_api::create_redshift_data_source(tenant, several("redshift")).unwrap() {
        CreateAnswer::CreatedDataSources(both) => assert_eq!(both.jobs_created, 2),
        CreateAnswer::CreatedDataSource(made) => panic!("expected several data sources, got {made:?}"),
    }
}

fn status<T, E: Debug>(answer: Result<T, Error<E>>) -> u16 {
    match answer {
        Err(Error::ResponseError(refused)) => refused.status.as_u16(),
        _ => 0,
    }
}

fn dictionary(tenant: &Configuration, id: i64) {
    let found = dictionary_api::get_dictionary(tenant, id).unwrap();
    assert_eq!((found.types, found.created_at.offset().local_minus_utc()), (vec!["text".to_string()], 0));
    dictionary_api::delete_dictionary(tenant, id).unwrap();
    assert_eq!(status(dictionary_api::get_dictionary(tenant, id)), 404);
    let column = |name: &str| Column::new(name.into(), "text".into(), "text".into());
    let (first, both) = (vec![column("headline_en")], vec![column("headline_en"), column("headline_de")]);
    dictionary_api::create_dictionary(tenant, id, DictionaryBody::new(first)).unwrap();
    dictionary_api::update_dictionary(tenant, id, DictionaryBody::new(both)).unwrap();
    let names = dictionary_api::search_dictionary_columns(tenant, Some("HEADLINE"), Some(5)).unwrap();
    let names: Vec<String> = names.into_iter().map(|name| name.column_name).collect();
    assert_eq!(names, ["headline_de", "headline_en"]);
}

fn main() {
    let tenant = logged_in();
    asa(&tenant);
    let made = others(&tenant);
    make_several(&tenant);
    dictionary(&tenant, made.data_source_id);
}
