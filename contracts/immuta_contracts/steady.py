"""A target behind limits and patience: what trouble of the network or of the tenant may not turn into a verdict.

A request is sent again only where that cannot do it twice. A trouble that befalls one request alone, time after time,
while a plain read goes well in between each, is no trouble but the answer, and is handed on to be judged.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import NoReturn, TypeGuard

import urllib3

from immuta_contracts.exchange import Answer, Request
from immuta_contracts.settings import Limits
from immuta_contracts.target import NotConnected, Target, Unreachable

NEARBY = Limits(job_seconds=2.0, outage_seconds=0.5)  # for a mock that the run started: nothing stands between
TOO_MANY, UNAVAILABLE = 429, 503
TROUBLE = (TOO_MANY, 502, UNAVAILABLE, 504)
UNPROCESSED = (TOO_MANY, UNAVAILABLE)  # nothing was done, so any request may be sent again
READING = ("GET", "HEAD", "OPTIONS")
HARMLESS = ("/jobs/statuses", "/bim/apikey/authenticate")  # what a POST to these does, it may do twice
PLAIN_READS = ("/bim/rpc/user/current", "/dataSource?size=1")  # one of them may itself be what is wrong
ENOUGH = 6  # failures of one request alone, after which they are its answer
ATTEMPTS = 4  # at a check whose examples were all given up; as many failures of a write at one place are its answer
FIRST_SECONDS = 1.0  # how long a target may take to answer for the first time at all
LONGEST_PAUSE = 5.0  # between two looks whether the target is back

Shape = tuple[str, ...]
Outcome = Answer | Unreachable


class Unavailable(Unreachable):
    """The target was in trouble, and what was to be tried says nothing about it."""


class Ended(Unavailable):
    """Nothing is sent any more: the target is gone, or a limit is reached."""


@dataclass(frozen=True)
class Account:
    """What it took: `sent` counts every request on the wire, `trouble` what was seen of each kind, `ended` says why
    the run was ended early."""

    sent: int
    retries: int
    given_up: int
    waited_seconds: float
    trouble: Mapping[str, int]
    ended: str | None


class Steady:
    """A target that wraps another one.

    `over` says why nothing is sent any more. A wait doubles from a 128th of `outage_seconds`, so that `ENOUGH` tries
    take about half of them. `recheck` is asked again about a write before it is sent again.
    """

    def __init__(self, target: Target, limits: Limits = NEARBY) -> None:
        self._target, self.limits = target, limits
        self.recheck: Callable[[Request], None] = lambda _request: None
        self._count: Counter[str] = Counter()
        self._trouble: Counter[str] = Counter()
        self._waited = 0.0
        self._started = time.monotonic()
        self._next = 0.0
        self._gone: str | None = None
        self._answered = False
        self._unlimited = False
        self._settled: set[Shape] = set()  # shapes of requests whose trouble is known to be theirs alone
        self._silent: Counter[Shape] = Counter()  # how often in a row a write was not answered
        self._place = (0, 0)  # example and request of the check
        self._refused: Counter[tuple[object, ...]] = Counter()  # writes of the check that were given up, by place
        self._frank: set[Shape] = set()  # writes of the check whose trouble is their answer

    @property
    def base_url(self) -> str:
        return self._target.base_url

    @property
    def keys(self) -> Mapping[str, str]:
        return self._target.keys

    @property
    def account(self) -> Account:
        tally = self._count
        return Account(
            tally["sent"], tally["retries"], tally["given up"], round(self._waited, 3), dict(self._trouble), self.over
        )

    @property
    def over(self) -> str | None:
        """Why nothing is sent any more; None as long as the run may go on."""
        most, minutes = self.limits.total_requests, self.limits.total_minutes
        if self._gone is None and most is not None and self._count["sent"] >= most:
            return f"limit of {most} requests reached"
        if self._gone is None and minutes is not None and time.monotonic() - self._started >= 60 * minutes:
            return f"limit of {minutes:g} minutes reached"
        return self._gone

    def send(self, request: Request) -> Answer:
        """The answer to one request. Raises `Unavailable`."""
        self._place = (self._place[0], self._place[1] + 1)
        if self._silent[shape(request)] >= ENOUGH:
            raise self._give_up(request, f"was not answered {ENOUGH} times in a row")
        outcome = self._try(request)
        return outcome if _fine(outcome) else self._persist(request, outcome)

    def close(self) -> None:
        self._target.close()

    # What the run tells

    def begin_check(self) -> None:
        """A check is about to be tried for the first time."""
        self._refused.clear()
        self._frank.clear()

    def begin_attempt(self) -> None:
        """All examples of the check are about to be tried, perhaps once more."""
        self._place = (0, 0)

    def begin_example(self) -> None:
        self._place = (self._place[0] + 1, 0)

    @contextmanager
    def unlimited(self) -> Iterator[None]:
        """What puts things right is sent whatever the limits say."""
        before, self._unlimited = self._unlimited, True
        try:
            yield
        finally:
            self._unlimited = before

    def look_again(self) -> None:
        """See whether a target that was gone is back by now, or soon."""
        if self._gone is not None:
            gone, self._gone = self._gone, None
            with self.unlimited():
                self._gone = gone if self._failures(self.limits.outage_seconds) is None else None

    # One request in trouble

    def _persist(self, request: Request, outcome: Outcome) -> Answer:
        """What comes of a request that met trouble, at the latest after `outage_seconds` of trying."""
        began, alone = time.monotonic(), 0
        for number in count():
            repeatable = _repeatable(request, outcome)
            if repeatable:
                self._pause(self._wait(request, outcome, number))
            alone = alone + 1 if self._recover(outcome) else 0
            if not repeatable:
                return self._unrepeated(request, outcome)
            if alone >= ENOUGH or time.monotonic() - began > self.limits.outage_seconds:
                return self._conclude(request, outcome, alone)
            if request.method not in READING:
                self.recheck(request)
            self._count["retries"] += 1
            outcome = self._try(request)
            if _fine(outcome):
                return outcome
        raise AssertionError("unreachable")

    def _conclude(self, request: Request, outcome: Outcome, alone: int) -> Answer:
        """Hand on an answer that is no passing trouble; nothing else can be known."""
        if isinstance(outcome, Answer) and outcome.status != TOO_MANY and alone >= ENOUGH:
            self._settled.add(shape(request))
            return outcome
        if isinstance(outcome, Unreachable):
            self._silent[shape(request)] = ENOUGH
        raise self._give_up(request, _said(outcome))

    def _unrepeated(self, request: Request, outcome: Outcome) -> Answer:
        """A write that may have been done: given up, unless each try of the check ended at the very same place."""
        known = shape(request)
        if isinstance(outcome, Unreachable):
            self._silent[known] += 1
            raise self._give_up(request, _said(outcome))
        self._refused[self._place, known, outcome.status] += 1
        if self._refused[self._place, known, outcome.status] >= ATTEMPTS:
            self._frank.add(known)
        if known in self._frank:
            return outcome
        raise self._give_up(request, _said(outcome))

    def _wait(self, request: Request, outcome: Outcome, number: int) -> float:
        """Seconds until the next try: doubled each time, or what the answer asks for if that is longer."""
        asked = _retry_after(outcome)
        if asked > self.limits.outage_seconds:
            self._end(f"{_said(outcome)} and asked to wait {asked:.0f} s, longer than outage_seconds")
        return asked if shape(request) in self._settled else max(asked, self._doubled(number))

    def _recover(self, outcome: Outcome) -> bool:
        """Wait until a plain read goes well; whether the first one did. Raises `Ended`."""
        patience = self.limits.outage_seconds if self._answered else min(FIRST_SECONDS, self.limits.outage_seconds)
        failures = self._failures(patience)
        if failures is None:
            self._end(f"{_said(outcome)}, for {patience:g} s" if self._answered else _said(outcome))
        return failures == 0

    def _failures(self, patience: float) -> int | None:
        """How many plain reads failed before one went well; None when none did in so many seconds."""
        began = time.monotonic()
        for number in count():
            if self._well():
                return number
            if time.monotonic() - began >= patience:
                return None
            self._pause(min(self._doubled(number), LONGEST_PAUSE))
        raise AssertionError("unreachable")

    def _well(self) -> bool:
        """Whether a plain read is answered as by a tenant that is well."""
        key = self.keys.get("owner")
        headers = (("Authorization", key),) if key is not None else ()
        return any(_fine(self._try(Request("GET", path, headers))) for path in PLAIN_READS)

    # The wire

    def _try(self, request: Request) -> Outcome:
        """Send once, in time with the limits. Raises `Ended`."""
        if self._gone is not None or (self.over is not None and not self._unlimited):
            raise Ended(self.over)
        self._keep_pace()
        self._count["sent"] += 1
        try:
            outcome: Outcome = self._target.send(request)
            self._answered = True
        except Unreachable as error:
            outcome = error
        if _fine(outcome):
            self._silent.pop(shape(request), None)
        else:
            self._trouble[str(outcome.status) if isinstance(outcome, Answer) else "no answer"] += 1
        return outcome

    def _keep_pace(self) -> None:
        """No two requests are closer than the rate allows, whoever sends them."""
        rate = self.limits.requests_per_second
        if rate is not None:
            time.sleep(max(0.0, self._next - time.monotonic()))
            self._next = time.monotonic() + 1 / rate

    def _doubled(self, number: int) -> float:
        """The seconds to wait after so many waits before."""
        return float(self.limits.outage_seconds / 128 * 2 ** min(number, 10))

    def _pause(self, seconds: float) -> None:
        self._waited += seconds
        time.sleep(seconds)

    def _give_up(self, request: Request, reason: str) -> Unavailable:
        self._count["given up"] += 1
        return Unavailable(f"tenant unavailable: {request.method} {request.target[:100]}: {reason}")

    def _end(self, reason: str) -> NoReturn:
        self._gone = f"tenant unavailable: {reason}" if self._answered else reason
        raise Ended(self._gone)


def shape(request: Request) -> Shape:
    """The method and the path with its ids and names left out."""
    path = request.target.partition("?")[0]
    return (request.method, *(word if word.isalpha() else "#" for word in path.split("/")[1:]))


def _fine(outcome: Outcome) -> TypeGuard[Answer]:
    return isinstance(outcome, Answer) and outcome.status not in TROUBLE


def _repeatable(request: Request, outcome: Outcome) -> bool:
    """Whether sending it again cannot do twice what it does."""
    if isinstance(outcome, NotConnected) or (isinstance(outcome, Answer) and outcome.status in UNPROCESSED):
        return True
    return request.method in READING or request.target in HARMLESS


def _retry_after(outcome: Outcome) -> float:
    """The seconds that an answer asks to wait, 0 if it does not say so in a way known."""
    given = outcome.headers.get("retry-after") if isinstance(outcome, Answer) else None
    try:
        return urllib3.Retry().parse_retry_after(given) if given else 0.0
    except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
        return 0.0


def _said(outcome: Outcome) -> str:
    return f"it answered {outcome.status}" if isinstance(outcome, Answer) else str(outcome)
