"""The shards of a run together try exactly what the whole run tries, under other names and within the same limits."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from immuta_contracts import run
from immuta_contracts.commands.clean import RUN
from immuta_contracts.contract import Contract, run_names
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.profiles import PROFILES, Profile
from immuta_contracts.settings import Limits
from immuta_contracts.shards import WHOLE, BadShard, Shard
from immuta_contracts.target import Target

Make = Callable[[Callable[[Request], Answer]], Target]


def shards(of: int) -> list[Shard]:
    return [Shard(index, of) for index in range(1, of + 1)]


@given(st.lists(st.integers(0, 100)), st.integers(1, 12))
def test_every_item_is_in_one_shard_and_in_its_order(costs: list[int], of: int) -> None:
    items = list(enumerate(costs))
    parts = [shard.part(items, lambda item: item[1]) for shard in shards(of)]
    assert sorted(item for part in parts for item in part) == items
    assert all(part == sorted(part) for part in parts)


@given(st.lists(st.integers(1, 100), min_size=1), st.integers(1, 12))
def test_no_shard_has_more_to_do_than_the_lightest_by_more_than_one_item(costs: list[int], of: int) -> None:
    loads = [sum(shard.part(costs, float)) for shard in shards(of)]
    assert max(loads) - min(loads) <= max(costs)


@settings(max_examples=30, deadline=None)
@given(
    of=st.integers(1, 9),
    seed=st.integers(0, 10**6),
    profile=st.sampled_from(list(PROFILES.values())),
    only=st.sampled_from([None, "SEARCH-1", "GET-1,getTrinoHandler", "createAsaDataSource"]),
)
def test_the_plans_of_the_shards_make_up_that_of_the_run(
    of: int, seed: int, profile: Profile, only: str | None
) -> None:
    def contract(shard: Shard) -> Contract:
        return Contract(Silent(), profile=profile, seed=seed, shard=shard)

    whole = run.plan(contract(WHOLE), only)
    parts = [run.part(each, run.plan(each, only)) for each in map(contract, shards(of))]
    place = {(check.name, subject): index for index, (check, subject) in enumerate(whole)}
    together = [each for part in parts for each in part]
    assert sorted(together, key=lambda each: place[each[0].name, each[1]]) == whole
    assert len(together) == len(whole)


class Silent:
    """A target that is asked for nothing."""

    base_url = "http://tenant.test"
    keys: dict[str, str] = {}  # noqa: RUF012  # what the protocol says

    def send(self, request: Request) -> Answer:
        raise AssertionError(request)

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("of", [2, 3, 4, 8])
def test_shards_of_a_default_run_are_about_as_long(scripted: Make, reply: Callable[..., Answer], of: int) -> None:
    contract = Contract(scripted(lambda _request: reply(200)), seed=7)
    planned = run.plan(contract)

    def cost(each: run.Planned) -> float:
        return run.cost(each[0], contract.profile)

    loads = [sum(map(cost, shard.part(planned, cost))) for shard in shards(of)]
    assert max(loads) <= 1.01 * min(loads)


@given(st.integers(1, 50), st.integers(50, 10**6), st.floats(0.1, 1000))
def test_the_limits_hold_over_all_shards(of: int, most: int, rate: float) -> None:
    limits = Limits(total_requests=most, requests_per_second=rate, timeout=7)
    shared = [shard.share(limits) for shard in shards(of)]
    assert sum(each.total_requests or 0 for each in shared) == most
    assert sum(each.requests_per_second or 0 for each in shared) == pytest.approx(rate)
    assert {each.timeout for each in shared} == {7}


def test_no_limit_stays_none() -> None:
    assert Shard(1, 2).share(Limits()) == Limits()


def test_a_run_keeps_to_the_share_of_its_shard(scripted: Make, reply: Callable[..., Answer]) -> None:
    target = scripted(lambda _request: reply(200))
    contract = Contract(target, limits=Limits(total_requests=100, requests_per_second=9.0), shard=Shard(3, 3))
    assert (contract.steady.limits.total_requests, contract.steady.limits.requests_per_second) == (33, 3.0)


def test_a_limit_that_leaves_nothing_for_a_shard_is_refused() -> None:
    with pytest.raises(BadShard, match="3 shards cannot share a limit of 2 requests: raise it, or take fewer shards"):
        Shard(1, 3).share(Limits(total_requests=2))


@given(st.integers(1, 999), st.integers(1, 999))
def test_a_shard_is_read_as_it_is_written(index: int, more: int) -> None:
    shard = Shard(index, index + more)
    assert Shard.parse(str(shard)) == shard


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/", "a/b", "-1/2", "1/2/3", "\u0661/\u0662", ""])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(BadShard, match="is no shard: write 2/4 for the second of four"):
        Shard.parse(text)


def test_no_two_shards_of_a_run_can_take_one_name_and_no_other_run_takes_theirs() -> None:
    names = [*run_names(7), *run_names(71)]
    names += [name for seed in (7, 71) for shard in shards(12) for name in run_names(seed, shard)]
    prefixes = [f"contract-{name}-" for name in names]
    assert len(set(names)) == len(names)
    assert not any(one != other and one.startswith(other) for one in prefixes for other in prefixes)


def test_the_clean_up_knows_the_names_of_shards() -> None:
    for shard in (WHOLE, Shard(1, 2), Shard(12, 12)):
        for name in run_names(7, shard):
            found = RUN.match(f"contract-{name}-15 some name")
            assert found
            assert found[1] == name
