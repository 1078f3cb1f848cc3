"""Conformance: every operation with documented, systematic and random requests, valid and invalid ones."""

from hypothesis import strategies as st

from immuta_contracts.check import layer
from immuta_contracts.conformance import (
    BATCH,
    batches,
    coverage_cases,
    documented_cases,
    random_batches,
    random_cases,
    try_cases,
)
from immuta_contracts.spec import Operation
from immuta_contracts.world import World


def every(_: Operation) -> bool:
    return True


@layer("conformance", on=every, once=True)
def test_documented_examples_are_answered_as_documented(w: World) -> None:
    try_cases(w, [w.draw(example) for example in documented_cases(w.routes, w.operation)])


@layer("conformance", on=every, examples=batches)
def test_each_constraint_of_the_document_binds(w: World) -> None:
    cases = st.lists(coverage_cases(w.routes, w.operation), min_size=1, max_size=BATCH)
    try_cases(w, w.draw(cases))


@layer("conformance", on=every, examples=random_batches)
def test_random_requests_are_answered_as_documented(w: World) -> None:
    cases = st.lists(random_cases(w.routes, w.operation), min_size=1, max_size=BATCH)
    try_cases(w, w.draw(cases))
