"""`make bench-contract`: the contract run, by layers, beside the command line of schemathesis on the same document."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import psutil
import requests
from contract_plot import draw
from load import KEY
from servers import Kind, started

from immuta_mock.spec import load_spec

WORK = Path("build/bench")
PORT = 18_800
BIN = Path(sys.executable).parent
HERE = Path(__file__).parent
SCHEMATHESIS = "schemathesis"
OVER_HTTP, IN_PROCESS, TWO_JOBS = "run over HTTP", "run in process", "run over HTTP, JOBS=2"
GOALS = {OVER_HTTP: 1.5, IN_PROCESS: 3.0}
"""How many times the requests per second of schemathesis' command line a whole run is to reach."""
TRIED = {"default": ("5", "examples,coverage,fuzzing,stateful"), "quick": ("1", "examples,fuzzing")}
"""By profile: the examples of schemathesis for each operation, and its phases. More examples change its rate little."""


@dataclass(frozen=True)
class Sent:
    """Requests, and the seconds and CPU seconds of who sent them; the mock's share is in it where it is in process."""

    requests: int
    seconds: float
    cpu: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


Round = dict[str, Sent]
"""What was measured once, by name; a layer's name is that of its run and its own."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table and the ratios, write `contract.json` and `contract.png`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=TRIED, default="default")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    options = parser.parse_args(argv)
    WORK.mkdir(parents=True, exist_ok=True)
    rounds = [_round(number, options) for number in range(options.rounds)]
    options.out.mkdir(parents=True, exist_ok=True)
    written = [{name: asdict(sent) for name, sent in each.items()} for each in rounds]
    options.out.joinpath("contract.json").write_text(json.dumps(written, indent=1) + "\n", "utf-8")
    draw([{name: sent.per_second for name, sent in each.items()} for each in rounds], options.out / "contract.png")
    files = f"written: {options.out}/contract.json, {options.out}/contract.png"
    sys.stdout.write("\n".join([_table(rounds), "", *_verdicts(rounds), "", files, ""]))
    return 0


def _round(number: int, options: argparse.Namespace) -> Round:
    """Each meets them in the other order than the one before."""
    parts = (_schemathesis, _in_process, _over_http, _two_jobs)
    found: Round = {}
    for part in parts[:: -1 if number % 2 else 1]:
        sys.stderr.write(f"round {number + 1} of {options.rounds}:{part.__name__.replace('_', ' ')}\n")
        found.update(part(options.profile, number))
    return {name: found[name] for name in sorted(found, key=_place)}


def _place(name: str) -> int:
    return [SCHEMATHESIS, IN_PROCESS, OVER_HTTP, TWO_JOBS].index(name.split(": ")[0])


def _schemathesis(profile: str, number: int) -> Iterator[tuple[str, Sent]]:
    """Its command line, with every check on, against a mock of its own; the seconds are those it says it took."""
    document, report = WORK / "companions.json", WORK / "schemathesis.json"
    document.write_text(json.dumps(load_spec()), "utf-8")
    examples, phases = TRIED[profile]
    mock = Kind(SCHEMATHESIS, (str(BIN / "immuta-mock"), "--port", "{port}", "--quiet"))
    with started(mock, PORT + number, document, WORK / "recorded.json") as server:
        command = [str(BIN / "schemathesis"), "run", str(document), "--url", server.url, "-H", f"Authorization: {KEY}"]
        command += [
            "--checks",
            "all",
            "--phases",
            phases,
            "-n",
            examples,
            "--seed",
            str(number),
            "--continue-on-failure",
        ]
        command += ["--report", "json", "--report-json-path", str(report)]
        cpu = _cpu_of(command, accepted=(0, 1))  # 1: it found something
        latest = requests.get(f"{server.url}/__mock__/journal?limit=1", timeout=10).json()
    yield SCHEMATHESIS, Sent(latest[0]["id"], json.loads(report.read_text("utf-8"))["running_time"], cpu)


def _in_process(profile: str, number: int) -> Iterator[tuple[str, Sent]]:
    return _layers(IN_PROCESS, profile, number, "--in-process")


def _over_http(profile: str, number: int) -> Iterator[tuple[str, Sent]]:
    return _layers(OVER_HTTP, profile, number)


def _layers(name: str, profile: str, number: int, *words: str) -> Iterator[tuple[str, Sent]]:
    """A run, and each of its layers."""
    command = [sys.executable, str(HERE / "layers.py"), "--profile", profile, "--seed", str(number), *words]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    found = {f"{name}: {each.pop('layer')}": Sent(**each) for each in said}
    layers = found.values()
    yield name, Sent(sum(e.requests for e in layers), sum(e.seconds for e in layers), sum(e.cpu for e in layers))
    yield from found.items()


def _two_jobs(profile: str, number: int) -> Iterator[tuple[str, Sent]]:
    """As it is typed; the seconds hold the start of both processes and the reports."""
    reports = WORK / "contract"
    shutil.rmtree(reports, ignore_errors=True)
    command = [str(BIN / "immuta-contract"), "run", "--target", "mock", "--jobs", "2", "--profile", profile]
    start = time.perf_counter()
    cpu = _cpu_of([*command, "--seed", str(number), "--reports", str(reports)], accepted=(0,))
    seconds = time.perf_counter() - start
    yield TWO_JOBS, Sent(json.loads((reports / "run.json").read_text("utf-8"))["requests"], seconds, cpu)


def _cpu_of(command: Sequence[str], *, accepted: Sequence[int]) -> float:
    """Run it to its end; the CPU seconds of it and all that it waited for."""
    environment = {name: value for name, value in os.environ.items() if name != "GITHUB_STEP_SUMMARY"}
    before = psutil.Process().cpu_times()
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    after = psutil.Process().cpu_times()
    if ended.returncode not in accepted:
        raise SystemExit(f"{command[0]} ended with {ended.returncode}: {(ended.stdout + ended.stderr)[-2000:]}")
    return float(after.children_user + after.children_system - before.children_user - before.children_system)


def _table(rounds: Sequence[Round]) -> str:
    """Medians; of the requests in a second the least and the most of all rounds, too."""
    lines = [f"{'':<34}{'requests':>9}{'seconds':>9}{'requests/s':>20}{'ms CPU/request':>16}"]
    for name in rounds[0]:
        sent = [each[name] for each in rounds]
        rates = sorted(each.per_second for each in sent)
        spread = f"{median(rates):,.0f} ({rates[0]:,.0f}-{rates[-1]:,.0f})"
        numbers = f"{median(each.requests for each in sent):>9.0f}{median(each.seconds for each in sent):>9.1f}"
        label = f"  {name.split(': ')[1]}" if ": " in name else name
        lines.append(f"{label:<34}{numbers}{spread:>20}{median(e.cpu / e.requests * 1000 for e in sent):>16.2f}")
    return "\n".join(lines)


def _verdicts(rounds: Sequence[Round]) -> list[str]:
    """The ratios beside their goals, round by round since what is compared was measured right after each other."""
    lines = []
    for name, goal in GOALS.items():
        ratio = median(each[name].per_second / each[SCHEMATHESIS].per_second for each in rounds)
        said = "reached" if ratio >= goal else "not reached"
        lines.append(f"requests/s of {name} / schemathesis: {ratio:.2f}   goal >= {goal:g} {said}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
