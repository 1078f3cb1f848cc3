"""How much a run tries: named profiles, chosen once for the whole run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """`subjects` that a property is tried on at most (None: all of them), `examples` of each property and subject;
    `conformance` systematic cases of each operation and half as many random ones; `workflows` walks along the links
    for each connector; `sequences` of `steps` steps each in the model layer."""

    name: str
    subjects: int | None
    examples: int
    conformance: int
    workflows: int
    sequences: int
    steps: int


QUICK = Profile("quick", subjects=2, examples=2, conformance=3, workflows=2, sequences=5, steps=15)
DEFAULT = Profile("default", subjects=None, examples=5, conformance=10, workflows=6, sequences=24, steps=25)
THOROUGH = Profile("thorough", subjects=None, examples=40, conformance=300, workflows=60, sequences=200, steps=50)

PROFILES = {profile.name: profile for profile in (QUICK, DEFAULT, THOROUGH)}
