// Calls every operation through the Go client of openapi-generator; `go vet` and the compiler hold it to the types.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"time"

	immuta "client.test/immuta/client"
)

func must[T any](answer T, _ *http.Response, err error) T {
	if err != nil {
		panic(err)
	}
	return answer
}

func same[T any](found, expected T) {
	if !reflect.DeepEqual(found, expected) {
		panic(fmt.Sprintf("expected %v, got %v", expected, found))
	}
}

func logIn(client *immuta.APIClient) context.Context {
	credentials := *immuta.NewApiKeyCredentials(os.Getenv("IMMUTA_API_KEY"))
	answer := must(client.CompanionsAPI.Authenticate(context.Background()).ApiKeyCredentials(credentials).Execute())
	var expiration time.Time = answer.GetTokenExpiration()
	same(expiration.IsZero(), false)
	return context.WithValue(context.Background(), immuta.ContextAccessToken, answer.Token)
}

func connection(platform, name string) *immuta.TableMetadata {
	metadata := immuta.NewTableMetadata(platform+".example.io", "press", "articles")
	metadata.Port = immuta.PtrInt32(4000)
	metadata.SetSsl(immuta.BoolAsEncryption(immuta.PtrBool(true)))
	metadata.Username = immuta.PtrString("loader")
	metadata.Password = immuta.PtrString("s3cret")
	metadata.Schema = immuta.PtrString("news")
	metadata.DataSourceName = immuta.PtrString(name)
	metadata.SetEventTimeNil()
	file := immuta.UserFile{Content: immuta.PtrString("LS0tLQ=="), UserFilename: immuta.PtrString("ca.pem")}
	metadata.UserFiles = []immuta.UserFile{file}
	return metadata
}

func single(platform string) immuta.CreateDataSources {
	metadata := connection(platform, platform+" one")
	column := immuta.NewColumn("title", "text", "varchar(256)")
	column.Nullable = immuta.PtrBool(false)
	metadata.Columns = []immuta.Column{*column}
	blobs := immuta.BlobHandlerAsBlobHandlers(immuta.NewBlobHandler("https"))
	source := immuta.NewSingleDataSource(platform, "", immuta.QUERYABLE, blobs, platform+" one", platform+"_one")
	source.Private = immuta.PtrBool(false)
	source.SetSchemaEvolutionIdNil()
	handler := immuta.NewHandler(immuta.TableMetadataAsHandlerMetadata(metadata))
	return immuta.CreateSingleAsCreateDataSources(immuta.NewCreateSingle(*handler, *source))
}

func several(platform string) immuta.CreateDataSources {
	handlers := []immuta.NamedHandler{}
	for _, name := range []string{platform + " two", platform + " three"} {
		metadata := immuta.NewNamedTableMetadata("h", "d", name, name)
		handlers = append(handlers, *immuta.NewNamedHandler(immuta.NamedTableMetadataAsNamedHandlerMetadata(metadata)))
	}
	shared := immuta.NewSharedDataSource(platform, "", immuta.QUERYABLE)
	return immuta.CreateSeveralAsCreateDataSources(immuta.NewCreateSeveral(handlers, *shared))
}

func renamed(platform string) immuta.Handler {
	return *immuta.NewHandler(immuta.TableMetadataAsHandlerMetadata(connection(platform, platform+" renamed")))
}

func aged(made *immuta.CreatedDataSource) *immuta.BulkByConnectionString {
	metadata := immuta.MetadataFields{StaleDataTolerance: immuta.PtrInt32(3600)}
	return immuta.NewBulkByConnectionString(*immuta.NewBulkHandler(metadata), made.ConnectionString)
}

func bulk(made *immuta.CreatedDataSource) immuta.BulkUpdate {
	return immuta.BulkByConnectionStringAsBulkUpdate(aged(made))
}

func checkRead(record *immuta.HandlerRecord, made *immuta.CreatedDataSource) {
	same([]int64{record.Id, record.DataSourceId}, []int64{made.Id, made.DataSourceId})
	same(record.Metadata.AdditionalProperties["password"], nil) // its type has none
	same(record.Metadata.Columns[0].Nullable, false)
}

func checkUpdate(updated *immuta.UpdatedHandler, name string) {
	same([]string{updated.Ca, updated.Metadata.DataSourceName}, []string{"ca.pem", name})
}

func checkBulk(answer *immuta.BulkAnswer) {
	var id string = answer.BulkId
	same(len(id), 36)
	same(answer.JobsCreated, 1)
}

func checkJobs(jobs ...*immuta.JobId) {
	for _, job := range jobs {
		same(len(*job), 36)
	}
}

func asa(client *immuta.APIClient, ctx context.Context) {
	api := client.AzureSynapseAnalyticsAPI
	made := must(api.CreateAsaDataSource(ctx).CreateDataSources(single("asa")).Execute()).CreatedDataSource
	checkRead(must(api.GetAsaHandler(ctx, made.Id).SkipCache(true).Execute()), made)
	list := []immuta.AsaHandlerUpdate{*immuta.NewAsaHandlerUpdate(renamed("asa"))}
	update := immuta.ArrayOfAsaHandlerUpdateAsAsaHandlerUpdateBody(&list)
	checkUpdate(must(api.UpdateAsaHandler(ctx, made.Id).AsaHandlerUpdateBody(update).Execute()), "asa renamed")
	bulks := immuta.ArrayOfBulkUpdateAsAsaBulkUpdate(&[]immuta.BulkUpdate{bulk(made)})
	answer := must(api.BulkUpdateAsaDataSources(ctx).AsaBulkUpdate(bulks).Execute())
	var id int64 = answer.BulkId
	same(id > 0, true)
	same(answer.JobsCreated, 1)
	job := must(api.TriggerAsaHighCardinalityJob(ctx, made.Id).Execute())
	checkJobs(job, must(api.RefreshAsaNativeView(ctx, made.Id).Execute()))
}

func trino(client *immuta.APIClient, ctx context.Context) {
	api := client.StarburstTrinoAPI
	made := must(api.CreateTrinoDataSource(ctx).CreateDataSources(single("trino")).Execute()).CreatedDataSource
	checkRead(must(api.GetTrinoHandler(ctx, made.Id).SkipCache(true).Execute()), made)
	update := *immuta.NewHandlerUpdate(renamed("trino"))
	checkUpdate(must(api.UpdateTrinoHandler(ctx, made.Id).HandlerUpdate(update).Execute()), "trino renamed")
	checkBulk(must(api.BulkUpdateTrinoDataSources(ctx).BulkUpdate(bulk(made)).Execute()))
	job := must(api.TriggerTrinoHighCardinalityJob(ctx, made.Id).Execute())
	checkJobs(job, must(api.RefreshTrinoNativeView(ctx, made.Id).Execute()))
}

func snowflake(client *immuta.APIClient, ctx context.Context) {
	api := client.SnowflakeAPI
	made := must(api.CreateSnowflakeDataSource(ctx).CreateDataSources(single("snowflake")).Execute()).CreatedDataSource
	checkRead(must(api.GetSnowflakeHandler(ctx, made.Id).SkipCache(true).Execute()), made)
	update := *immuta.NewHandlerUpdate(renamed("snowflake"))
	checkUpdate(must(api.UpdateSnowflakeHandler(ctx, made.Id).HandlerUpdate(update).Execute()), "snowflake renamed")
	checkBulk(must(api.BulkUpdateSnowflakeDataSources(ctx).BulkUpdate(bulk(made)).Execute()))
	job := must(api.TriggerSnowflakeHighCardinalityJob(ctx, made.Id).Execute())
	checkJobs(job, must(api.RefreshSnowflakeNativeView(ctx, made.Id).Execute()))
}

func databricks(client *immuta.APIClient, ctx context.Context) {
	api := client.DatabricksAPI
	made := must(api.CreateDatabricksDataSource(ctx).CreateDataSources(single("databricks")).Execute()).CreatedDataSource
	checkRead(must(api.GetDatabricksHandler(ctx, made.Id).SkipCache(true).Execute()), made)
	update := *immuta.NewHandlerUpdate(renamed("databricks"))
	checkUpdate(must(api.UpdateDatabricksHandler(ctx, made.Id).HandlerUpdate(update).Execute()), "databricks renamed")
	checkBulk(must(api.BulkUpdateDatabricksDataSources(ctx).BulkUpdate(bulk(made)).Execute()))
	checkJobs(must(api.TriggerDatabricksHighCardinalityJob(ctx, made.Id).Execute()))
}

func redshift(client *immuta.APIClient, ctx context.Context) *immuta.CreatedDataSource {
	api := client.RedshiftAPI
	made := must(api.CreateRedshiftDataSource(ctx).CreateDataSources(single("redshift")).Execute()).CreatedDataSource
	checkRead(must(api.GetRedshiftHandler(ctx, made.Id).SkipCache(true).Execute()), made)
	update := *immuta.NewHandlerUpdate(renamed("redshift"))
	checkUpdate(must(api.UpdateRedshiftHandler(ctx, made.Id).HandlerUpdate(update).Execute()), "redshift renamed")
	checkBulk(must(api.BulkUpdateRedshiftDataSources(ctx).BulkUpdate(bulk(made)).Execute()))
	job := must(api.TriggerRedshiftHighCardinalityJob(ctx, made.Id).Execute())
	checkJobs(job, must(api.RefreshRedshiftNativeView(ctx, made.Id).Execute()))
	both := must(api.CreateRedshiftDataSource(ctx).CreateDataSources(several("redshift")).Execute())
	same(both.CreatedDataSources.JobsCreated, 2)
	return made
}

func dictionary(client *immuta.APIClient, ctx context.Context, id int64) {
	api := client.DataDictionaryAPI
	found := must(api.GetDictionary(ctx, id).Execute())
	var created time.Time = found.CreatedAt
	same(created.IsZero(), false)
	same(found.Types, []string{"text"})
	must(api.DeleteDictionary(ctx, id).Execute())
	_, _, err := api.GetDictionary(ctx, id).Execute()
	var refused *immuta.GenericOpenAPIError
	same(errors.As(err, &refused), true)
	same(refused.Model().(immuta.Error).Message, "Dictionary not found.")
	columns := []immuta.Column{*immuta.NewColumn("headline_en", "text", "text"), *immuta.NewColumn("headline_de", "text", "text")}
	must(api.CreateDictionary(ctx, id).DictionaryBody(*immuta.NewDictionaryBody(columns[:1])).Execute())
	must(api.UpdateDictionary(ctx, id).DictionaryBody(*immuta.NewDictionaryBody(columns)).Execute())
	names := must(api.SearchDictionaryColumns(ctx).SearchText("HEADLINE").Limit(5).Execute())
	same([]string{names[0].ColumnName, names[1].ColumnName}, []string{"headline_de", "headline_en"})
}

func main() {
	configuration := immuta.NewConfiguration()
	configuration.Servers = immuta.ServerConfigurations{{URL: os.Getenv("IMMUTA_URL")}}
	client := immuta.NewAPIClient(configuration)
	ctx := logIn(client)
	asa(client, ctx)
	trino(client, ctx)
	snowflake(client, ctx)
	databricks(client, ctx)
	dictionary(client, ctx, redshift(client, ctx).DataSourceId)
}
