"""Jobs over HTTP: waiting for them holds up nobody else, and what is running is counted."""

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from immuta_mock import Store, create_app
from immuta_mock.errors import BadRequest
from immuta_mock.inprocess import exchange

KEY = [("authorization", "owner-key-local-only")]
PATIENCE = 10


class Slow:
    """A mock whose jobs take an hour, under a clock that stands still; who waits for them waits for `passed`."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 15, tzinfo=UTC)
        self.waiting, self.passed = threading.Event(), threading.Event()
        self.store = Store(clock=lambda: self.now, job_duration=timedelta(hours=1), sleep=self._sleep)
        self.app = create_app(self.store)

    def pass_an_hour(self) -> None:
        self.now += timedelta(hours=1)
        self.passed.set()

    def _sleep(self, _seconds: float) -> None:
        self.waiting.set()
        self.passed.wait(PATIENCE)

    async def call(self, method: str, target: str, body: Any = None) -> Any:
        raw = None if body is None else json.dumps(body).encode()
        status, _, answer = await exchange(self.app, method, target, KEY, raw)
        assert status == 200
        return json.loads(answer)

    async def start_job(self, create_body: Any) -> str:
        created = await self.call("POST", "/snowflake/handler", create_body)
        job: str = await self.call("PUT", f"/snowflake/handler/{created['id']}/triggerHighCardinalityJob")
        return job


@pytest.fixture
def slow() -> Iterator[Slow]:
    slow = Slow()
    yield slow
    slow.passed.set()


def test_a_call_that_waits_holds_up_no_other(slow: Slow, create_body: Any) -> None:
    async def scene() -> tuple[bool, Any, Any]:
        job = await slow.start_job(create_body)
        waiting = asyncio.create_task(slow.call("POST", "/jobs/statuses", {"jobIds": [job], "wait": -1}))
        while not slow.waiting.is_set():
            await asyncio.sleep(0.001)
        meanwhile = await slow.call("POST", "/jobs/statuses", {"jobIds": [job, "unknown"]})
        answered_early = waiting.done()
        slow.pass_an_hour()
        return answered_early, meanwhile[job]["state"], (await waiting)[job]["state"]

    assert asyncio.run(asyncio.wait_for(scene(), PATIENCE)) == (False, "active", "completed")


def test_a_caller_who_does_not_wait_for_the_answer_does_no_harm(slow: Slow, create_body: Any) -> None:
    async def scene() -> Any:
        job = await slow.start_job(create_body)
        waiting = asyncio.create_task(slow.call("POST", "/jobs/statuses", {"jobIds": [job], "wait": 5}))
        while not slow.waiting.is_set():
            await asyncio.sleep(0.001)
        waiting.cancel()
        slow.pass_an_hour()
        return await slow.call("GET", "/dictionary/columns")

    assert asyncio.run(asyncio.wait_for(scene(), PATIENCE)) == [{"columnName": "EMAIL"}]


def test_a_bulk_update_runs_beside_the_calls_of_others(create_body: Any) -> None:
    threads = set()

    def clock() -> datetime:
        threads.add(threading.current_thread() is threading.main_thread())
        return datetime(2026, 1, 15, tzinfo=UTC)

    store = Store(clock=clock)
    app = create_app(store)
    body = json.dumps({"ids": [1], "handler": {"metadata": {"database": "NEW"}}}).encode()

    asyncio.run(exchange(app, "POST", "/snowflake/handler", KEY, json.dumps(create_body).encode()))
    of_the_create = threads.copy()
    status, _, _ = asyncio.run(exchange(app, "PUT", "/snowflake/bulk", KEY, body))

    assert (status, of_the_create, threads) == (200, {True}, {True, False})


def test_a_refusal_reaches_a_caller_who_waits() -> None:
    class Refusing(Store):
        def job_statuses(self, *_: Any, **__: Any) -> Any:
            raise BadRequest("no")

    body = json.dumps({"jobIds": [], "wait": 1}).encode()

    status, _, _ = asyncio.run(exchange(create_app(Refusing()), "POST", "/jobs/statuses", KEY, body))

    assert status == 400


def test_running_jobs_of_a_connection_string_are_counted(slow: Slow, create_body: Any) -> None:
    async def scene() -> list[Any]:
        await slow.start_job(create_body)
        before = await slow.call("GET", "/jobs?connectionString=loader@acme.example:443/SALES")
        slow.pass_an_hour()
        return [before, await slow.call("GET", "/jobs?connectionString=loader@acme.example:443/SALES")]

    assert asyncio.run(scene()) == [{"pending": 1}, {}]
