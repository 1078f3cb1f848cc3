"""Sends the recorded requests of a failure again, as a run of its own, and compares the answers with the recorded."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from immuta_contracts.client import TOKEN_VARIABLE, Client
from immuta_contracts.counterparts import Counterparts, run_of
from immuta_contracts.errors import CannotRun
from immuta_contracts.exchange import Answer, Request, shown
from immuta_contracts.logins import token_variable
from immuta_contracts.redaction import PLACEHOLDER
from immuta_contracts.reports.curl import curl
from immuta_contracts.reports.requests import MissingVariable, read
from immuta_contracts.reports.way import way
from immuta_contracts.target import NotTried, OutOfReach
from immuta_contracts.tokens import EXPIRED_VARIABLE, expired

Recorded = Mapping[str, Any]


class CannotReplay(CannotRun):
    """A request cannot be sent again; the text says why."""


@dataclass(frozen=True)
class Repeated:
    """One request sent again; answers without secrets, `same` when they say the same."""

    curl: str
    was: tuple[int, str]
    now: tuple[int, str]
    same: bool


@dataclass(frozen=True)
class Login:
    """A token of now, with the times when it was issued in the recording and now, in seconds since 1970."""

    token: str
    was: float
    now: float


def replay(client: Client, failure: Recorded) -> Iterator[Repeated]:
    """Each request of a failure of a run.json, in turn. Raises `CannotReplay`, `Unreachable`."""
    requests, login, how = failure["requests"], None, way(client.settings)
    counterparts = Counterparts(run_of([str(each["request"]) for each in requests]), client.fence.run)
    for each in requests:
        request = counterparts.request(_filled(client, each, login))
        answer = _sent(client, request, each["role"])
        login = _login(client, each, answer) or login
        was, now = (int(each["status"]), each["answer"]), (answer.status, shown(client.redactor.mask(answer.text)))
        same = counterparts.same(was[1], now[1]) and was[0] == now[0]
        line = curl(client.redactor.request(request), client.target.base_url, how)
        yield Repeated(line, was, now, same)


def _filled(client: Client, recorded: Recorded, login: Login | None) -> Request:
    """The request with the keys of the environment, and with tokens that are as good as the recorded ones were."""
    variables = vars(client.settings.keys)
    keys = {str(variables[role]): key for role, key in client.target.keys.items()}
    named = set(PLACEHOLDER.findall(str(recorded["request"])))
    if TOKEN_VARIABLE in named and login is not None:
        time.sleep(max(0.0, _started(recorded) - login.was - (time.time() - login.now)))
        keys[TOKEN_VARIABLE] = login.token
    if EXPIRED_VARIABLE in named:
        keys[EXPIRED_VARIABLE] = _expired(client)
    for role in client.target.keys:
        if token_variable(role) in named:
            keys[token_variable(role)] = client.credential(role).removeprefix("Bearer ")
    try:
        return read(recorded["request"], {**client.settings.secrets, **keys})
    except MissingVariable as error:
        raise CannotReplay(str(error)) from error


def _expired(client: Client) -> str:
    token = expired(client)
    if token is None:
        raise CannotReplay("a request carried an expired token, and those of now live longer than it waits for")
    return token


def _sent(client: Client, request: Request, role: str | None) -> Answer:
    try:
        return client.send(request, role=role)
    except (NotTried, OutOfReach) as refused:
        raise CannotReplay(f"{request.method} {request.target[:200]} was not sent: {refused}") from refused


def _login(client: Client, recorded: Recorded, answer: Answer) -> Login | None:
    issued = client.issued(answer) if recorded["operation"] == "authenticate" else None
    if not isinstance(issued, dict) or not isinstance(issued.get("token"), str):
        return None
    return Login(issued["token"], _started(recorded), time.time())


def _started(recorded: Recorded) -> float:
    return datetime.fromisoformat(recorded["started"]).timestamp()
