"""Rows of pairs hold every pair of states of any two fields."""

from itertools import combinations, product
from random import Random

import pytest

from immuta_contracts.combinations import Factor, pair_rows


@pytest.mark.parametrize(("fields", "states"), [(1, 2), (4, 3), (9, 3), (14, 7), (40, 7), (3, 4), (25, 6)])
def test_any_two_states_of_any_two_fields_meet(fields: int, states: int) -> None:
    factors = [Factor((name,), tuple((f"{name}{state}",) for state in range(states))) for name in range(fields)]
    rows = list(pair_rows(factors, Random(1)))
    for one, other in combinations(factors, 2):
        met = {(row[one.path], row[other.path]) for row in rows}
        assert met == {(a[0], b[0]) for a, b in product(one.states, other.states)}


def test_seven_states_of_forty_fields_take_98_rows() -> None:
    factors = [Factor((name,), ((0,), (1,), (2,), (3,), (4,), (5,), (6,))) for name in range(40)]
    assert len(list(pair_rows(factors, Random(1)))) == 98
