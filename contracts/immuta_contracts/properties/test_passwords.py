"""HTTP-8: whatever is sent as a password, no answer shows it."""

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote

from immuta_contracts.check import promise
from immuta_contracts.connectors import C5
from immuta_contracts.exchange import Answer
from immuta_contracts.made import Made
from immuta_contracts.strategies import PASSWORD
from immuta_contracts.valid import COLUMNS, bulk_body, several_body, stand, strict_body, update_body
from immuta_contracts.world import Json, World

NUMBER = 8675309886753098


class Keeper:
    """Sends requests and looks for every password sent so far in each answer."""

    def __init__(self, w: World) -> None:
        self.w = w
        self.sent: list[str] = []

    def new(self, ending: str = "") -> str:
        """A password that nothing else contains; the pinned one, where that is pinned."""
        if not self.w.unless_pinned(password=...):
            return self.w.password
        self.sent.append(f"{PASSWORD}-{len(self.sent)}{ending}")
        return self.sent[-1]

    def call(self, method: str, path: str, *body: object, **options: object) -> Answer:
        return self.seen(self.w.call(method, path, *body, **options))

    def seen(self, answer: Answer) -> Answer:
        shown = answer.text + "\n" + "\n".join(answer.headers.values())
        for password in (self.w.password, *self.sent):
            leak = next((form for form in _forms(password) if form in shown), None)
            self.w.expect(
                leak is None, "no password in any answer", f"{leak!r} in {answer.status}: {answer.text[:500]}"
            )
        if answer.status < 400:
            self.w.expect("password" not in _names(answer.json), "no field `password` in any answer", answer.text[:500])
        return answer


def _forms(password: str) -> Iterator[str]:
    """A password as it may stand in an answer: plain, inside JSON, inside a URL, in base64."""
    yield from {password, json.dumps(password)[1:-1], json.dumps(password, ensure_ascii=False)[1:-1]}
    yield from {quote(password, safe=""), base64.b64encode(password.encode()).decode().rstrip("=")}


def _names(value: object) -> set[str]:
    """The names of all members inside a JSON value."""
    if isinstance(value, dict):
        return set(value).union(*map(_names, value.values()))
    return set().union(*map(_names, value)) if isinstance(value, list) else set()


@promise("HTTP-8", on=C5, once=True)
def test_no_answer_shows_a_password_in_the_life_of_a_data_source(w: World) -> None:
    keeper = Keeper(w)
    made = stand(w, password=keeper.new())
    keeper.seen(w.client.journal[-1].answer)
    _read(keeper, made)
    for password in (keeper.new(), keeper.new('"& é\\'), *w.unless_pinned(password=...).values()):
        keeper.call("PUT", made.handler_path, update_body(made, password=password))
        _read(keeper, made)
    for selection in ({"connectionString": made.connection_string}, {"ids": [made.data_source_id]}):
        body = {"handler": {"metadata": {"password": keeper.new()}}, **selection}
        keeper.call("PUT", f"/{w.connector.prefix}/bulk", body)
        _read(keeper, made)
    _end(keeper, made)


def _read(keeper: Keeper, made: Made) -> None:
    """All the ways of reading a data source."""
    for path in (
        made.handler_path,
        f"{made.handler_path}?skipCache=true",
        made.source_path,
        "/dataSource/name/" + quote(made.name, safe=""),
        "/dataSource?connectionString=" + quote(made.connection_string, safe=""),
        made.dictionary_path,
    ):
        keeper.call("GET", path)


def _end(keeper: Keeper, made: Made) -> None:
    """Everything else that can be done to a data source, until it is gone."""
    job = keeper.call("PUT", f"{made.handler_path}/triggerHighCardinalityJob").json
    keeper.call("POST", "/jobs/statuses", {"jobIds": [job] if isinstance(job, str) else []})
    if made.connector.native_view:
        keeper.call("PUT", f"{made.handler_path}/refreshNativeViewJob")
    keeper.call("GET", "/jobs?connectionString=" + quote(made.connection_string, safe=""))
    keeper.call("PUT", made.dictionary_path, {"metadata": [dict(each) for each in COLUMNS]})
    keeper.call("DELETE", made.dictionary_path)
    keeper.call("POST", made.dictionary_path, {"metadata": []})
    keeper.call("DELETE", made.source_path)
    keeper.call("PUT", made.source_path, {"deleted": False})
    for _ in range(2):
        keeper.call("DELETE", made.source_path)
    keeper.call("GET", made.handler_path)


@promise("HTTP-8", on=C5, once=True)
def test_no_answer_to_a_create_of_several_shows_a_password(w: World) -> None:
    keeper = Keeper(w)
    for count in (1, 2):
        body = several_body(w, count)
        for element in body["handler"]:
            element["metadata"]["password"] = keeper.new()
        made = w.make_several(count, body=body)
        for exchange in w.client.journal:
            keeper.seen(exchange.answer)
        for each in made:
            keeper.call("GET", each.handler_path)


@promise("HTTP-8", on=C5, once=True)
def test_no_refusal_shows_a_password(w: World) -> None:
    keeper = Keeper(w)
    made = stand(w, password=keeper.new())
    prefix = f"/{w.connector.prefix}"
    for metadata in _refusable(keeper):
        with w.attempt():
            keeper.call(
                "POST", f"{prefix}/handler", strict_body(w, {**made.metadata, **metadata, "dataSourceName": ""})
            )
            keeper.call("PUT", made.handler_path, update_body(made, **metadata, dataSourceName=7))
            keeper.call("PUT", f"{prefix}/bulk", {**bulk_body(made, **metadata), "ids": [made.data_source_id]})
    secret = {"password": keeper.new()}
    update = update_body(made, **secret)
    keeper.call("POST", f"{prefix}/handler", {**strict_body(w, {**made.metadata, **secret}), **_named(made)})
    _clash(keeper, made, secret)
    keeper.call("PUT", made.handler_path, update, content_type="text/plain")
    keeper.call("PUT", made.handler_path, update, role=None)
    keeper.call("PUT", f"{made.handler_path}?skipCache=maybe", update)
    keeper.call("PUT", f"{prefix}/handler/{2**31 - 1}", update)
    keeper.call("PUT", made.handler_path, raw=json.dumps(update).encode()[:-1])
    keeper.call("PUT", f"{made.handler_path}/nowhere", update)
    if "reader" in w.client.target.keys:
        keeper.call("PUT", made.handler_path, update, role="reader")


def _clash(keeper: Keeper, made: Made, secret: Json) -> None:
    """Writes that the state refuses: a name that is taken, one table twice, one name for two."""
    w, prefix = keeper.w, f"/{made.connector.prefix}"
    taken = stand(w).name
    keeper.call("PUT", made.handler_path, update_body(made, **secret, dataSourceName=taken))
    keeper.call("PUT", f"{prefix}/bulk", bulk_body(made, **secret, dataSourceName=taken))
    for name in (w.fresh_name(), taken):
        elements = [{**made.metadata, **secret, "dataSourceName": each} for each in (name, w.fresh_name())]
        keeper.call("POST", f"{prefix}/handler", w.several_body(2, metadata=elements))


def _refusable(keeper: Keeper) -> Iterator[Json]:
    """Metadata with a password, in its place or with a type it must not have."""
    yield {"password": keeper.new(), "port": "no port"}
    yield {"password": [keeper.new()]}
    yield {"password": {"value": keeper.new()}}
    keeper.sent.append(str(NUMBER))
    yield {"password": NUMBER}
    yield {"password": keeper.new(), "columns": [dict(COLUMNS[0]), dict(COLUMNS[0])]}
    yield {"password": keeper.new(), "hostname": ""}


def _named(made: Made) -> Json:
    """A `dataSource` with the name that is taken."""
    return {"dataSource": made.body["dataSource"]}
