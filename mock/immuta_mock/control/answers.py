"""What the control API answers and is asked, as types: the schemas of `spec/control.yaml` of the same names."""

from typing import Any, Literal, NotRequired, TypedDict

Verdict = Literal["valid", "invalid", "unmatched", "unchecked"]


class Health(TypedDict):
    service: str
    version: str
    status: str
    tenant: str
    dataSources: int


class Snapshot(TypedDict):
    name: str
    dataSources: int


class Time(TypedDict):
    now: str
    frozen: bool


class User(TypedDict):
    name: str
    key: str
    profile: int
    permissions: NotRequired[list[str]]
    groups: NotRequired[list[int]]


class Job(TypedDict):
    id: str
    kind: Literal["create", "bulkUpdate", "highCardinality", "nativeView"]
    dataSourceId: int
    connectionString: str
    completesAt: str
    state: Literal["active", "completed", "failed"]
    output: NotRequired[str | None]


class State(TypedDict, total=False):
    version: int
    users: list[User]
    dataSources: list[dict[str, Any]]
    jobs: list[Job]
    bulks: dict[str, list[str]]


class Fault(TypedDict):
    id: NotRequired[str]
    enabled: NotRequired[bool]
    match: NotRequired[dict[str, str]]
    when: NotRequired[dict[str, float]]
    effect: dict[str, Any]
    seen: NotRequired[int]
    applied: NotRequired[int]


class JournalMessage(TypedDict):
    headers: list[list[str]]
    body: Any


class JournalEntry(TypedDict):
    id: int
    at: str
    seconds: float
    operation: str | None
    method: str
    path: str
    query: str
    user: str | None
    verdict: Verdict
    status: int
    problem: NotRequired[str]
    nearest: NotRequired[str | None]
    promises: list[str]
    faults: list[str]
    request: JournalMessage
    response: JournalMessage


class JournalQuery(TypedDict, total=False):
    operation: str
    method: str
    path: str
    user: str
    status: int
    verdict: Verdict
    after: int
    limit: int


class Expectation(TypedDict, total=False):
    operation: str
    method: str
    path: str
    user: str
    status: int
    verdict: Verdict
    queryContains: dict[str, str]
    bodyContains: Any
    times: int
    atLeast: int
    atMost: int
