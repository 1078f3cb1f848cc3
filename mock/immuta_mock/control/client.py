"""Steers a mock that runs, from Python: one method for each operation of the control API."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Unpack, cast
from urllib.parse import quote

import requests

from immuta_mock.control.access import KEY_HEADER
from immuta_mock.control.answers import (
    Expectation,
    Fault,
    Health,
    Job,
    JournalEntry,
    JournalQuery,
    Snapshot,
    State,
    Time,
    User,
)
from immuta_mock.control.document import PREFIX, control_checks

Json = dict[str, Any]
PATIENCE = 30.0


class ControlError(Exception):
    """The mock refused, or nothing answered; the message is one line."""


class Unanswered(ControlError):
    """Nothing answered, or nothing that is trusted."""


class Control:
    """The control API of the mock at a URL, about one tenant (by default the default one).

    A `session` with an adapter of its own reaches it some other way than by the network.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8080",
        *,
        tenant: str | None = None,
        key: str | None = None,
        session: requests.Session | None = None,
    ) -> None:
        self._base = url.rstrip("/") + (f"/t/{quote(tenant, safe='')}" if tenant is not None else "") + PREFIX
        self._session = session if session is not None else requests.Session()
        if key is not None:
            self._session.headers[KEY_HEADER] = key

    def close(self) -> None:
        """Give the connection back."""
        self._session.close()

    def __enter__(self) -> "Control":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, operation_id: str, body: Any = None, **parameters: Any) -> Any:
        """The answer of any operation of the control document; raises ControlError."""
        checks = control_checks()[operation_id]
        path = checks.path.format(**{name: quote(str(parameters.pop(name)), safe="") for name in checks.path_names})
        query: Mapping[str, Any] = {name: value for name, value in parameters.items() if value is not None}
        try:
            answer = self._session.request(checks.method, self._base + path, params=query, json=body, timeout=PATIENCE)
            found = answer.json()
        except requests.RequestException as error:
            raise self._unanswered(error) from None
        if answer.status_code != 200:
            raise ControlError(found.get("message", f"the mock answered {answer.status_code}"))
        return found

    def health(self) -> Health:
        """What answers, and how many data sources the tenant holds."""
        return cast(Health, self.call("getHealth"))

    def document(self) -> Json:
        """The document of this API."""
        return dict(self.call("getDocument"))

    def seed_schema(self) -> Json:
        """The JSON Schema of seed documents."""
        return dict(self.call("getSeedSchema"))

    def state(self) -> State:
        """The state as a seed document."""
        return cast(State, self.call("getState"))

    def load(self, seed: Mapping[str, Any]) -> None:
        """Put the state of a seed document in place of the present one."""
        self.call("loadState", seed)

    def reset(self) -> None:
        """Make the tenant as it was at the start."""
        self.call("resetTenant")

    def snapshots(self) -> list[Snapshot]:
        """The snapshots, with the number of data sources in each."""
        return cast(list[Snapshot], self.call("listSnapshots"))

    def save(self, snapshot: str) -> None:
        """Keep the state as it is now under a name."""
        self.call("saveSnapshot", snapshot=snapshot)

    def restore(self, snapshot: str) -> None:
        """Be in the state of a snapshot."""
        self.call("restoreSnapshot", snapshot=snapshot)

    def forget(self, snapshot: str) -> None:
        """Forget a snapshot."""
        self.call("removeSnapshot", snapshot=snapshot)

    def time(self) -> Time:
        """What time it is for the tenant, and whether it stands still."""
        return cast(Time, self.call("getTime"))

    def freeze(self, at: str | None = None) -> Time:
        """Let the time stand still, now or at an ISO 8601 time."""
        return cast(Time, self.call("freezeTime", {} if at is None else {"at": at}))

    def advance(self, seconds: float) -> Time:
        """Move the time on, so that tokens expire and jobs complete."""
        return cast(Time, self.call("advanceTime", {"seconds": seconds}))

    def resume(self) -> Time:
        """Let the time run on from where it stands."""
        return cast(Time, self.call("resumeTime"))

    def jobs(self) -> list[Job]:
        """The jobs, the oldest first."""
        return cast(list[Job], self.call("listJobs"))

    def complete_job(self, job_id: str) -> Job:
        """Let a running job complete now."""
        return cast(Job, self.call("completeJob", jobId=job_id))

    def fail_job(self, job_id: str, output: str | None = None) -> Job:
        """Let a running job fail now."""
        return cast(Job, self.call("failJob", {} if output is None else {"output": output}, jobId=job_id))

    def users(self) -> list[User]:
        """The users with their keys."""
        return cast(list[User], self.call("listUsers"))

    def add_user(
        self, name: str, key: str, profile: int, *, permissions: Sequence[str] = (), groups: Sequence[int] = ()
    ) -> User:
        """Let somebody else log in."""
        roles = {"permissions": list(permissions), "groups": list(groups)}
        return cast(User, self.call("addUser", {"name": name, "key": key, "profile": profile, **roles}))

    def expire_tokens(self, user: str | None = None) -> int:
        """Let the tokens of a user, or of all, expire now; answers how many."""
        return int(self.call("expireTokens", {} if user is None else {"user": user})["expired"])

    def tenants(self) -> list[str]:
        """The names of the tenants."""
        return [tenant["name"] for tenant in self.call("listTenants")]

    def remove_tenant(self, name: str) -> None:
        """Forget a tenant."""
        self.call("removeTenant", tenant=name)

    def faults(self) -> list[Fault]:
        """The faults with their counts."""
        return cast(list[Fault], self.call("listFaults")["faults"])

    def add_fault(self, **fault: Unpack[Fault]) -> Fault:
        """Add a fault: `effect`, and if need be `match`, `when`, `id`, `enabled`."""
        return cast(Fault, self.call("addFault", fault))

    def put_fault(self, fault_id: str, **fault: Unpack[Fault]) -> Fault:
        """Put a fault in place of the one with this id, or add it."""
        return cast(Fault, self.call("putFault", fault, faultId=fault_id))

    def replace_faults(self, faults: Sequence[Fault]) -> list[Fault]:
        """Have these faults and no others."""
        return cast(list[Fault], self.call("replaceFaults", {"faults": faults})["faults"])

    def remove_fault(self, fault_id: str) -> None:
        """Take a fault away."""
        self.call("removeFault", faultId=fault_id)

    def clear_faults(self) -> None:
        """Have no faults."""
        self.call("clearFaults")

    def journal(self, **query: Unpack[JournalQuery]) -> list[JournalEntry]:
        """Requests and answers, the oldest first; see `listJournal` for what may be asked."""
        return cast(list[JournalEntry], self.call("listJournal", **query))

    def follow(self) -> Iterator[JournalEntry]:
        """Requests and answers as they come, at first the latest ones there are; ends with the mock."""
        try:
            url = f"{self._base}/journal/events"
            with self._session.get(url, stream=True, timeout=PATIENCE) as answer:
                if answer.status_code != 200:
                    raise ControlError(answer.json()["message"])
                for line in answer.iter_lines(chunk_size=1):
                    if line.startswith(b'data: {"id":'):
                        yield json.loads(line.removeprefix(b"data: "))
        except requests.RequestException as error:
            raise self._unanswered(error) from None

    def _unanswered(self, error: requests.RequestException) -> Unanswered:
        if isinstance(error, requests.exceptions.SSLError):
            return Unanswered(f"{self._base} is not trusted; set REQUESTS_CA_BUNDLE to the file with the mock's CA")
        return Unanswered(f"no mock answers at {self._base}: {error.__class__.__name__}; start one")

    def clear_journal(self) -> None:
        """Forget all entries."""
        self.call("clearJournal")

    def har(self) -> Json:
        """The journal as an HTTP archive."""
        return dict(self.call("exportJournal"))

    def called(self, operation: str | None = None, /, **expected: Unpack[Expectation]) -> int:
        """How often the tenant was called so; raises AssertionError with the nearest misses if not as expected."""
        __tracebackhide__ = True
        wanted = expected if operation is None else {**expected, "operation": operation}
        answer = self.call("verifyJournal", wanted)
        if not answer["ok"]:
            raise AssertionError(answer["message"])
        return int(answer["matched"])
