"""Each planted defect is found by a property of the promise it breaks."""

import pytest

from defects import DEFECTS
from immuta_contracts.contract import Contract
from immuta_contracts.profiles import DEFAULT
from immuta_contracts.run import checks
from immuta_contracts.target import InProcessMock, brief_store


@pytest.mark.parametrize("name", DEFECTS)
def test_the_property_of_the_broken_promise_finds_the_defect(name: str) -> None:
    defect = DEFECTS[name]
    contract = Contract(InProcessMock(defect.plant(brief_store())), profile=DEFAULT, seed=1)
    own = [
        (check, subject)
        for check in checks()
        if check.promise == defect.promise
        for subject in check.subjects(contract.routes)
    ]
    verdicts = (contract.judge(check, subject).verdict for check, subject in own)
    assert "broken" in verdicts, f"{defect.name} ({defect.says}) is not found by the property of {defect.promise}"
