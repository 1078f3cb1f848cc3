"""`make bench`: this mock beside other servers on the same requests, paired round by round on one machine."""

import argparse
import json
import platform
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests
from cores import two_at_once
from figures import OURS, Round, Rounds, against_base, document, table, verdicts
from load import KEY, body, loaded, scenarios
from plot import draw
from servers import Kind, Running, kinds, started

from immuta_mock.spec import load_spec

WORK = Path("build/bench")
PORT = 18_600
WARM = 1  # seconds of load before what counts


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table and the ratios, write `bench.json` and `bench.png`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of load for each scenario of a round")
    parser.add_argument("--base", type=Path, help="bin folder of an environment with an earlier revision")
    parser.add_argument("--only", help="names of servers, separated by commas; this mock is always among them")
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    options = parser.parse_args(argv)
    if shutil.which("wrk") is None:
        raise SystemExit("there is no wrk here: `apt-get install wrk` brings it")
    WORK.mkdir(parents=True, exist_ok=True)
    WORK.joinpath("document.json").write_text(json.dumps(load_spec(companion=False)), "utf-8")
    wanted = kinds(options.base)
    if options.only is not None:
        wanted = [kind for kind in wanted if kind.name in (OURS, *options.only.split(","))]
    rounds = _measured(wanted, options.rounds, options.seconds)
    _show(rounds, two_at_once(options.rounds), options)
    return 0


def _measured(found: list[Kind], number: int, seconds: int) -> Rounds:
    """Each round meets the servers in the other order than the one before."""
    ports = iter(range(PORT, PORT + number * len(found) + 1))
    recorded = _recorded(found[0], next(ports))
    rounds: dict[str, list[Round]] = {kind.name: [] for kind in found}
    for index in range(number):
        for kind in found[:: -1 if index % 2 else 1]:
            sys.stderr.write(f"round {index + 1} of {number}: {kind.name}\n")
            with started(kind, next(ports), WORK / "document.json", WORK / "recorded.json") as server:
                rounds[kind.name].append(_round(server, kind, seconds, recorded["get"]["id"]))
    return rounds


def _recorded(mock: Kind, port: int) -> dict[str, Any]:
    """The answers of the mock to the get and the create, which the servers without a store give back."""
    headers, path = {"Authorization": KEY}, WORK / "recorded.json"
    with started(mock, port, WORK / "document.json", path) as server:
        create = requests.post(f"{server.url}/snowflake/handler", json=body("bench"), headers=headers, timeout=10)
        get = requests.get(f"{server.url}/snowflake/handler/{create.json()['id']}", headers=headers, timeout=10)
    answers = {"create": create.json(), "get": get.json()}
    path.write_text(json.dumps(answers), "utf-8")
    return answers


def _round(server: Running, kind: Kind, seconds: int, handler_id: int) -> Round:
    """One that keeps what it is sent makes the handler first, under the id it gives it."""
    made = requests.post(
        f"{server.url}/snowflake/handler", json=body("bench"), headers={"Authorization": KEY}, timeout=10
    ).json()
    found = Round(server.seconds)
    for name, scenario in scenarios(made.get("id", handler_id)).items():
        if name in kind.tries:
            loaded(server, scenario, WARM, WORK)
            found.scenarios[name] = loaded(server, scenario, seconds, WORK)
    found.memory = server.memory()
    return found


def _show(rounds: Rounds, cores: Sequence[float], options: argparse.Namespace) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    about = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "rounds": options.rounds,
        "seconds": options.seconds,
        "twoProcesses": cores,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    options.out.joinpath("bench.json").write_text(json.dumps(document(rounds, about), indent=1) + "\n", "utf-8")
    draw(rounds, options.out / "bench.png")
    parts = [table(rounds), verdicts(rounds, cores)] + ([against_base(rounds)] if "base" in rounds else [])
    sys.stdout.write("\n\n".join(parts) + f"\n\nwritten: {options.out}/bench.json, {options.out}/bench.png\n")


if __name__ == "__main__":
    sys.exit(main())
