"""ERR-8: no combination of fields, valid or mistaken, is answered with a server error."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import NoReturn

from immuta_contracts.check import promise
from immuta_contracts.checks import kind
from immuta_contracts.client import ABSENT
from immuta_contracts.combinations import (
    ODD_VALUES,
    Factor,
    Row,
    factors,
    filled,
    mistaken,
    odd_row,
    pair_rows,
    random_rows,
)
from immuta_contracts.exchange import Answer, shown
from immuta_contracts.mistakes import full_bodies
from immuta_contracts.profiles import Profile
from immuta_contracts.valid import COLUMNS, Call, stand, standing, strict_body, valid_call
from immuta_contracts.world import World

VALID_ROWS = 60  # random rows beside those that hold every pair
MISTAKEN_ROWS = 40
METADATA = ("handler", "metadata")
TABLE = {"database": "sales", "table": "t"}
COMBINED = (
    *("create{}DataSource", "update{}Handler", "bulkUpdate{}DataSources"),
    *("createDictionary", "updateDictionary"),
)
Act = Callable[[World, Call], list[Answer]]
"""Sends a request, and maybe more that follow from it; returns all the answers."""


def rounds(profile: Profile) -> int:
    """One round of all rows has most of what there is to see; a thorough run takes some more."""
    return profile.examples // 8


@promise("ERR-8", on=lambda o: kind(o) in COMBINED, examples=rounds)
def test_no_combination_of_valid_values_is_a_server_error(w: World) -> None:
    call, found, chance = _plain(w), _free(w, factors(w.operation)), w.random()
    for row in w.sample(pair_rows(found, chance)):
        _expect_no_server_error(w, call, row, _carry_out)
    occupied = _occupied(w, call)
    for row in w.sample(random_rows(found, chance, VALID_ROWS)):
        _expect_no_server_error(w, occupied, row, _send)


@promise("ERR-8", on=lambda o: kind(o) in COMBINED, examples=rounds)
def test_no_combination_of_mistakes_is_a_server_error(w: World) -> None:
    call, chance = _occupied(w, _plain(w)), w.random()
    found = _free(w, mistaken(w.operation, call.body))
    for row in w.sample(_both(found, chance)):
        _expect_no_server_error(w, call, row, _send)


def _free(w: World, found: list[Factor]) -> list[Factor]:
    """Without the metadata fields that the target file pins."""
    return [each for each in found if each.path[:2] != METADATA or w.unless_pinned(**{str(each.path[-1]): ...})]


def _both(found: list[Factor], chance: Random) -> Iterator[Row]:
    yield from pair_rows(found, chance)
    yield from random_rows(found, chance, MISTAKEN_ROWS)


@promise("ERR-8", on=lambda o: kind(o) in COMBINED, once=True)
def test_no_text_and_no_number_is_a_server_error_wherever_it_stands(w: World) -> None:
    call = _full(w)
    for value in w.sample(ODD_VALUES):
        row = odd_row(call.body, value)
        if row and not _expect_no_server_error(w, call, row, _carry_out):
            for path, single in row.items():  # one field that does not take it may hide the others
                _expect_no_server_error(w, call, {path: single}, _carry_out)


def _full(w: World) -> Call:
    """A valid request in which every documented field occurs."""
    call = valid_call(w, w.operation)
    body = next(full_bodies(w, call, w.operation))
    if kind(w.operation) == "bulkUpdate{}DataSources":
        body = {"handler": body["handler"], "ids": [standing(call.made).data_source_id]}
    return replace(call, body=body)


def _plain(w: World) -> Call:
    """A valid request with the required fields alone."""
    call, name = valid_call(w, w.operation), kind(w.operation)
    plain = w.at(TABLE)
    if name == "create{}DataSource":
        return replace(call, body=strict_body(w, plain))
    if name == "update{}Handler":
        return replace(call, body={"handler": {"metadata": plain}})
    if name == "bulkUpdate{}DataSources":
        return replace(call, body={"handler": {"metadata": {}}, "ids": [standing(call.made).data_source_id]})
    return replace(call, body={"metadata": [dict(each) for each in COLUMNS]})


def _occupied(w: World, call: Call) -> Call:
    """The request where the state refuses it in the end, if the operation would make something new each time."""
    if kind(w.operation) == "create{}DataSource":
        taken = stand(w)
        return replace(call, body={**taken.body, "handler": {"metadata": w.at(TABLE)}})
    return call.at(w.operation, stand(w).data_source_id) if w.operation.id == "createDictionary" else call


def _expect_no_server_error(w: World, call: Call, row: Row, act: Act) -> bool:
    """The row is not answered 5xx; returns whether it was carried out."""
    failed, done = _tried(w, call, row, act)
    if failed is not None:
        _report(w, call, row, act, failed)
    return done


def _report(w: World, call: Call, row: Row, act: Act, failed: Answer) -> NoReturn:
    """The fields that do not matter are taken out of the row first."""
    for path in list(row):
        shorter = {other: value for other, value in row.items() if other != path}
        if _tried(w, call, shorter, act)[0] is not None:
            row = shorter
    act(w, replace(call, body=filled(call.body, row)))
    told = {".".join(map(str, path)): "left out" if value is ABSENT else value for path, value in row.items()}
    w.broken(f"no 5xx for {shown(told)}", f"{failed.status}: {failed.text[:500]}")


def _tried(w: World, call: Call, row: Row, act: Act) -> tuple[Answer | None, bool]:
    """The answer that is a server error, if one is, and whether the row was carried out."""
    with w.attempt():
        answers = act(w, replace(call, body=filled(call.body, row)))
        return next((answer for answer in answers if answer.status >= 500), None), answers[0].status == 200
    return None, False


def _send(w: World, call: Call) -> list[Answer]:
    return [call.send(w)]


def _carry_out(w: World, call: Call) -> list[Answer]:
    """Send it, read what it wrote, and undo it where the next would not be valid otherwise."""
    answer, name = call.send(w), kind(w.operation)
    if answer.status != 200 or not isinstance(answer.json, dict):
        return [answer]
    if name == "create{}DataSource":
        source = f"/dataSource/{answer.json.get('dataSourceId')}"
        handler = f"/{w.connector.prefix}/handler/{answer.json.get('id')}"
        return [answer, *(w.call(*each) for each in (("GET", handler), *[("DELETE", source)] * 2))]
    following = {"createDictionary": "DELETE", "update{}Handler": "GET"}
    return [answer, w.call(following[name], call.path)] if name in following else [answer]
