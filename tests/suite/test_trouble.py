"""What trouble of the target may do to verdicts: over real sockets, in front of a mock that may have a defect."""

import io
import json
import random
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from defects import DEFECTS
from immuta_contracts import run
from immuta_contracts.check import Check, Outcome
from immuta_contracts.cli import main
from immuta_contracts.connectors import SNOWFLAKE
from immuta_contracts.contract import Contract
from immuta_contracts.exchange import Request
from immuta_contracts.profiles import Profile
from immuta_contracts.reports.text import summary
from immuta_contracts.settings import Limits, Mode, Settings, Transport
from immuta_contracts.target import MOCK_KEYS, Tenant
from immuta_contracts.world import Json, World
from immuta_mock import Store
from planting import Reply, Seen, Wire, planted, tapped
from trouble import Misstep, Received, Server, Trouble, serving

LIMITS = Limits(timeout=5, outage_seconds=1, job_seconds=1)
HASTY = replace(LIMITS, timeout=0.5)  # for what is not answered in time
PATIENT = replace(HASTY, outage_seconds=4)
SMALL = Profile("small", examples=1, conformance=2, workflows=1, sequences=1, steps=10, subjects=1, operations=2)
AT_ONCE = [
    *(Misstep(429, {"Retry-After": "0"}), Misstep(502), Misstep(503), Misstep(504)),
    *(Misstep(502, done=True), Misstep(), Misstep(cut=True), Misstep(done=True)),
]
LATE = [Misstep(slow=True), Misstep(slow=True, done=True), Misstep(drips=True, done=True), Misstep(late=0.1)]
KINDS = AT_ONCE + LATE
over_tls_too = pytest.mark.parametrize("tenants", ["http", "https"], indirect=True)
Start = Callable[..., Contract]


class Tenants:
    """Mocks behind misbehaving servers; the last one started is kept at hand."""

    def __init__(self, stack: ExitStack, tls: ssl.SSLContext | None, transport: Transport) -> None:
        self.stack = stack
        self.store = Store()
        self.server: Server
        self._tls, self._transport = tls, transport

    def start(
        self, trouble: Trouble, *defects: str, limits: Limits = LIMITS, wire: Wire | None = None, **options: Any
    ) -> Contract:
        app: Any = planted(self.store, *(DEFECTS[name] for name in defects))
        self.server = self.stack.enter_context(serving(tapped(app, wire) if wire else app, trouble, self._tls))
        tenant = self.tenant(limits.timeout)
        self.stack.callback(tenant.close)
        return Contract(tenant, **{"profile": SMALL, "seed": 3, "limits": limits, **options})

    def tenant(self, timeout: float) -> Tenant:
        return Tenant(self.server.url, MOCK_KEYS, timeout=timeout, transport=self._transport)

    def left(self) -> list[str]:
        """The names of all data sources on the mock."""
        self.server.trouble = lambda _received: None
        tenant = Contract(self.tenant(LIMITS.timeout))
        hits = tenant.client.call("GET", "/dataSource", query={"size": 1000}).json["hits"]
        tenant.client.target.close()
        return [hit["name"] for hit in hits]


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Transport]:
    """TLS of a server, and what a client has to trust."""
    authority, bundle = trustme.CA(), tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context, Transport(ca_bundle=bundle)


@pytest.fixture
def tenants(request: pytest.FixtureRequest, secured: tuple[ssl.SSLContext, Transport]) -> Iterator[Tenants]:
    context, transport = secured if getattr(request, "param", "http") == "https" else (None, Transport())
    with ExitStack() as stack:
        yield Tenants(stack, context, transport)


def quiet(_received: Received) -> None:
    return None


def once(misstep: Misstep, method: str, path: str) -> Trouble:
    """The first such request meets trouble."""
    met: list[Received] = []

    def trouble(received: Received) -> Misstep | None:
        if met or received.method != method or path not in received.path:
            return None
        met.append(received)
        return misstep

    return trouble


def at_random(share: float, seed: int) -> Trouble:
    """Every kind of trouble, single and in bursts."""
    chance, burst = random.Random(seed), []

    def trouble(_received: Received) -> Misstep | None:
        if chance.random() < share / 10:
            burst.extend([chance.choice(AT_ONCE)] * chance.randint(3, 10))
        if burst:
            return burst.pop()
        return chance.choice(KINDS) if chance.random() < share else None

    return trouble


def dumped(body: Json) -> bytes:
    return json.dumps(body).encode()


def makes_one(w: World) -> None:
    w.expect_success(w.call("GET", w.make(connector=SNOWFLAKE).handler_path))


def judged(contract: Contract, body: Callable[[World], None] = makes_one, *, single: bool = True) -> Outcome:
    return contract.judge(Check("a_rule", "promises", "GET-1", body, once=single), None)


def ruled(contract: Contract, only: str | None = None, *, every: int = 1) -> dict[str, str]:
    """The verdicts of a run."""
    planned = run.plan(contract, only)[::every]
    return {ruling.promise.id: ruling.verdict for ruling in run.run(contract, planned, io.StringIO()).rulings}


# Passing trouble


@over_tls_too
@pytest.mark.parametrize("misstep", KINDS, ids=str)
@pytest.mark.parametrize(("method", "path"), [("POST", "/snowflake"), ("GET", "/snowflake")])
def test_a_single_example_survives_trouble_with_a_request(
    tenants: Tenants, misstep: Misstep, method: str, path: str
) -> None:
    contract = tenants.start(once(misstep, method, path), limits=HASTY)
    outcome = judged(contract)
    contract.finish()
    assert (outcome.verdict, outcome.reason, outcome.notes) == ("kept", "", ())
    assert (tenants.left(), contract.left_behind) == ([], [])


@over_tls_too
@pytest.mark.parametrize("misstep", KINDS, ids=str)
def test_the_clean_up_survives_trouble(tenants: Tenants, misstep: Misstep) -> None:
    contract = tenants.start(once(misstep, "DELETE", "/dataSource"), limits=HASTY)
    assert judged(contract).verdict == "kept"
    assert (tenants.left(), contract.left_behind) == ([], [])


def test_what_a_request_made_after_it_was_given_up_is_removed_at_the_end(tenants: Tenants) -> None:
    contract = tenants.start(once(Misstep(504), "POST", "/snowflake"))
    bodies: list[Json] = []

    def body(w: World) -> None:
        bodies.append(w.single_body(connector=SNOWFLAKE))
        w.make(connector=SNOWFLAKE, body=bodies[-1])

    assert judged(contract, body).verdict == "kept"
    late = Request("POST", "/snowflake/handler", (("Authorization", MOCK_KEYS["owner"]),), dumped(bodies[0]))
    assert contract.steady.send(late).status == 200
    assert tenants.left() == [bodies[0]["dataSource"]["name"]]
    contract.finish()
    assert (tenants.left(), contract.left_behind) == ([], [])


@pytest.mark.long
@pytest.mark.parametrize(("tenants", "seed"), [("http", 4), ("https", 5)], indirect=["tenants"])
def test_a_run_through_random_trouble_breaks_nothing(tenants: Tenants, seed: int) -> None:
    contract = tenants.start(at_random(0.05, seed), seed=seed, limits=PATIENT)
    verdicts = ruled(contract, every=6)
    assert set(verdicts.values()) <= {"kept", "not tried"}
    assert sum(verdict == "kept" for verdict in verdicts.values()) > len(verdicts) / 2
    assert set(contract.steady.account.trouble) == {"429", "502", "503", "504", "no answer"}
    assert (tenants.left(), contract.left_behind) == ([], [])


def test_planted_defects_are_found_through_random_trouble(tenants: Tenants) -> None:
    contract = tenants.start(at_random(0.05, 2), "update_merges", "search_minds_letter_case", limits=PATIENT)
    verdicts = ruled(contract, "UPDATE-1,SEARCH-2,DICT-5")
    assert verdicts == {"UPDATE-1": "broken", "SEARCH-2": "broken", "DICT-5": "kept"}


# Trouble that is the answer


class Crashes(Wire):
    """Answers a status to the requests of one method whose path has the word."""

    def __init__(self, status: int, method: str, word: str) -> None:
        self.status, self.method, self.word = status, method, word

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on(self.method, self.word):
            reply.status, reply.json = self.status, {"message": "in trouble"}


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize(("method", "word"), [("GET", "columns"), ("POST", "handler"), ("PUT", "bulk")])
def test_an_answer_to_one_request_alone_is_judged(tenants: Tenants, status: int, method: str, word: str) -> None:
    def body(w: World) -> None:
        path, sent = f"/snowflake/{word}", w.single_body(connector=SNOWFLAKE)
        if method == "PUT":
            sent = {"handler": {"metadata": {}}, "connectionString": w.make(connector=SNOWFLAKE).connection_string}
        w.expect_success(w.call("GET", "/dictionary/columns") if method == "GET" else w.call(method, path, sent))

    contract = tenants.start(quiet, wire=Crashes(status, method, word))
    outcome = judged(contract, body)
    assert outcome.verdict == "broken"
    assert outcome.failure is not None
    assert outcome.failure.exchanges[-1].answer.status == status
    assert (tenants.left(), contract.left_behind) == ([], [])


# Trouble without end


@over_tls_too
def test_a_target_that_goes_away_ends_the_run_and_keeps_the_verdicts_before(tenants: Tenants) -> None:
    contract = tenants.start(quiet, limits=Limits(outage_seconds=0.1))
    planned = run.plan(contract, "GET-1,DICT-5,SEARCH-2")

    def leave() -> None:
        contract.left_behind.append("contract-3-0")
        tenants.server.go_away()

    first = sum(check.promise == "GET-1" for check, _ in planned)
    planned.sort(key=lambda each: each[0].promise != "GET-1")
    result = run.run(contract, planned, Leaving(first, leave))
    verdicts = {ruling.promise.id: ruling.verdict for ruling in result.rulings}
    assert verdicts == {"GET-1": "kept", "DICT-5": "not tried", "SEARCH-2": "not tried"}
    assert (result.tried, result.broken) == (True, False)
    assert "contract-3-0" in contract.left_behind
    said = [line for line in summary(run.document(contract, result)).splitlines() if "ended early" in line]
    assert len(said) == 1
    assert said[0].startswith(f"the run was ended early: tenant unavailable: {tenants.server.url} did not answer: ")


class Leaving(io.StringIO):
    """A terminal to show progress on; once the checks of the first promise are judged, something happens."""

    def __init__(self, first: int, happens: Callable[[], None]) -> None:
        super().__init__()
        self.left, self.happens = first, happens

    def isatty(self) -> bool:
        return True

    def flush(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.happens()


def test_what_is_left_behind_is_removed_when_the_target_is_back(tenants: Tenants) -> None:
    contract = tenants.start(quiet, limits=Limits(outage_seconds=0.1))

    def body(w: World) -> None:
        w.make(connector=SNOWFLAKE)
        tenants.server.trouble = lambda _received: Misstep()
        w.call("GET", "/dictionary/columns")

    outcome = judged(contract, body)
    assert outcome.verdict == "not tried"
    assert outcome.reason.startswith("tenant unavailable: ")
    assert len(contract.left_behind) == 1
    assert tenants.left() == contract.left_behind
    contract.finish()
    assert (tenants.left(), contract.left_behind) == ([], [])


def test_at_the_end_the_clean_up_waits_for_a_target_that_is_nearly_back(tenants: Tenants) -> None:
    contract = tenants.start(quiet, limits=Limits(outage_seconds=0.5))

    def body(w: World) -> None:
        w.make(connector=SNOWFLAKE)
        tenants.server.trouble = lambda _received: Misstep()
        w.call("GET", "/dictionary/columns")

    assert judged(contract, body).verdict == "not tried"
    still = len(tenants.server.received) + 4
    tenants.server.trouble = lambda received: Misstep(503) if received.number <= still else None
    contract.finish()
    assert (tenants.left(), contract.left_behind) == ([], [])


def test_a_run_that_could_judge_nothing_exits_with_2(
    tenants: Tenants, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tenants.start(lambda received: Misstep(429, {"Retry-After": "9000"}) if received.number > 2 else None)
    monkeypatch.setenv("IMMUTA_API_KEY", MOCK_KEYS["owner"])
    argv = ["--target", tenants.server.url, "--only", "GET-1", "--reports", str(tmp_path), "--profile", "quick"]
    assert main([*argv, "--outage-seconds", "1"]) == 2
    said = "the run was ended early: tenant unavailable: it answered 429 and asked to wait 9000 s"
    assert capsys.readouterr().out.startswith(said)


# Limits


def test_the_limit_of_requests_ends_the_run_in_order(tenants: Tenants) -> None:
    contract = tenants.start(quiet, limits=Limits(total_requests=100))
    outcomes = [judged(contract) for _ in range(40)]
    verdicts = [outcome.verdict for outcome in outcomes]
    kept = verdicts.count("kept")
    assert verdicts == ["kept"] * kept + ["not tried"] * (40 - kept)
    assert kept == 100 // (2 + 3)  # a create and a read, then a look and two deletes to clean up
    assert {outcome.reason for outcome in outcomes[kept:]} == {"limit of 100 requests reached"}
    assert (tenants.left(), contract.left_behind) == ([], [])


# What comes later


class Later(Wire):
    """The data sources of a create of several appear at the third look by name."""

    def __init__(self) -> None:
        self.looks: dict[str, int] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("GET", "dataSource", "name"):
            self.looks[seen.path] = self.looks.get(seen.path, 0) + 1
            if self.looks[seen.path] < 3:
                reply.status, reply.json = 404, {"statusCode": 404, "error": "Not Found", "message": "not yet"}


def test_data_sources_made_together_are_looked_for_until_they_appear(tenants: Tenants) -> None:
    contract = tenants.start(quiet, wire=Later())
    outcome = judged(contract, lambda w: w.expect(len(w.make_several(2)) == 2, "two", "not two"))
    assert (outcome.verdict, outcome.reason) == ("kept", "")


def test_data_sources_that_never_appear_are_looked_for_as_long_as_a_run_waits(tenants: Tenants) -> None:
    contract = tenants.start(quiet, wire=Crashes(404, "GET", "name"), limits=Limits(job_seconds=0.1))
    outcome = judged(contract, lambda w: w.expect(len(w.make_several(2)) == 2, "two", "not two"))
    assert outcome.verdict == "not tried"
    assert outcome.reason.startswith("reading the data source by name was answered 404")


def test_jobs_are_waited_for_and_given_up_after_job_seconds(tenants: Tenants) -> None:
    tenants.store = Store(job_duration=timedelta(seconds=1))
    contract = tenants.start(quiet, limits=Limits(job_seconds=10))
    assert judged(contract, lambda w: w.expect(len(w.make_several(2)) == 2, "two", "not two")).verdict == "kept"
    tenants.store = Store(job_duration=timedelta(hours=1))
    contract = tenants.start(quiet, limits=Limits(job_seconds=0.1))
    outcome = judged(contract, lambda w: w.expect(len(w.make_several(2)) == 2, "two", "not two"))
    assert (outcome.verdict, outcome.reason) == ("not tried", "jobs did not end within 0.1 seconds")


# Tokens


@pytest.mark.long
@pytest.mark.parametrize("mode", ["own", "full"])
def test_a_token_that_expires_during_the_run_is_renewed(tenants: Tenants, mode: Mode) -> None:
    tenants.store = Store(token_lifetime=timedelta(milliseconds=200))
    contract = tenants.start(quiet, settings=Settings(login=True, mode=mode))
    only = "AUTH-1,AUTH-2,AUTH-3,GET-1,DICT-5,COMP-1,COMP-2,ERR-7"
    assert set(ruled(contract, only).values()) == {"kept"}
    logins = tenants.server.paths("POST").count("/bim/apikey/authenticate")
    own = contract.client.coverage["authenticate"].statuses[200]
    assert logins > own + 2
    sent = json.dumps([str(each.headers.get("authorization")) for each in tenants.server.received])
    assert sent.count("Bearer") > sent.count(MOCK_KEYS["owner"])
