"""Waits for what a tenant finishes after its answer: jobs, and data sources made together."""

import math
import time
from typing import Any
from urllib.parse import quote

from immuta_contracts.bodies import names_in
from immuta_contracts.client import Client
from immuta_contracts.exchange import Answer, parsed

RUNNING = ("created", "active", "retry")
FOUND = 200
PAUSE = 0.05  # seconds before the second look; doubled each time, as long as LONGEST
LONGEST = 2.0


class Patience:
    """How long a run waits for what comes later: `job_seconds`, and a tenth of them from when that was in vain."""

    def __init__(self, job_seconds: float, timeout: float) -> None:
        self.seconds = self.longest = job_seconds
        self._most = timeout / 2  # for one request: its answer must come in time

    @property
    def at_once(self) -> int:
        """The seconds that one request may wait for jobs."""
        return math.ceil(min(self.seconds, self._most))

    def in_vain(self) -> None:
        self.seconds = self.longest / 10


def ended(client: Client, started: Answer, patience: Patience) -> bool:
    """Wait for the jobs of a create of several or of a bulk update; whether they ended, as far as the target tells."""
    bulk_id = started.json.get("bulkId") if isinstance(started.json, dict) else None
    listed = client.call("GET", "/jobs", query={"bulkId": bulk_id}).json if bulk_id is not None else []
    jobs = [job for job in listed if isinstance(job, dict)] if isinstance(listed, list) else []
    waiting = [job["id"] for job in jobs if job.get("state") in RUNNING and isinstance(job.get("id"), str)]
    clock = _Clock(client, patience)
    while waiting and clock.time_left():
        body = {"jobIds": waiting, "wait": min(patience.at_once, math.ceil(clock.left))}
        states = client.call("POST", "/jobs/statuses", json_body=body).json
        waiting = [each for each in waiting if _runs(states, each)]
    return not waiting


def appeared(client: Client, started: Answer, patience: Patience) -> bool:
    """Look for the data sources that a create asked for until all are there; whether they are."""
    missing = _asked_for(client, started)
    clock = _Clock(client, patience)
    while missing and clock.time_left():
        missing = [name for name in missing if not _is_there(client, name)]
    return not missing


class _Clock:
    """The time left, and pauses between looks; of the looks only the last stays in the journal."""

    def __init__(self, client: Client, patience: Patience) -> None:
        self.left = patience.seconds
        self._client, self._patience = client, patience
        self._mark, self._looks = len(client.journal), 0
        self._end = time.monotonic() + patience.seconds

    def time_left(self) -> bool:
        """Whether to look (again), after a pause; the first look is free."""
        if self._looks:
            time.sleep(max(0.0, min(PAUSE * 2**self._looks, LONGEST, self._end - time.monotonic())))
            self.left = self._end - time.monotonic()
            if self.left <= 0:
                self._patience.in_vain()
                return False
            del self._client.journal[self._mark :]
        self._looks += 1
        return True


def _runs(states: Any, job_id: str) -> bool:
    job = states.get(job_id) if isinstance(states, dict) else None
    return isinstance(job, dict) and job.get("state") in RUNNING


def _asked_for(client: Client, started: Answer) -> list[str]:
    """The names in the request that was answered so, if it is a create of several."""
    several = isinstance(started.json, dict) and "bulkId" in started.json
    sent = next((each.request for each in reversed(client.journal) if each.answer is started), None)
    if not several or sent is None or sent.method != "POST" or sent.body is None:
        return []
    body = parsed(sent.body)
    handlers = body.get("handler") if isinstance(body, dict) else None
    return names_in({"handler": handlers})


def _is_there(client: Client, name: str) -> bool:
    return client.call("GET", "/dataSource/name/" + quote(name, safe="")).status == FOUND
