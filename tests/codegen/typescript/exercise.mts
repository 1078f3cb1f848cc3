// Calls every operation with the types of openapi-typescript over openapi-fetch; `tsc --strict` holds it to them.

import createClient from "openapi-fetch";
import type { components, paths, Readable, Writable } from "./schema.d.ts";

type Schemas = components["schemas"];
type Sent<Name extends keyof Schemas> = Writable<Schemas[Name]>;
type Answered<Name extends keyof Schemas> = Readable<Schemas[Name]>;
type Platform = "trino" | "snowflake" | "databricks" | "redshift";

declare const process: { env: Record<string, string | undefined> };

const client = createClient<paths>({ baseUrl: process.env["IMMUTA_URL"] ?? "" });

function got<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(`refused: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

function same<T>(found: T, expected: T): void {
  const [is, shouldBe] = [JSON.stringify(found), JSON.stringify(expected)];
  if (is !== shouldBe) throw new Error(`expected ${shouldBe}, got ${is}`);
}

function one(answer: Answered<"CreateAnswer" | "AsaCreateAnswer">): Answered<"CreatedDataSource"> {
  if ("bulkId" in answer) throw new Error(`expected one data source, got ${JSON.stringify(answer)}`);
  return answer;
}

async function logIn(): Promise<void> {
  const body = { apikey: process.env["IMMUTA_API_KEY"] ?? "" };
  const { token, tokenExpiration } = got(await client.POST("/bim/apikey/authenticate", { body }));
  same(tokenExpiration?.endsWith("Z"), true);
  client.use({
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${token}`);
    },
  });
}

function connection(platform: string, name: string): Sent<"TableMetadata"> {
  return {
    hostname: `${platform}.example.io`,
    port: 4000,
    ssl: "true",
    username: "loader",
    password: "s3cret",
    database: "press",
    schema: "news",
    table: "articles",
    dataSourceName: name,
    userFiles: [{ keyName: "sslrootcert", content: "LS0tLQ==", userFilename: "ca.pem" }],
    eventTime: null,
  };
}

function single(platform: string): Sent<"CreateSingle"> {
  const columns = [{ name: "title", dataType: "text", remoteType: "varchar(256)", nullable: false }];
  return {
    handler: { metadata: { ...connection(platform, `${platform} one`), columns } },
    dataSource: {
      blobHandler: [{ scheme: "https", url: "" }],
      blobHandlerType: platform,
      recordFormat: "",
      type: "queryable",
      name: `${platform} one`,
      sqlTableName: `${platform}_one`,
      private: false,
      schemaEvolutionId: null,
    },
  };
}

function several(platform: string): Sent<"CreateSeveral"> {
  const names = [`${platform} two`, `${platform} three`];
  return {
    handler: names.map((name) => ({ metadata: { hostname: "h", database: "d", table: name, dataSourceName: name } })),
    dataSource: { blobHandlerType: platform, recordFormat: "", type: "queryable" },
  };
}

function renamed(platform: string): Sent<"Handler"> {
  return { metadata: connection(platform, `${platform} renamed`) };
}

function aged(made: Answered<"CreatedDataSource">): Sent<"BulkByConnectionString"> {
  return { handler: { metadata: { staleDataTolerance: 3600 } }, connectionString: made.connectionString };
}

function checkRead(record: Answered<"HandlerRecord">, made: Answered<"CreatedDataSource">): void {
  same([record.id, record.dataSourceId], [made.id, made.dataSourceId]);
  same(record.metadata.columns?.map((column) => column.nullable), [false]);
  // @ts-expect-error: a password is sent, never answered
  same(record.metadata.password, undefined);
}

function checkUpdate(updated: Answered<"UpdatedHandler">, name: string): void {
  same([updated.ca, updated.metadata.dataSourceName], ["ca.pem", name]);
}

async function asa(): Promise<void> {
  const made = one(got(await client.POST("/asa/handler", { body: single("asa") })));
  const handlerId: number = made.id;
  const path = { handlerId };
  checkRead(got(await client.GET("/asa/handler/{handlerId}", { params: { path, query: { skipCache: true } } })), made);
  const update = [{ handler: renamed("asa") }];
  checkUpdate(got(await client.PUT("/asa/handler/{handlerId}", { params: { path }, body: update })), "asa renamed");
  const bulk = got(await client.PUT("/asa/bulk", { body: [aged(made)] }));
  const bulkId: number = bulk.bulkId;
  same([bulkId > 0, bulk.jobsCreated], [true, 1]);
  const job: string = got(await client.PUT("/asa/handler/{handlerId}/triggerHighCardinalityJob", { params: { path } }));
  const view: string = got(await client.PUT("/asa/handler/{handlerId}/refreshNativeViewJob", { params: { path } }));
  same([job.length, view.length], [36, 36]);
}

async function other(platform: Platform): Promise<Answered<"CreatedDataSource">> {
  const made = one(got(await client.POST(`/${platform}/handler`, { body: single(platform) })));
  const path = { handlerId: made.id };
  const query = { skipCache: true };
  checkRead(got(await client.GET(`/${platform}/handler/{handlerId}`, { params: { path, query } })), made);
  const body = { handler: renamed(platform) };
  checkUpdate(
    got(await client.PUT(`/${platform}/handler/{handlerId}`, { params: { path }, body })),
    `${platform} renamed`,
  );
  const bulk = got(await client.PUT(`/${platform}/bulk`, { body: aged(made) }));
  const bulkId: string = bulk.bulkId;
  same([bulkId.length, bulk.jobsCreated], [36, 1]);
  const trigger = `/${platform}/handler/{handlerId}/triggerHighCardinalityJob` as const;
  const job: string = got(await client.PUT(trigger, { params: { path } }));
  same(job.length, 36);
  if (platform !== "databricks") {
    const view: string = got(
      await client.PUT(`/${platform}/handler/{handlerId}/refreshNativeViewJob`, { params: { path } }),
    );
    same(view.length, 36);
  }
  return made;
}

async function makeSeveral(): Promise<void> {
  const both = got(await client.POST("/redshift/handler", { body: several("redshift") }));
  if (!("bulkId" in both)) throw new Error(`expected several data sources, got ${JSON.stringify(both)}`);
  same(both.jobsCreated, 2);
}

async function dictionary(dataSourceId: number): Promise<void> {
  const params = { path: { dataSourceId } };
  const found = got(await client.GET("/dictionary/{dataSourceId}", { params }));
  same([found.dataSource, found.types, found.createdAt.length], [dataSourceId, ["text"], 24]);
  got(await client.DELETE("/dictionary/{dataSourceId}", { params }));
  const { error } = await client.GET("/dictionary/{dataSourceId}", { params });
  same([error?.statusCode, error?.message], [404, "Dictionary not found."]);
  const metadata = ["headline_en", "headline_de"].map((name) => ({ name, dataType: "text", remoteType: "text" }));
  got(await client.POST("/dictionary/{dataSourceId}", { params, body: { metadata: metadata.slice(0, 1) } }));
  got(await client.PUT("/dictionary/{dataSourceId}", { params, body: { metadata } }));
  const query = { searchText: "HEADLINE", limit: 5 };
  const names = got(await client.GET("/dictionary/columns", { params: { query } }));
  same(names.map((name) => name.columnName), ["headline_de", "headline_en"]);
}

await logIn();
await asa();
for (const platform of ["trino", "snowflake", "databricks"] as const) await other(platform);
const made = await other("redshift");
await makeSeveral();
await dictionary(made.dataSourceId);
