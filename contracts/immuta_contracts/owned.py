"""Keeps generated requests to things of the run: names, hosts, ids and connection strings are replaced by its own."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from immuta_contracts.checks import kind
from immuta_contracts.claims import FORM, Outgoing
from immuta_contracts.spec import Operation
from immuta_contracts.world import Json, Made, World

HARMLESS_ID = re.compile(r"\D*|0|-.*|\d{19,}")  # what no tenant can take for the id of another's data source


class Ground:
    """The run's own data source that generated requests are let loose on, in the state each of them needs.

    `connection_string` is the current one: bulk updates and handler updates change it.
    """

    def __init__(self, w: World, operation: Operation) -> None:
        self._w, self._operation, self._kind = w, operation, kind(operation)
        self._profile: int | None = None
        self.made: Made | None = None
        self.connection_string = ""

    def ready(self) -> None:
        """Bring the data source into the state in which a valid request succeeds."""
        if self.made is None and (self._operation.has_id or "bulk" in self._kind):
            self.made = self._w.make(metadata=self._w.metadata(columns=COLUMNS))
            self.connection_string = self.made.connection_string
        elif self._kind == "deleteDataSource" and self.made:
            self._restore(self.made)
        if self._kind == "createDictionary" and self.made:
            self._w.call("DELETE", self.made.dictionary_path)
        elif self._kind == "deleteDictionary" and self.made:
            self._w.call("POST", self.made.dictionary_path, {"metadata": COLUMNS})

    def after(self, answer: Any) -> None:
        """Follow what a successful request changed."""
        found = answer.json if answer.status == 200 else None
        if isinstance(found, dict) and isinstance(found.get("connectionString"), str) and found.get("jobsCreated") != 0:
            self.connection_string = found["connectionString"]

    def own(self, sent: Outgoing, *, keep_path: bool) -> Outgoing:
        """The request with everything in it that reaches beyond the run replaced."""
        path = self._path(sent.path, keep_path)
        _, question, query = sent.target.partition("?")
        return Outgoing(sent.method, path + question + query, self._body(sent), sent.content_type)

    def _restore(self, made: Made) -> None:
        if self._w.call("GET", made.source_path).status == 404:
            self.made = self._w.make()

    def _path(self, path: str, keep: bool) -> str:
        if not self._operation.has_id or self.made is None:
            return path
        if "{name}" in self._operation.path:
            return self._operation.at(quote(self.made.name, safe=""))
        if keep and HARMLESS_ID.fullmatch(unquote(self._segment(path))):
            return path
        return self._operation.at(
            self.made.handler_id if "handler" in self._operation.path else self.made.data_source_id
        )

    def _segment(self, path: str) -> str:
        before = self._operation.path.partition("{")[0]
        return path.removeprefix(before).split("/")[0]

    def _body(self, sent: Outgoing) -> bytes | None:
        if sent.body is None:
            return None
        if sent.content_type == FORM:
            return urlencode([(n, self._key(v)) for n, v in parse_qsl(sent.body.decode("latin-1"))]).encode()
        try:
            value = json.loads(sent.body)
        except (ValueError, RecursionError):
            return sent.body
        return json.dumps(self._owned(value)).encode()

    def _owned(self, value: Any) -> Any:
        if isinstance(value, list) and self._kind not in WHOLE:
            return [self._owned(item) for item in value]
        if not isinstance(value, dict):
            return value
        rewrite = WHOLE.get(self._kind)
        return rewrite(self, value) if rewrite else self._payload(value)

    def _payload(self, body: Json) -> Json:
        """A create, update or bulk body."""
        name = self._w.fresh_name()
        owned = dict(body)
        if isinstance(body.get("dataSource"), dict):
            owned["dataSource"] = self._source(body["dataSource"], name)
        handler = body.get("handler")
        if isinstance(handler, list):
            owned["handler"] = [self._handler(each, self._w.fresh_name()) for each in handler]
        else:
            owned["handler"] = self._handler(handler, name)
        if "handler" not in body:
            del owned["handler"]
        if "bulk" in self._kind:
            self._select(owned)
        return self._evolution(owned)

    def _source(self, source: Json, name: str) -> Json:
        roles: Json = {role: _nobody(source[role]) for role in ("owner", "expert", "ingest") if role in source}
        renamed = {"name": name} if _is_text(source.get("name")) else {}
        return {**source, **roles, **renamed}

    def _handler(self, handler: Any, name: str) -> Any:
        if not isinstance(handler, dict) or not isinstance(handler.get("metadata"), dict):
            return handler
        metadata = dict(handler["metadata"])
        if _is_text(metadata.get("hostname")):
            metadata["hostname"] = self._w.fresh_host()
        if _is_text(metadata.get("dataSourceName")):
            metadata["dataSourceName"] = name
        return {**handler, "metadata": metadata}

    def _select(self, body: Json) -> None:
        if isinstance(body.get("connectionString"), str):
            body["connectionString"] = self.connection_string
        if isinstance(body.get("ids"), list):
            body["ids"] = [self._identifier(each) for each in body["ids"]]

    def _identifier(self, value: Any) -> Any:
        """A selecting id: every number, and what a lenient tenant may take for one, becomes the run's own."""
        own = self.made.data_source_id if self.made else 0
        if isinstance(value, bool):
            return "true" if value else None
        if isinstance(value, int | float) and value >= 1:
            return own if value == int(value) else own + 0.5
        return str(own) if isinstance(value, str) and any(map(str.isdigit, value)) else value

    def _evolution(self, body: Json) -> Json:
        evolution = body.get("schemaEvolution")
        if not isinstance(evolution, dict) or not isinstance(evolution.get("ownerProfileId"), int):
            return body
        if self._profile is None:
            self._profile = self._w.profile_of("owner")
        return {**body, "schemaEvolution": {**evolution, "ownerProfileId": self._profile}}

    def _key(self, value: Any) -> Any:
        return self._w.client.key("owner") if _is_text(value) else value

    def _login(self, body: Json) -> Json:
        return {**body, "apikey": self._key(body["apikey"])} if "apikey" in body else body

    def _renamed(self, body: Json) -> Json:
        return {**body, "name": self._w.fresh_name()} if _is_text(body.get("name")) else body

    def _patient(self, body: Json) -> Json:
        """A run does not wait for jobs that nobody knows."""
        return {**body, "wait": 0} if isinstance(body.get("wait"), int) and body["wait"] >= -1 else body


def _nobody(members: Any) -> Any:
    """Members of a role without the people and groups of the tenant."""
    if not isinstance(members, dict):
        return members
    return {
        name: [] if isinstance(ids, list) and all(type(i) is int for i in ids) else ids for name, ids in members.items()
    }


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


WHOLE: dict[str, Callable[[Ground, Json], Json]] = {
    "createDictionary": lambda _ground, body: body,
    "updateDictionary": lambda _ground, body: body,
    "authenticate": Ground._login,
    "updateDataSource": Ground._renamed,
    "getJobStatuses": Ground._patient,
}
COLUMNS = [{"name": "id", "dataType": "integer", "remoteType": "int"}]
