"""Opens a run: a contract on the target of the settings, once it is sure that no harm can come of it."""

from immuta_contracts.commands import CannotRun
from immuta_contracts.contract import Contract, NoName
from immuta_contracts.profiles import PROFILES
from immuta_contracts.settings import Settings
from immuta_contracts.target import Target, document


def contract_of(settings: Settings, target: Target, *, seed: int) -> Contract:
    """The run that the settings describe."""
    return Contract(
        target,
        profile=PROFILES[settings.profile],
        seed=seed,
        spec=document(settings.overlay),
        mode=settings.mode,
        settings=settings,
    )


def enter(contract: Contract) -> None:
    """Make sure that the run does no harm on a server it did not start. Raises `CannotRun`."""
    settings = contract.client.settings
    if settings.url is not None and settings.mode == "full":
        _check_disposable(contract)
    if settings.url is not None and settings.mode != "read":
        try:
            contract.begin()
        except NoName as error:
            raise CannotRun(str(error)) from error


def _check_disposable(contract: Contract) -> None:
    """Mode full is for a mock that holds nothing, which it has to say itself."""
    answer = contract.client.call("GET", "/__mock__/health")
    told = answer.json if answer.status == 200 and isinstance(answer.json, dict) else {}
    if told.get("service") != "immuta-mock":
        raise CannotRun(
            f"{contract.client.target.base_url} does not prove to be this mock: MODE=full is refused, use own"
        )
    if told.get("dataSources") != 0:
        raise CannotRun(
            f"the mock at {contract.client.target.base_url} holds {told.get('dataSources')} data sources:"
            " MODE=full is refused, empty it or use own"
        )
