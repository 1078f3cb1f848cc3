"""Keeps generated bodies to things of the run: names, hosts, ids and connection strings are replaced by its own."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from immuta_contracts.checks import kind
from immuta_contracts.claims import FORM, Outgoing
from immuta_contracts.schemas import schemas_of
from immuta_contracts.spec import Operation
from immuta_contracts.world import Json, World


class Owner:
    """Rewrites the bodies of one operation; `data_source_id` and `connection_string` are what bulk updates may select.

    A rewritten body is as valid or invalid as it was: what has the wrong type, is missing or empty stays so.
    """

    def __init__(self, w: World, operation: Operation) -> None:
        self.data_source_id = 0
        self.connection_string = ""
        self._w, self._operation, self._kind = w, operation, kind(operation)
        self._profile: int | None = None

    def body(self, sent: Outgoing) -> bytes | None:
        """The body of a request, made the run's own."""
        if sent.body is None:
            return None
        if sent.content_type == FORM:
            return urlencode([(n, self._key(v)) for n, v in parse_qsl(sent.body.decode("latin-1"))]).encode()
        try:
            value = json.loads(sent.body)
        except (ValueError, RecursionError):
            return sent.body
        return json.dumps(self.value(value)).encode()

    def value(self, value: Any) -> Any:
        """A JSON body, made the run's own."""
        if isinstance(value, list) and self._kind not in OTHERS:
            return [self.value(item) for item in value]
        if not isinstance(value, dict):
            return value
        rewrite = OTHERS.get(self._kind)
        return rewrite(self, value) if rewrite else self._payload(value)

    def _payload(self, body: Json) -> Json:
        """A create, update or bulk body."""
        name = self._w.fresh_name()
        pin = self._w.is_pinned and schemas_of(self._w.routes).body_validity(self._operation, body) != "invalid"
        owned = dict(body)
        if isinstance(body.get("dataSource"), dict):
            owned["dataSource"] = self._source(body["dataSource"], name)
        if isinstance(body.get("handler"), list):
            handlers = enumerate(body["handler"])
            owned["handler"] = [self._handler(each, self._w.fresh_name(), pin, nth) for nth, each in handlers]
        elif "handler" in body:
            owned["handler"] = self._handler(body["handler"], name, pin)
        if "bulk" in self._kind:
            self._select(owned)
        return self._evolution(owned)

    def _source(self, source: Json, name: str) -> Json:
        roles: Json = {role: _nobody(source[role]) for role in ("owner", "expert", "ingest") if role in source}
        renamed = {"name": name} if _is_text(source.get("name")) else {}
        return {**source, **roles, **renamed}

    def _handler(self, handler: Any, name: str, pin: bool, nth: int = 0) -> Any:
        """The nth handler of a body; with `pin` at the whole connection that the target file pins."""
        if not isinstance(handler, dict) or not isinstance(handler.get("metadata"), dict):
            return handler
        metadata = dict(handler["metadata"])
        if pin:
            metadata = self._w.at(metadata, nth=nth)
        elif _is_text(metadata.get("hostname")):
            metadata["hostname"] = self._w.at({})["hostname"]
        if _is_text(metadata.get("dataSourceName")):
            metadata["dataSourceName"] = name
        return {**handler, "metadata": metadata}

    def _select(self, body: Json) -> None:
        if isinstance(body.get("connectionString"), str):
            nothing = f"{self._w.unused_host()}:1/none"  # a pinned connection may have others of the tenant
            body["connectionString"] = nothing if self._w.is_pinned else self.connection_string
        if isinstance(body.get("ids"), list):
            body["ids"] = [self._identifier(each) for each in body["ids"]]

    def _identifier(self, value: Any) -> Any:
        """A selecting id: every number, and what a lenient tenant may take for one, becomes the run's own."""
        own = self.data_source_id
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
    return {name: [] if _are_ids(ids) else ids for name, ids in members.items()}


def _are_ids(value: Any) -> bool:
    return isinstance(value, list) and all(type(each) is int for each in value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


OTHERS: dict[str, Callable[[Owner, Json], Json]] = {
    "createDictionary": lambda _owner, body: body,
    "updateDictionary": lambda _owner, body: body,
    "authenticate": Owner._login,
    "updateDataSource": Owner._renamed,
    "getJobStatuses": Owner._patient,
}
