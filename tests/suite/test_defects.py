"""For each promise, one planted defect is found by a property of that very promise; `make defects` tries them all."""

import pytest

from defects import DEFECTS
from immuta_contracts.promises import promises
from table import finder

JUDGED_BY_THE_DOCUMENT = {"HTTP-7"} | {name for name in promises() if name.startswith("DOC-")}  # see test_document*
ONE_EACH = {defect.promise: defect.name for defect in reversed(DEFECTS.values())}


def test_every_promise_about_a_tenant_has_a_planted_defect() -> None:
    assert set(ONE_EACH) == set(promises()) - JUDGED_BY_THE_DOCUMENT


@pytest.mark.parametrize("name", ONE_EACH.values())
def test_the_property_of_the_broken_promise_finds_the_defect(name: str) -> None:
    defect = DEFECTS[name]
    found_by = finder(name, seed=1)
    assert found_by, f"{defect.name} ({defect.says}) is not found by the properties of {defect.promise}"
