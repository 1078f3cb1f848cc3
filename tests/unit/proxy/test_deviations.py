"""A kind of deviation is new once, is counted each time, and is listed by whose matter it is."""

from dataclasses import replace

from immuta_mock.proxy import deviations
from immuta_mock.proxy.deviations import Deviation, Deviations, Side

MISSING = Deviation(Side.ANSWER, "GET-1", "getAsaHandler", 200, "$.id is missing (an integer)")
REFUSED = Deviation(Side.REQUEST, "ERR-2", "createDictionary", 400, "the body is missing")
ACCEPTED = replace(REFUSED, side=Side.ACCEPTED, status=200)


def test_a_kind_is_new_once() -> None:
    seen = Deviations()
    assert [seen.add(MISSING), seen.add(REFUSED), seen.add(MISSING)] == [True, True, False]


def test_the_tenants_kinds_are_listed_first_and_then_the_most_frequent() -> None:
    seen = Deviations()
    for found in (REFUSED, REFUSED, REFUSED, ACCEPTED, MISSING):
        seen.add(found)
    assert seen.kinds() == "kinds of deviation: 2 of the tenant, 1 of the client"
    assert seen.lines() == [
        "     1 x GET-1     getAsaHandler: answered 200: $.id is missing (an integer)",
        "     1 x ERR-2     createDictionary: request off the document, accepted with 200: the body is missing",
        "     3 x ERR-2     createDictionary: request off the document, answered 400: the body is missing",
    ]


def test_beyond_the_bound_kinds_are_counted_together() -> None:
    seen = Deviations()
    for status in range(deviations.MOST_KINDS + 3):
        seen.add(replace(REFUSED, status=status))
    assert not seen.add(replace(REFUSED, status=-1))
    assert len(seen.lines()) == deviations.MOST_KINDS + 1
    assert seen.lines()[-1] == "     4 x of further kinds, which are not told apart"
