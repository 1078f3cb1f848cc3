"""Sends the recorded requests of a failure again, as a run of its own, and compares the answers with the recorded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from immuta_contracts.client import TOKEN_VARIABLE, Client
from immuta_contracts.counterparts import Counterparts, run_of
from immuta_contracts.errors import CannotRun
from immuta_contracts.exchange import Answer, Request, shown
from immuta_contracts.reports.curl import curl
from immuta_contracts.reports.requests import MissingVariable, read
from immuta_contracts.target import NotTried, OutOfReach


class CannotReplay(CannotRun):
    """A request cannot be sent again; the text says why."""


@dataclass(frozen=True)
class Repeated:
    """One request sent again; answers without secrets, `same` when they say the same."""

    curl: str
    was: tuple[int, str]
    now: tuple[int, str]
    same: bool


def replay(client: Client, failure: Mapping[str, Any]) -> Iterator[Repeated]:
    """Each request of a failure of a run.json, in turn. Raises `CannotReplay`, `Unreachable`."""
    requests = failure["requests"]
    counterparts = Counterparts(run_of([str(each["request"]) for each in requests]), client.fence.run)
    for each in requests:
        request = counterparts.request(_filled(client, each["request"]))
        answer = _sent(client, request, each["role"])
        now = answer.status, shown(client.redactor.mask(answer.text))
        was = int(each["status"]), str(each["answer"])
        same = counterparts.same(was[1], now[1]) and was[0] == now[0]
        yield Repeated(curl(client.redactor.request(request), client.target.base_url), was, now, same)


def _filled(client: Client, recorded: Mapping[str, Any]) -> Request:
    """The request with the keys of the environment; where it carried a token, with a live one."""
    variables = vars(client.settings.keys)
    keys = {str(variables[role]): key for role, key in client.target.keys.items()}
    environment = {**client.settings.secrets, **keys}
    if TOKEN_VARIABLE in str(recorded):
        environment[TOKEN_VARIABLE] = _token(client)
    try:
        return read(recorded, environment)
    except MissingVariable as error:
        raise CannotReplay(str(error)) from error


def _token(client: Client) -> str:
    """The token of the latest login, of a new one if there was none."""
    for exchange in reversed(client.journal):
        issued = exchange.answer.json
        if exchange.operation == "authenticate" and isinstance(issued, dict) and isinstance(issued.get("token"), str):
            return str(issued["token"])
    answer, issued = client.token()
    if not isinstance(issued, dict) or not isinstance(issued.get("token"), str):
        raise CannotReplay(f"logging in was answered {answer.status}, and the recorded request carried a token")
    return str(issued["token"])


def _sent(client: Client, request: Request, role: str | None) -> Answer:
    try:
        answer = client.send(request, role=role)
    except (NotTried, OutOfReach) as refused:
        raise CannotReplay(f"{request.method} {request.target[:200]} was not sent: {refused}") from refused
    client.issued(answer)
    return answer
