"""There is no way to a target but through the gate: nothing else of the package can open a connection or send."""

import ast
from collections.abc import Iterator
from pathlib import Path

import immuta_contracts

PACKAGE = Path(immuta_contracts.__file__).parent
NETWORK = {  # top-level modules by which a request could leave the machine
    *("aiohttp", "anyio", "asyncio", "ftplib", "h11", "httpcore", "httpx", "pycurl", "requests", "smtplib", "socket"),
    *("socketserver", "ssl", "telnetlib", "urllib3", "websocket", "websockets", "werkzeug", "xmlrpc"),
}
DOTTED = ("http.client", "http.server", "urllib.request", "urllib.robotparser")
SENDERS = {  # what each module that may touch the network takes of it
    "conformance.py": {"requests.Request"},  # made and read, never sent
    "steady.py": {"urllib3.Retry", "urllib3.exceptions"},
    "target.py": {"urllib3.BaseHTTPResponse", "urllib3.Timeout", "urllib3.exceptions", "urllib3.util"},
    "transport.py": {
        *("ssl.SSLContext", "ssl.SSLError", "ssl.create_default_context"),
        *("urllib3.HTTPConnectionPool", "urllib3.PoolManager", "urllib3.ProxyManager", "urllib3.Timeout"),
        *("urllib3.exceptions", "urllib3.make_headers", "urllib3.util"),
    },
}
TO_TARGETS = {  # the calls of a `send` of a target; whatever else has a `send` is a client, or a call that has one
    "client.py": {"self.target.send"},  # the gate
    "pairing.py": {"self._target.send"},  # a target in a target
    "steady.py": {"self._target.send"},  # a target in a target
    "target.py": {"self._inside.send"},  # a mock in this process
}
GENERATED = {"schemathesis.Case", "schemathesis.Config", "schemathesis.openapi", "schemathesis.GenerationMode"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield str(path.relative_to(PACKAGE)), ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """The modules that are imported, anywhere."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{each.name}" for each in node.names}
    return found


def taken(tree: ast.Module, module: str) -> set[str]:
    """What is read of a module, as `module.name`."""
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return {f"{module}.{each.attr}" for each in nodes if isinstance(each.value, ast.Name) and each.value.id == module}


def test_only_the_modules_of_the_target_take_what_can_send() -> None:
    found = {}
    for name, tree in modules():
        of_network = {each for each in imported(tree) if each.split(".")[0] in NETWORK or each.startswith(DOTTED)}
        assert all("." not in each for each in of_network), f"{name}: import the module, so that its use is seen"
        if of_network:
            found[name] = set().union(*(taken(tree, each) for each in of_network))
    assert found == SENDERS


def test_nothing_is_run_that_could_send_but_the_commands_of_the_package_and_a_mock() -> None:
    running = {name for name, tree in modules() if {"subprocess", "os.system", "os.popen"} & imported(tree)}
    assert running == {"jobs.py", "target.py"}


def test_schemathesis_generates_and_sends_nothing() -> None:
    used: set[str] = set()
    for _, tree in modules():
        used |= taken(tree, "schemathesis")
        sent = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not sent & {"call_and_validate", "get_call_kwargs", "as_state_machine", "urlopen_with_retry"}
    assert used <= GENERATED


def test_only_the_gate_and_what_it_sends_through_call_a_target() -> None:
    found: dict[str, set[str]] = {}
    for name, tree in modules():
        calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
        sends = {ast.unparse(each) for each in calls if isinstance(each, ast.Attribute) and each.attr == "send"}
        opened = {each for each in sends if each.rpartition(".")[0].endswith(("target", "_inside", "steady", "_pool"))}
        if opened:
            found[name] = opened
    assert found == TO_TARGETS


def test_only_a_target_opens_connections() -> None:
    opening = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("urlopen", "connection_from_url", "request_encode_url")
    }
    assert opening == {"target.py", "transport.py"}
