"""The command behind `make codegen`: generates the clients, compiles them, and has each call every operation.

A client passes when our program that uses it compiles, calls all 34 operations and the login on a mock, and no longer
compiles against the client of a changed document: so the types are there, and they are held to.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from clients import CLIENTS, Client, Command
from tenant import KEY, tenant

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILT = ROOT / "build" / "clients"
TOOLS = ROOT / "build" / "tools"
CHANGED = HERE / "changed.yaml"
NOTHING: Mapping[str, str] = {}
AT_ONCE = 2  # clients; more hardly help, as Java, Go and Rust use several cores by themselves
LONGEST = 900  # seconds; a first Rust or Maven build fetches what it depends on


class Failed(Exception):
    """A step did not do what it should; the message says which and how."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every client asked for passes, 1 when one does not, 2 when one cannot be tried."""
    parser = argparse.ArgumentParser(prog="make codegen", description=__doc__, allow_abbrev=False)
    parser.add_argument("--only", default=",".join(client.name for client in CLIENTS), help="names, with commas")
    names = parser.parse_args(arguments).only.split(",")
    if unknown := set(names) - {client.name for client in CLIENTS}:
        parser.error(f"{min(unknown)!r} is no client; there are {', '.join(client.name for client in CLIENTS)}")
    BUILT.mkdir(parents=True, exist_ok=True)
    for spec, overlays in ((BUILT / "spec.yaml", ()), (BUILT / "changed.yaml", ("--overlay", str(CHANGED)))):
        spec.write_bytes(_step([sys.executable, "-m", "immuta_mock", "spec", "--with-companion", *overlays], ROOT, {}))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        wanted = (client for client in reversed(CLIENTS) if client.name in names)  # those that take longest first
        return max(pool.map(_tried, wanted), default=0)


def _tried(client: Client) -> int:
    start = time.monotonic()
    if missing := [
        f"{command} is missing ({how})" for command, how in client.needs.items() if not shutil.which(command)
    ]:
        print(f"{client.name:11} not tried: {'; '.join(missing)}", flush=True)
        return 2
    try:
        for done in _steps(client):
            print(f"{client.name:11} {done}", flush=True)
    except Failed as failed:
        print(f"{client.name:11} FAILED: {failed}", flush=True)
        return 1
    print(f"{client.name:11} passed in {time.monotonic() - start:.0f} s", flush=True)
    return 0


def _steps(client: Client) -> Iterator[str]:
    out = BUILT / client.name
    _generate(client, BUILT / "spec.yaml", out)
    yield "generated"
    _compile(client, out)
    yield "compiled"
    with tenant(BUILT / f"{client.name}.log") as mock:
        _run(client, client.run, out, environment={"IMMUTA_URL": mock.url, "IMMUTA_API_KEY": KEY})
    if missed := mock.not_called():  # asked when it has stopped: it writes its line after it has answered
        raise Failed(f"these operations were not called with success: {', '.join(missed)}")
    yield "called all operations"
    changed = BUILT / f"{client.name}-changed"
    _generate(client, BUILT / "changed.yaml", changed)
    try:
        _compile(client, changed)
    except Failed as refused:
        if client.program not in str(refused):
            raise Failed(f"the changed document breaks something other than {client.program}: {refused}") from None
        yield "refuses to compile against the changed document"
    else:
        raise Failed(f"{client.program} compiles against the changed document, so its types are not checked")


def _generate(client: Client, spec: Path, out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    _run(client, client.generate, out, spec=spec)
    shutil.copytree(HERE / client.name, out, dirs_exist_ok=True)


def _compile(client: Client, out: Path) -> None:
    for command in client.compile:
        _run(client, command, out)


def _run(
    client: Client, command: Command, out: Path, *, spec: Path | None = None, environment: Mapping[str, str] = NOTHING
) -> bytes:
    places = {"spec": spec, "out": out, "shared": BUILT / "shared", "tools": TOOLS}
    filled = [part.format(**places) for part in command]
    own = {name: value.format(**places) for name, value in client.environment.items()}
    return _step(filled, out, {**own, **environment})


def _step(command: Sequence[str], directory: Path, environment: Mapping[str, str]) -> bytes:
    path = os.pathsep.join((str(TOOLS / "node_modules" / ".bin"), str(TOOLS / "bin"), os.environ["PATH"]))
    everything = {**os.environ, "PATH": path, **environment}
    try:
        done = subprocess.run(command, cwd=directory, env=everything, capture_output=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"{command[0]} did not come to an end in {LONGEST} s") from None
    if done.returncode:
        shown = (done.stdout + done.stderr).decode(errors="replace").strip()
        raise Failed(f"{' '.join(command)}\n{shown}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
