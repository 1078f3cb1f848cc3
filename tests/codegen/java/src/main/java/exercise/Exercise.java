package exercise;

import immuta.client.ApiClient;
import immuta.client.ApiException;
import immuta.client.api.AzureSynapseAnalyticsApi;
import immuta.client.api.CompanionsApi;
import immuta.client.api.DataDictionaryApi;
import immuta.client.api.DatabricksApi;
import immuta.client.api.RedshiftApi;
import immuta.client.api.SnowflakeApi;
import immuta.client.api.StarburstTrinoApi;
import immuta.client.model.*;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;

/** Calls every operation through the Java client of openapi-generator; the compiler holds it to the types. */
public final class Exercise {
    private final ApiClient client = new ApiClient().setBasePath(System.getenv("IMMUTA_URL"));

    public static void main(String[] arguments) throws ApiException {
        Exercise exercise = new Exercise();
        exercise.logIn();
        exercise.asa();
        exercise.trino();
        exercise.snowflake();
        exercise.databricks();
        exercise.dictionary(exercise.redshift().getDataSourceId());
    }

    private static void same(Object found, Object expected) {
        if (!Objects.equals(found, expected)) {
            throw new IllegalStateException("expected " + expected + ", got " + found);
        }
    }

    private void logIn() throws ApiException {
        ApiKeyCredentials credentials = new ApiKeyCredentials().apikey(System.getenv("IMMUTA_API_KEY"));
        AuthenticationToken answer = new CompanionsApi(client).authenticate(credentials);
        OffsetDateTime expiration = answer.getTokenExpiration();
        same(expiration.getOffset().getTotalSeconds(), 0);
        client.setBearerToken(answer.getToken());
    }

    private static TableMetadata connection(String platform, String name) {
        UserFile file = new UserFile().keyName("sslrootcert").content(new byte[] {45, 45}).userFilename("ca.pem");
        return new TableMetadata()
                .hostname(platform + ".example.io")
                .port(4000)
                .ssl(new Encryption(true))
                .username("loader")
                .password("s3cret")
                .database("press")
                .schema("news")
                .table("articles")
                .dataSourceName(name)
                .addUserFilesItem(file);
    }

    private static CreateDataSources single(String platform) {
        Column column = new Column().name("title").dataType("text").remoteType("varchar(256)").nullable(false);
        TableMetadata metadata = connection(platform, platform + " one").addColumnsItem(column);
        SingleDataSource dataSource = new SingleDataSource()
                .blobHandler(new BlobHandlers(List.of(new BlobHandler().scheme("https").url(""))))
                .blobHandlerType(platform)
                .recordFormat("")
                .type(DataSourceType.QUERYABLE)
                .name(platform + " one")
                .sqlTableName(platform + "_one")
                ._private(false);
        Handler handler = new Handler().metadata(new HandlerMetadata(metadata));
        return new CreateDataSources(new CreateSingle().handler(handler).dataSource(dataSource));
    }

    private static CreateDataSources several(String platform) {
        List<NamedHandler> handlers = Stream.of(" two", " three").map(end -> named(platform + end)).toList();
        SharedDataSource shared =
                new SharedDataSource().blobHandlerType(platform).recordFormat("").type(DataSourceType.QUERYABLE);
        return new CreateDataSources(new CreateSeveral().handler(handlers).dataSource(shared));
    }

    private static NamedHandler named(String name) {
        NamedTableMetadata metadata =
                new NamedTableMetadata().hostname("h").database("d").table(name).dataSourceName(name);
        return new NamedHandler().metadata(new NamedHandlerMetadata(metadata));
    }

    private static Handler renamed(String platform) {
        return new Handler().metadata(new HandlerMetadata(connection(platform, platform + " renamed")));
    }

    private static BulkUpdate aged(CreatedDataSource made) {
        BulkHandler handler = new BulkHandler().metadata(new MetadataFields().staleDataTolerance(3600));
        return new BulkUpdate(
                new BulkByConnectionString().handler(handler).connectionString(made.getConnectionString()));
    }

    private static void checkRead(HandlerRecord record, CreatedDataSource made) {
        same(List.of(record.getId(), record.getDataSourceId()), List.of(made.getId(), made.getDataSourceId()));
        same(record.getMetadata().getAdditionalProperty("password"), null); // its type has none
        same(record.getMetadata().getColumns().get(0).getNullable(), false);
    }

    private static void checkUpdate(UpdatedHandler updated, String name) {
        same(List.of(updated.getCa(), updated.getMetadata().getDataSourceName()), List.of("ca.pem", name));
    }

    private static void checkBulk(BulkAnswer answer) {
        UUID id = answer.getBulkId();
        same(List.of(id.version(), answer.getJobsCreated()), List.of(4, 1));
    }

    private static void checkJobs(UUID... jobs) {
        for (UUID job : jobs) {
            same(job.version(), 4);
        }
    }

    private void asa() throws ApiException {
        AzureSynapseAnalyticsApi api = new AzureSynapseAnalyticsApi(client);
        CreatedDataSource made = api.createAsaDataSource(single("asa")).getCreatedDataSource();
        long id = made.getId();
        checkRead(api.getAsaHandler(id, true), made);
        AsaHandlerUpdateBody update =
                new AsaHandlerUpdateBody(List.of(new AsaHandlerUpdate().handler(renamed("asa"))));
        checkUpdate(api.updateAsaHandler(id, update, null), "asa renamed");
        AsaBulkAnswer bulk = api.bulkUpdateAsaDataSources(new AsaBulkUpdate(List.of(aged(made))));
        long bulkId = bulk.getBulkId();
        same(List.of(bulkId > 0, bulk.getJobsCreated()), List.of(true, 1));
        checkJobs(api.triggerAsaHighCardinalityJob(id), api.refreshAsaNativeView(id));
    }

    private void trino() throws ApiException {
        StarburstTrinoApi api = new StarburstTrinoApi(client);
        CreatedDataSource made = api.createTrinoDataSource(single("trino")).getCreatedDataSource();
        long id = made.getId();
        checkRead(api.getTrinoHandler(id, true), made);
        checkUpdate(api.updateTrinoHandler(id, new HandlerUpdate().handler(renamed("trino")), null), "trino renamed");
        checkBulk(api.bulkUpdateTrinoDataSources(aged(made)));
        checkJobs(api.triggerTrinoHighCardinalityJob(id), api.refreshTrinoNativeView(id));
    }

    private void snowflake() throws ApiException {
        SnowflakeApi api = new SnowflakeApi(client);
        CreatedDataSource made = api.createSnowflakeDataSource(single("snowflake")).getCreatedDataSource();
        long id = made.getId();
        checkRead(api.getSnowflakeHandler(id, true), made);
        HandlerUpdate update = new HandlerUpdate().handler(renamed("snowflake"));
        checkUpdate(api.updateSnowflakeHandler(id, update, null), "snowflake renamed");
        checkBulk(api.bulkUpdateSnowflakeDataSources(aged(made)));
        checkJobs(api.triggerSnowflakeHighCardinalityJob(id), api.refreshSnowflakeNativeView(id));
    }

    private void databricks() throws ApiException {
        DatabricksApi api = new DatabricksApi(client);
        CreatedDataSource made = api.createDatabricksDataSource(single("databricks")).getCreatedDataSource();
        long id = made.getId();
        checkRead(api.getDatabricksHandler(id, true), made);
        HandlerUpdate update = new HandlerUpdate().handler(renamed("databricks"));
        checkUpdate(api.updateDatabricksHandler(id, update, null), "databricks renamed");
        checkBulk(api.bulkUpdateDatabricksDataSources(aged(made)));
        checkJobs(api.triggerDatabricksHighCardinalityJob(id));
    }

    private CreatedDataSource redshift() throws ApiException {
        RedshiftApi api = new RedshiftApi(client);
        CreatedDataSource made = api.createRedshiftDataSource(single("redshift")).getCreatedDataSource();
        long id = made.getId();
        checkRead(api.getRedshiftHandler(id, true), made);
        HandlerUpdate update = new HandlerUpdate().handler(renamed("redshift"));
        checkUpdate(api.updateRedshiftHandler(id, update, null), "redshift renamed");
        checkBulk(api.bulkUpdateRedshiftDataSources(aged(made)));
        checkJobs(api.triggerRedshiftHighCardinalityJob(id), api.refreshRedshiftNativeView(id));
        CreatedDataSources both = api.createRedshiftDataSource(several("redshift")).getCreatedDataSources();
        same(both.getJobsCreated(), 2);
        return made;
    }

    private void dictionary(long dataSource) throws ApiException {
        DataDictionaryApi api = new DataDictionaryApi(client);
        Dictionary found = api.getDictionary(dataSource);
        OffsetDateTime created = found.getCreatedAt();
        same(List.of(created.getOffset().getTotalSeconds(), List.copyOf(found.getTypes())), List.of(0, List.of("text")));
        api.deleteDictionary(dataSource);
        try {
            api.getDictionary(dataSource);
            throw new IllegalStateException("the dictionary is still there");
        } catch (ApiException refused) {
            same(refused.getCode(), 404);
        }
        Column english = new Column().name("headline_en").dataType("text").remoteType("text");
        Column german = new Column().name("headline_de").dataType("text").remoteType("text");
        api.createDictionary(dataSource, new DictionaryBody().metadata(List.of(english)));
        api.updateDictionary(dataSource, new DictionaryBody().metadata(List.of(english, german)));
        List<String> names =
                api.searchDictionaryColumns("HEADLINE", 5).stream().map(ColumnName::getColumnName).toList();
        same(names, List.of("headline_de", "headline_en"));
    }
}
