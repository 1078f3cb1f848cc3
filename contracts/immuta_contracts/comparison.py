"""Compares two targets: every check is tried on A, each request of it on B as well, and the answers are compared."""

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from immuta_contracts.check import Check, Subject
from immuta_contracts.contract import Contract
from immuta_contracts.counterparts import Counterparts, Difference, What
from immuta_contracts.expectations import Broken
from immuta_contracts.interrupts import by_interrupt, kept_in_mind
from immuta_contracts.ledger import FOLDER
from immuta_contracts.mirror import Mirror, SequenceOver, Step
from immuta_contracts.profiles import DEFAULT, Profile
from immuta_contracts.run import Planned, Progress
from immuta_contracts.settings import Settings
from immuta_contracts.shortening import Recording, shortened
from immuta_contracts.target import NotTried, Target, Unreachable
from immuta_contracts.world import World

MOST_REQUESTS = 1500  # to A, to shorten one difference with; not a time, so that the same seed sends the same
MOST_SHORTENED = 40  # differences of one comparison; the others are shown as they were found
NOWHERE = "(no operation)"
DRAWN = re.compile(r"(^|[.\]])(x_)[^.\[]*.*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Kind:
    """What makes two differences the same one: where and how the answers differ; for a status, which ones."""

    operation: str
    what: What
    path: str
    statuses: tuple[int, ...] = ()

    @property
    def alike(self) -> tuple[object, ...]:
        return self.operation, self.what, self.statuses

    @classmethod
    def of(cls, step: Step, difference: Difference) -> "Kind":
        statuses = (difference.was, difference.now) if difference.what == "status" else ()
        return cls(step.a.operation or NOWHERE, difference.what, DRAWN.sub(r"\1\2*", difference.path), statuses)


@dataclass(frozen=True)
class Finding:
    """A kind of difference: how often it was seen, and the first sequence that showed it, shortened if that worked."""

    kind: Kind
    recording: Recording = field(repr=False)
    check: Check
    subject: Subject
    count: int = 1
    shortened: bool = False

    @property
    def difference(self) -> Difference:
        last = self.recording.steps[-1]
        return next(each for each in last.differences if Kind.of(last, each) == self.kind)


@dataclass
class Tally:
    """The answers of one operation: how many were compared, agreed, and said the same in other words."""

    compared: int = 0
    agreed: int = 0
    reworded: int = 0


class Comparison(Contract):
    """The run that drives A and has B follow; `wording` tells whether the words of a refusal count.

    A check is tried as in a contract run, but that a promise is broken is no matter here.
    """

    def __init__(
        self,
        a: Target,
        b: Target,
        settings: tuple[Settings, Settings] = (Settings(), Settings()),
        *,
        profile: Profile = DEFAULT,
        seed: int = 0,
        spec: Mapping[str, Any] | None = None,
        wording: bool = False,
        most_requests: float = MOST_REQUESTS,
    ) -> None:
        super().__init__(a, profile=profile, seed=seed, spec=spec, shorten=False, settings=settings[0])
        self.other = Contract(b, profile=profile, seed=seed, spec=spec, settings=settings[1])
        alone = not (settings[0].url or settings[1].url)
        self.mirror = Mirror(self.client, self.other.client, self._tell, alone=alone)
        self.wording, self._most = wording, most_requests
        self.tallies: dict[str, Tally] = {}
        self.findings: dict[Kind, Finding] = {}
        self.cut_short: Counter[str] = Counter()
        self.not_tried: Counter[str] = Counter()
        self.interrupted, self.started, self.seconds = False, time.time(), 0.0
        self._trying: tuple[Check, Subject]
        self._repeating = False

    def begin(self, ledgers: Path = FOLDER) -> None:
        super().begin(ledgers)
        self.other.begin(ledgers)

    def finish(self) -> None:
        super().finish()
        self.other.finish()

    @property
    def over(self) -> str | None:
        """Why one of both is not sent anything any more."""
        return self.steady.over or self.other.steady.over

    @contextmanager
    def clean_around(self) -> Iterator[None]:
        with self.other.clean_around(), super().clean_around(), self.mirror.sequence():
            try:
                yield
            finally:
                if self.mirror.unanswered:
                    self.other.doubtful += self.other.client.names

    def run(self, planned: Sequence[Planned], progress: TextIO) -> None:
        """Compare on everything planned; on an interrupt what was found until then is kept."""
        start, meter = time.monotonic(), Progress(progress, planned, counting="differences")
        try:
            with kept_in_mind() as interrupt_again:
                for check, subject in planned:
                    before = len(self.findings)
                    self._try(check, subject)
                    meter.advance(check.layer, self.client.sent + self.other.client.sent, len(self.findings) - before)
                    interrupt_again()
                    if self.over:
                        break
        except BaseException as error:
            if not by_interrupt(error):
                raise
            self.interrupted = True
            for side in (self, self.other):
                side.doubtful += side.client.names
        self.finish()
        self.seconds = time.monotonic() - start

    def counts(self, finding: Finding) -> bool:
        """Whether it is a difference that the two are told apart by."""
        return self.wording or finding.kind.what != "wording"

    def is_shown(self, finding: Finding) -> bool:
        """Whether its sequence is shown: the others on the same operation in the same way are like the first."""
        alike = (each for each in self.findings.values() if each.kind.alike == finding.kind.alike)
        return self.counts(finding) and next(alike).kind == finding.kind

    def _try(self, check: Check, subject: Subject) -> None:
        self._trying = check, subject
        new = set(self.findings)
        outcome = self.judge(replace(check, body=self._tolerant(check)), subject)
        if outcome.verdict == "not tried":
            self.not_tried[outcome.reason] += 1
        for kind in [kind for kind in self.findings if kind not in new]:
            finding, done = self.findings[kind], sum(each.shortened for each in self.findings.values())
            if self.is_shown(finding) and done < MOST_SHORTENED:
                self.findings[kind] = self._shortened(finding)

    def _tolerant(self, check: Check) -> Any:
        def body(w: World) -> None:
            with suppress(Broken):
                try:
                    check.body(w)
                except SequenceOver as over:
                    self.cut_short.update(filter(None, [str(over)]))

        return body

    def _tell(self, step: Step) -> None:
        if self._repeating:
            return
        tally = self.tallies.setdefault(step.a.operation or NOWHERE, Tally())
        kinds = {Kind.of(step, each) for each in step.differences}
        worded = any(kind.what == "wording" for kind in kinds)
        tally.compared += 1
        tally.reworded += worded
        tally.agreed += not any(self.wording or kind.what != "wording" for kind in kinds)
        for kind in sorted(kinds, key=str):
            known = self.findings.get(kind)
            self.findings[kind] = replace(known, count=known.count + 1) if known else self._found(kind)

    def _found(self, kind: Kind) -> Finding:
        recording = Recording(tuple(self.mirror.steps), self.mirror.counterparts.known)
        return Finding(kind, recording, *self._trying)

    # The shortest sequence

    def _shortened(self, finding: Finding) -> Finding:
        def repeat(recording: Recording) -> Recording | None:
            return self._repeated(recording, finding.kind)

        def enough() -> bool:
            return self.client.sent >= end or self.over is not None

        self._repeating, end = True, self.client.sent + self._most
        try:
            shorter = shortened(finding.recording, repeat, enough, keep=f"contract-{self.client.fence.run}")
        finally:
            self._repeating = False
        return replace(finding, recording=shorter, shortened=True) if shorter else finding

    def _repeated(self, recording: Recording, kind: Kind) -> Recording | None:
        """Send the steps again; what was recorded up to where the difference shows."""
        run = self.client.fence.run
        again = Counterparts(run, run)
        with suppress(SequenceOver, NotTried, Unreachable), self.clean_around():
            for step in recording.steps:
                request = again.request(step.a.request)
                if again.missed & recording.ids:
                    return None
                answer = self.client.send(request, role=step.a.role)
                again.same(step.a.answer.text, answer.text)
        steps, ids = self.mirror.steps, self.mirror.counterparts.known
        shows = (n for n, step in enumerate(steps, 1) if kind in {Kind.of(step, each) for each in step.differences})
        return next((Recording(tuple(steps[:n]), ids) for n in shows), None)
