"""The clean-up removes what the run made, and nothing that only looks like it."""

import json
from collections.abc import Callable
from urllib.parse import unquote

from immuta_contracts.cleanup import clean
from immuta_contracts.client import Client
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.target import Unreachable

Make = Callable[[Callable[[Request], Answer]], Client]


class Tenant:
    """Data sources by name, deleted in two steps; `stuck` ones refuse to go, `liar` answers another name."""

    def __init__(self, *names: str, stuck: bool = False, liar: bool = False) -> None:
        self.sources = {name: identifier for identifier, name in enumerate(names, 1)}
        self.disabled: set[int] = set()
        self.deletes: list[str] = []
        self.stuck, self.liar = stuck, liar

    def __call__(self, request: Request) -> Answer:
        if request.method == "DELETE":
            return self._delete(request.target)
        name = unquote(request.target.removeprefix("/dataSource/name/"))
        if name not in self.sources:
            return _json(404, {})
        return _json(200, {"id": self.sources[name], "name": "foreign" if self.liar else name})

    def _delete(self, target: str) -> Answer:
        self.deletes.append(target)
        identifier = int(target.removeprefix("/dataSource/"))
        hard = identifier in self.disabled and not self.stuck
        if hard:
            self.sources = {name: each for name, each in self.sources.items() if each != identifier}
        self.disabled.add(identifier)
        return _json(200, {"id": identifier, "hardDelete": hard})


def _json(status: int, body: object) -> Answer:
    return Answer(status, {"content-type": "application/json"}, json.dumps(body).encode())


def cleaned(make_client: Make, tenant: Callable[[Request], Answer], *names: str) -> list[str]:
    client = make_client(tenant)
    client.names += names
    client.fence.run = "7"
    return clean(client)


def test_everything_of_the_run_goes_newest_first(make_client: Make) -> None:
    tenant = Tenant("contract-7-1 a/b", "contract-7-2")
    assert cleaned(make_client, tenant, "contract-7-1 a/b", "contract-7-2") == []
    assert tenant.sources == {}
    assert tenant.deletes == ["/dataSource/2", "/dataSource/2", "/dataSource/1", "/dataSource/1"]


def test_a_name_without_the_prefix_is_not_touched(make_client: Make) -> None:
    tenant = Tenant("Clients", "contract-70-1")
    assert cleaned(make_client, tenant, "Clients", "contract-70-1") == []
    assert tenant.deletes == []


def test_an_answer_with_another_name_is_not_believed(make_client: Make) -> None:
    tenant = Tenant("contract-7-1", liar=True)
    assert cleaned(make_client, tenant, "contract-7-1") == ["contract-7-1"]
    assert tenant.deletes == []


def test_what_does_not_go_is_said(make_client: Make) -> None:
    assert cleaned(make_client, Tenant("contract-7-1", stuck=True), "contract-7-1") == ["contract-7-1"]


def test_a_target_that_is_gone_leaves_things_behind(make_client: Make) -> None:
    def gone(_request: Request) -> Answer:
        raise Unreachable("gone")

    assert cleaned(make_client, gone, "contract-7-1") == ["contract-7-1"]
