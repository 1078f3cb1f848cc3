"""The contract as pytest tests: `pytest --pyargs immuta_contracts` tries every property on a mock in this process."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from immuta_contracts.options import add_options, given

if TYPE_CHECKING:
    from immuta_contracts.settings import Settings

# Only what pytest needs at start is imported above: this module is loaded by every pytest run of the environment.


def pytest_addoption(parser: pytest.Parser) -> None:
    """Those of the command, each with `contract-` before its name; a session is quick and repeats itself."""
    group = parser.getgroup("immuta contract")
    add_options(lambda flag, **about: group.addoption(f"--contract-{flag}", **about), prefix="contract__")


def _settings(config: pytest.Config) -> "Settings":
    from immuta_contracts.resolving import resolve
    from immuta_contracts.target_file import BadSettings

    try:
        return resolve(given(config.option, "contract__"), defaults={"profile": "quick", "seed": 0}).settings
    except BadSettings as error:
        raise pytest.UsageError(f"immuta-contract: {error}") from None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each property its subjects."""
    check = getattr(metafunc.function, "check", None)
    if check is not None and "subject" in metafunc.fixturenames:
        from immuta_contracts.profiles import PROFILES
        from immuta_contracts.spec import Routes
        from immuta_contracts.target import document

        settings = _settings(metafunc.config)
        routes, profile = Routes(document(settings.overlay)), PROFILES[settings.profile]
        subjects = check.sample(routes, profile, settings.seed, settings)
        metafunc.parametrize("subject", subjects, ids=str)


@pytest.fixture(scope="session")
def contract(request: pytest.FixtureRequest) -> Iterator[object]:
    """The run that judges every property of this session."""
    from immuta_contracts.contract import Contract
    from immuta_contracts.profiles import PROFILES
    from immuta_contracts.target import document, target_of

    settings = _settings(request.config)
    target, profile = target_of(settings, in_process=True), PROFILES[settings.profile]
    spec = document(settings.overlay)
    contract = Contract(target, profile=profile, seed=settings.seed or 0, spec=spec, settings=settings)
    contract.begin()
    yield contract
    contract.finish()
    target.close()
