"""What is tried: checks, each a property on its subjects, and what may come of one."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from immuta_contracts.client import DEFAULTS
from immuta_contracts.connectors import Connector
from immuta_contracts.exchange import Exchange
from immuta_contracts.pins import out_of_scope
from immuta_contracts.profiles import Profile
from immuta_contracts.settings import Settings
from immuta_contracts.spec import Operation, Routes
from immuta_contracts.world import World

if TYPE_CHECKING:
    from immuta_contracts.contract import Contract

Subject = Connector | Operation | None
Subjects = Sequence[Subject] | Callable[[Operation], bool]
Property = Callable[["Contract", Subject], None]
Examples = float | Callable[[Profile], int]
Layer = Literal["promises", "conformance", "workflows", "model"]
Verdict = Literal["kept", "broken", "not tried"]


@dataclass(frozen=True)
class Check:
    """One property: `body` raises `Broken` when the target fails it; `promise` is the one it is about.

    A check of the other layers has no promise of its own: what it raises names the promise that broke.
    `on` lists its subjects, or picks them from the operations of the document; `examples` multiplies the
    profile's number of examples or gives the number itself, `once` asks for a single one; `weight` is how much more
    time an example takes than others of the layer.
    """

    name: str
    layer: Layer
    promise: str | None
    body: Callable[[World], None] = field(repr=False)
    on: Subjects = (None,)
    examples: Examples = 1.0
    once: bool = False
    weight: float = 1.0

    def count(self, profile: Profile) -> int:
        """The number of examples for each subject, at least one; the first one is always the simplest there is."""
        if self.once:
            return 1
        wanted = self.examples(profile) if callable(self.examples) else math.ceil(profile.examples * self.examples)
        return max(1, wanted)

    def subjects(self, routes: Routes) -> list[Subject]:
        return [o for o in routes.operations if self.on(o)] if callable(self.on) else list(self.on)

    def sample(self, routes: Routes, profile: Profile, seed: int, settings: Settings = DEFAULTS) -> list[Subject]:
        """The subjects in scope that a run of that profile tries: as many as it wants, other ones with each seed.

        Where none is in scope all are given, to be ruled as not tried.
        """
        subjects = self.subjects(routes)
        subjects = [subject for subject in subjects if not beyond(settings, subject)] or subjects
        most = profile.subjects if self.promise else profile.operations
        if most is None or len(subjects) <= most:
            return subjects
        picked = random.Random(f"{seed}/{self.name}").sample(range(len(subjects)), most)
        return [subjects[index] for index in sorted(picked)]


def beyond(settings: Settings, subject: Subject) -> str | None:
    """Why nothing about the subject is tried, or None when it is in scope."""
    connector = subject.connector if isinstance(subject, Operation) else subject
    return out_of_scope(settings, connector.prefix) if connector else None


@dataclass(frozen=True)
class Failure:
    """How a promise broke: the last and shortest sequence of requests that showed it."""

    promise: str
    expected: str
    seen: str
    exchanges: tuple[Exchange, ...] = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """The verdict on one check for one subject; `notes` say what part of it could not be tried."""

    check: Check
    subject: Subject
    verdict: Verdict
    reason: str = ""
    failure: Failure | None = None
    notes: tuple[str, ...] = ()
    requests: int = 0
    seconds: float = 0.0


REGISTRY: list[Check] = []


def promise(
    identifier: str,
    *,
    on: Subjects = (None,),
    examples: Examples = 1.0,
    once: bool = False,
    weight: float = 1.0,
) -> Callable[[Callable[[World], None]], Property]:
    """Declare the function below as the property of one promise, tried on each subject of `on`."""
    return _declare("promises", identifier, on, examples, once, weight)


def layer(
    name: Layer,
    *,
    on: Subjects = (None,),
    examples: Examples = 1.0,
    once: bool = False,
) -> Callable[[Callable[[World], None]], Property]:
    """Declare the function below as a check of another layer; what it raises names its promise."""
    return _declare(name, None, on, examples, once)


def _declare(
    name: Layer, identifier: str | None, on: Subjects, examples: Examples, once: bool, weight: float = 1.0
) -> Callable[[Callable[[World], None]], Property]:
    def declare(body: Callable[[World], None]) -> Property:
        check = Check(body.__name__.removeprefix("test_"), name, identifier, body, on, examples, once, weight)
        REGISTRY.append(check)

        def property_(contract: "Contract", subject: Subject) -> None:
            contract.assert_kept(check, subject)

        property_.__name__, property_.__doc__, property_.__module__ = body.__name__, body.__doc__, body.__module__
        property_.check = check  # type: ignore[attr-defined]  # read by the plugin, which parametrizes `subject`
        return property_

    return declare
