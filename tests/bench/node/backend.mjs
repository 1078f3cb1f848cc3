// openapi-backend on node:http: requests and responses validated, the answers given ones.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { OpenAPIBackend } from "openapi-backend";

const [port, document, recorded] = process.argv.slice(2);
const answers = JSON.parse(readFileSync(recorded, "utf8"));
const api = new OpenAPIBackend({
  definition: JSON.parse(readFileSync(document, "utf8")),
  ajvOpts: { strict: false, unicodeRegExp: false },
});

const refusal = (status, message) => ({ status, body: { statusCode: status, error: "Refused", message } });
const operation = (name) => (context) => {
  const body = answers[name];
  const faults = context.api.validateResponse(body, context.operation).errors;
  return faults ? refusal(500, JSON.stringify(faults)) : { status: 200, body };
};

api.register({
  getSnowflakeHandler: operation("get"),
  createSnowflakeDataSource: operation("create"),
  validationFail: (context) => refusal(400, JSON.stringify(context.validation.errors)),
  unauthorizedHandler: () => refusal(401, "A valid Authorization token must be provided."),
  notFound: () => refusal(404, "not found"),
});
api.registerSecurityHandler("apiKey", (context) => Boolean(context.request.headers.authorization));
api.registerSecurityHandler("bearer", (context) => Boolean(context.request.headers.authorization));
await api.init();

createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", async () => {
    const body = Buffer.concat(parts).toString();
    const { pathname, search } = new URL(request.url, "http://localhost");
    const asked = { method: request.method, path: pathname, query: search.slice(1), headers: request.headers };
    if (body) asked.body = JSON.parse(body);
    const answer = await api.handleRequest(asked);
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer.body));
  });
}).listen(Number(port), "127.0.0.1");
