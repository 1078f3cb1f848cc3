"""Model: sequences of calls on target and model alike, compared after each call and whole at their end."""

from immuta_contracts.changes import CHANGING
from immuta_contracts.check import layer
from immuta_contracts.rules import MAKING, neighbours
from immuta_contracts.sequence import Sequence
from immuta_contracts.world import World


@layer("model", examples=lambda profile: profile.sequences)
def test_the_target_does_what_the_model_does(w: World) -> None:
    sequence = Sequence(w)
    neighbours(sequence)
    for _ in range(w.profile.steps):
        sequence.step(MAKING + CHANGING)
    sequence.end()
