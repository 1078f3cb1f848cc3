"""Judges one check at a time against one target: kept, broken or not tried."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from immuta_contracts.chance import of_the_seed
from immuta_contracts.check import Check, Failure, Outcome, Subject, Verdict, beyond
from immuta_contracts.cleanup import clean
from immuta_contracts.client import DEFAULTS, Client
from immuta_contracts.errors import CannotRun
from immuta_contracts.expectations import Broken
from immuta_contracts.ledger import FOLDER, Ledger
from immuta_contracts.profiles import DEFAULT, Profile
from immuta_contracts.settings import Limits, Settings
from immuta_contracts.shards import WHOLE, Shard
from immuta_contracts.spec import Routes
from immuta_contracts.steady import ATTEMPTS, NEARBY, Steady, Unavailable
from immuta_contracts.target import NotTried, Target, Unreachable, document
from immuta_contracts.waiting import Patience
from immuta_contracts.world import Unprepared, World

MOST_REQUESTS = 2000  # to shorten one failure with; not a time, or the same seed would not send the same requests
SLOWER = 4  # times that a tenant is taken to be: so many fewer go to one

STUMBLED = "the property stumbled over an answer"


class CannotBegin(CannotRun):
    """The run would not be safe on this target; the text says why and what to do."""


def run_names(seed: int, shard: Shard = WHOLE) -> Iterator[str]:
    """The names that a run of a seed, or one shard of it, may have, best first; they are part of host names."""
    yield shard.name(seed)
    yield from (f"{shard.name(seed)}{letter}" for letter in ascii_lowercase)


class Contract:
    """One run against one target: the same seed and target state send the same requests.

    `spec` is the OpenAPI document to judge by, by default the published one without overlays; `shorten` tells whether
    to look for the shortest sequence of requests that shows a failure; `settings` say what the target allows, and how
    patient the run is unless `limits` do; of the limits a `shard` of a run takes its share.
    """

    def __init__(
        self,
        target: Target,
        *,
        profile: Profile = DEFAULT,
        seed: int = 0,
        spec: Mapping[str, Any] | None = None,
        shorten: bool = True,
        settings: Settings = DEFAULTS,
        limits: Limits | None = None,
        shard: Shard = WHOLE,
    ) -> None:
        limits = shard.share(limits or (settings.limits if settings.url else NEARBY))
        self.routes = Routes(spec if spec is not None else document())
        self.steady = Steady(target, limits)
        self.client = Client(self.steady, self.routes, settings)
        self.steady.recheck = self.client.fence.admit
        self.client.fence.run = shard.name(seed)
        self.profile = profile
        self.seed, self.shard = seed, shard
        self._patience = Patience(limits.job_seconds, limits.timeout)
        self.left_behind: list[str] = []
        self.doubtful: list[str] = []  # names of examples that were given up: a late write may still make them
        self._counter = 0
        self._shorten = shorten
        self._broken: set[str] = set()

    def begin(self, ledgers: Path = FOLDER) -> None:
        """On a server that the run did not start: take a name that nothing there bears, and open the ledger.

        Raises `CannotBegin`.
        """
        mode, url = self.client.fence.account.mode, self.client.settings.url
        if url is None or mode == "read":
            return
        if mode == "full":
            self._check_disposable(url)
        for name in run_names(self.seed, self.shard):
            self.client.fence.run = name
            if self.client.fence.free():
                with suppress(FileExistsError):
                    self.client.ledger = Ledger.begin(ledgers, name, self.client.target.base_url)
                    return
        raise CannotBegin(f"no name for the run is free: clean up after earlier runs of the seed {self.seed} first")

    def _check_disposable(self, url: str) -> None:
        """Mode full is for a mock that holds nothing, which it has to say itself."""
        answer = self.client.call("GET", "/__mock__/health")
        told = answer.json if answer.status == 200 and isinstance(answer.json, dict) else {}
        if told.get("service") != "immuta-mock":
            raise CannotBegin(f"{url} does not prove to be this mock, so mode full is refused: use own")
        if told.get("dataSources") != 0:
            held = f"{told.get('dataSources')} data sources"
            raise CannotBegin(f"the mock at {url} holds {held}, so mode full is refused: empty it, or use own")

    def judge(self, check: Check, subject: Subject) -> Outcome:
        """Try one check on one subject, more than once if the target was in trouble all the time."""
        if reason := beyond(self.client.settings, subject) or self.steady.over:
            return Outcome(check, subject, "not tried", reason)
        start, before = time.perf_counter(), self.client.sent
        trial = self._tried(check, subject)
        if trial.failure:
            self._broken.add(check.name)
        mask = self.client.redactor.mask
        if trial.failure:
            trial.failure = replace(trial.failure, expected=mask(trial.failure.expected), seen=mask(trial.failure.seen))
        verdict, reason = trial.verdict()
        return Outcome(
            check,
            subject,
            verdict,
            mask(reason),
            failure=trial.failure,
            notes=tuple(map(mask, trial.notes)),
            requests=self.client.sent - before,
            seconds=time.perf_counter() - start,
        )

    def _tried(self, check: Check, subject: Subject) -> "_Trial":
        self.steady.begin_check()
        for _ in range(ATTEMPTS):
            self.steady.begin_attempt()
            trial = _Trial(self, check, subject)
            trial.run()
            if not trial.fruitless or self.steady.over is not None:
                break
        return trial

    def assert_kept(self, check: Check, subject: Subject) -> None:
        """Judge under pytest: a broken promise fails the test, one that was not tried skips it with the reason."""
        outcome = self.judge(check, subject)
        if outcome.verdict == "broken":
            pytest.fail(f"{check.promise or check.layer}: {outcome.reason}", pytrace=False)
        if outcome.reason.startswith(STUMBLED):
            pytest.fail(f"{check.name}: {outcome.reason}", pytrace=False)
        if outcome.verdict == "not tried":
            pytest.skip(outcome.reason)

    def phases(self, check: Check) -> tuple[Phase, ...]:
        """How to try a check: a failure is shortened where it is the first of that check, the others are like it."""
        shorten = self._shorten and check.name not in self._broken
        return (Phase.generate, Phase.shrink) if shorten else (Phase.generate,)

    def number(self) -> int:
        """A number that no name of this run has used."""
        self._counter += 1
        return self._counter

    @contextmanager
    def world(self, check: Check, subject: Subject, data: st.DataObject) -> Iterator[World]:
        """A clean start and a clean end around one example."""
        with self.clean_around():
            yield World(
                *(self.client, self.routes, self.profile, subject, data),
                *(self.seed, self.number, check.promise, self._patience),
            )

    @contextmanager
    def clean_around(self) -> Iterator[None]:
        """Nothing is remembered of what was sent before, and what is made within is removed at the end."""
        self.client.journal.clear()
        self.client.names.clear()
        self.steady.begin_example()
        try:
            yield
        finally:
            self.left_behind += self._clean()
            self._keep_doubtful()

    def _keep_doubtful(self) -> None:
        """Though the clean-up did not find them, names that a late write may still make stay in the ledger."""
        if self.client.ledger is not None:
            for name in dict.fromkeys(self.doubtful):
                if name in self.client.names and name.startswith(self.client.fence.prefix):
                    self.client.ledger.intend(name)

    def _clean(self) -> list[str]:
        with self.steady.unlimited():
            return clean(self.client)

    def _standing(self) -> list[str]:
        """The names of the run that the target lists, oldest first."""
        if self.client.ledger is None:
            return []
        with suppress(Unreachable, NotTried), self.steady.unlimited():
            return self.client.fence.bearing()
        return []

    def finish(self) -> None:
        """Try once more to remove what was left behind, and what a request that was given up made after all.

        Where a ledger is, the name was free before, so that whatever bears it now was not removed, or not noticed.
        """
        self.client.names[:] = dict.fromkeys([*self.doubtful, *reversed(self.left_behind)])
        self.doubtful.clear()
        if self.client.names:
            self.steady.look_again()
        self.client.names[:] = dict.fromkeys([*self.client.names, *self._standing()])
        if self.client.names:
            left = self._clean()
            self.left_behind = list(dict.fromkeys([*left, *reversed(self._standing())]))
        if self.client.ledger is not None:
            self.client.ledger.close(remove=not self.left_behind)
            self.client.ledger = None


class _ShrunkEnough(BaseException):
    """Ends the examples of a check at once: the shortest failure found so far has to do."""


class _Trial:
    """The examples of one check on one subject, and what came of them."""

    def __init__(self, contract: Contract, check: Check, subject: Subject) -> None:
        self.contract, self.check, self.subject = contract, check, subject
        self.failure: Failure | None = None
        self.completed = 0
        self.stumbled = self.given_up = False
        self.enough = math.inf  # requests of the run, after which a failure is not shortened any more
        self.reasons: list[str] = []
        self.notes: list[str] = []

    def run(self) -> None:
        try:
            with of_the_seed():
                self._examples()
        except (Broken, _ShrunkEnough):
            pass
        except hypothesis.errors.Flaky:
            if not self.shrunk_enough:  # else it is the end of shortening that looks like that
                self.notes.append("the failure did not repeat on every try")

    @property
    def shrunk_enough(self) -> bool:
        """Whether what was found has to do, since it took long enough or nothing is sent any more."""
        return self.contract.client.sent > self.enough or (self.failure is not None and bool(self.contract.steady.over))

    @property
    def fruitless(self) -> bool:
        """Whether trouble of the target is why nothing came of it."""
        return self.given_up and not (self.completed or self.failure or self.stumbled)

    def verdict(self) -> tuple[Verdict, str]:
        if self.failure:
            return "broken", f"expected {self.failure.expected}, seen {self.failure.seen}"
        if not self.completed or self.stumbled:
            return "not tried", self.reasons[-1] if self.reasons else "no example could be made"
        return "kept", ""

    def _examples(self) -> None:
        @hypothesis.seed(f"{self.contract.seed}/{self.check.name}/{self.subject}")
        @settings(
            max_examples=self.check.count(self.contract.profile),
            deadline=None,
            database=None,
            phases=self.contract.phases(self.check),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
            verbosity=hypothesis.Verbosity.quiet,
        )
        @given(st.data())
        def example(data: st.DataObject) -> None:
            self._example(data)

        example()

    def _example(self, data: st.DataObject) -> None:
        if self.reasons and not self.completed and len(self.reasons) >= 3:
            return  # three examples could not even be prepared
        if self.shrunk_enough:
            raise _ShrunkEnough
        with self.contract.world(self.check, self.subject, data) as world:
            try:
                self.check.body(world)
                world.settle()
                if (over := self.contract.steady.over) is not None:  # a body may live with a missing answer
                    raise Unavailable(over)
                self.completed += 1
            except (Unprepared, NotTried, Unreachable) as reason:
                self.reasons.append(str(reason))
                if isinstance(reason, Unavailable):
                    self.given_up = True
                    self.contract.doubtful += self.contract.client.names
            except hypothesis.errors.HypothesisException:
                raise
            except Broken as broken:
                if self.failure is not None and broken.promise != self.failure.promise:
                    return  # shortening must not slip from one promise to another
                exchanges = tuple(self.contract.client.journal)
                self._keep(Failure(broken.promise, broken.expected, broken.seen, exchanges))
                raise
            except Exception as error:  # an answer nobody thought of must not end the run
                self.stumbled = True
                self.reasons.append(f"{STUMBLED}: {type(error).__name__}: {error}")
            finally:
                self.notes += [note for note in world.notes if note not in self.notes]

    def _keep(self, failure: Failure) -> None:
        """Remember the shortest sequence of requests; from the first failure on there are so many to shorten it."""
        if self.failure is None:
            client = self.contract.client
            self.enough = client.sent + MOST_REQUESTS // (SLOWER if client.settings.url else 1)
        if self.failure is None or len(failure.exchanges) <= len(self.failure.exchanges):
            self.failure = failure
