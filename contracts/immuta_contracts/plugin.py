"""The contract as pytest tests: `pytest --pyargs immuta_contracts` tries every property on a mock in this process."""

import os
from collections.abc import Iterator

import pytest

# Only what pytest needs at start is imported above: this module is loaded by every pytest run of the environment.


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("immuta contract")
    group.addoption(
        "--contract-target", metavar="URL", help="tenant to judge, key from IMMUTA_API_KEY (default: a mock)"
    )
    profiles = ("quick", "default", "thorough")
    group.addoption("--contract-profile", default="quick", choices=profiles, help="how much to try (default: quick)")
    group.addoption("--contract-seed", type=int, default=0, help="seed of the run (default: 0)")
    group.addoption("--contract-overlay", action="append", default=[], help="'strict' or an overlay file")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each property its subjects."""
    check = getattr(metafunc.function, "check", None)
    if check is not None and "subject" in metafunc.fixturenames:
        from immuta_contracts.profiles import PROFILES
        from immuta_contracts.spec import Routes
        from immuta_contracts.target import document

        options = metafunc.config.getoption
        routes = Routes(document(tuple(options("--contract-overlay"))))
        profile = PROFILES[options("--contract-profile")]
        metafunc.parametrize("subject", check.sample(routes, profile, options("--contract-seed")), ids=str)


@pytest.fixture(scope="session")
def contract(request: pytest.FixtureRequest) -> Iterator[object]:
    """The run that judges every property of this session."""
    from immuta_contracts.contract import Contract
    from immuta_contracts.profiles import PROFILES
    from immuta_contracts.settings import Limits
    from immuta_contracts.steady import NEARBY
    from immuta_contracts.target import KEY_VARIABLES, InProcessMock, Target, Tenant, document

    options = request.config.getoption
    overlays = tuple(options("--contract-overlay"))
    target: Target
    if url := options("--contract-target"):
        target = Tenant(url, {role: os.environ[name] for role, name in KEY_VARIABLES.items() if os.environ.get(name)})
    else:
        target = InProcessMock(overlays=overlays)
    profile = PROFILES[options("--contract-profile")]
    limits = Limits() if options("--contract-target") else NEARBY
    judging = Contract(target, profile=profile, seed=options("--contract-seed"), spec=document(overlays), limits=limits)
    yield judging
    judging.finish()
    target.close()
