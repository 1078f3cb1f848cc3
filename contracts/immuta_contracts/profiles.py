"""How much a run tries: named profiles, chosen once for the whole run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """`examples` of each property and subject; `conformance` systematic cases of each operation and half as many random
    ones; `workflows` walks along the links for each connector; `sequences` of `steps` steps each in the model layer;
    `subjects` that a property is tried on at most, `operations` that the conformance layer is (None: all of them)."""

    name: str
    examples: int
    conformance: int
    workflows: int
    sequences: int
    steps: int
    subjects: int | None = None
    operations: int | None = None


QUICK = Profile("quick", examples=2, conformance=3, workflows=1, sequences=4, steps=15, subjects=1, operations=8)
DEFAULT = Profile("default", examples=5, conformance=10, workflows=6, sequences=24, steps=25)
THOROUGH = Profile("thorough", examples=40, conformance=300, workflows=60, sequences=200, steps=50)

PROFILES = {profile.name: profile for profile in (QUICK, DEFAULT, THOROUGH)}
