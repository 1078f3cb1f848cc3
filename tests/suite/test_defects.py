"""Each planted defect is found by a property of the very promise it breaks; `make defects` tries more seeds."""

import pytest

from defects import DEFECTS
from immuta_contracts.promises import promises
from table import finder

JUDGED_BY_THE_DOCUMENT = {"HTTP-7"} | {name for name in promises() if name.startswith("DOC-")}  # see test_document*


def test_every_promise_about_a_tenant_has_a_planted_defect() -> None:
    assert {defect.promise for defect in DEFECTS.values()} == set(promises()) - JUDGED_BY_THE_DOCUMENT


@pytest.mark.parametrize("name", DEFECTS)
def test_the_property_of_the_broken_promise_finds_the_defect(name: str) -> None:
    defect = DEFECTS[name]
    found_by = finder(name, seed=1)
    assert found_by, f"{defect.name} ({defect.says}) is not found by the properties of {defect.promise}"
