"""`make bench-scale`: what a request costs in tenants of ever more data sources, over HTTP."""

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from statistics import median, quantiles

from scale_plot import draw
from servers import Kind, Running, started
from sizes import HEADERS, Request, bulk, requests_on, write_seed

WORK = Path("build/bench")
PORT = 18_900
MOST_IN_BULK = 10_000
WARM = 50


@dataclass
class Cost:
    """Milliseconds a request took its client, and the CPU it took the server."""

    p50: float
    p99: float
    longest: float
    cpu: float


@dataclass
class Size:
    """What was seen of a tenant of so many data sources."""

    data_sources: int
    start_seconds: float
    start_cpu_seconds: float
    peak_megabytes: float = 0
    costs: dict[str, Cost] = field(default_factory=dict)
    bulk_milliseconds: float = 0
    beside_bulk: Cost | None = None
    """A get, sent one after the other while the bulk update ran."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table, write `scale.json` and `scale.png`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100,1000,10000,100000", help="numbers of data sources, with commas")
    parser.add_argument("--requests", type=int, default=400, help="of each kind that count")
    parser.add_argument("--out", type=Path, default=Path("reports/bench"))
    options = parser.parse_args(argv)
    WORK.mkdir(parents=True, exist_ok=True)
    sizes = []
    for place, number in enumerate(int(text) for text in options.sizes.split(",")):
        sys.stderr.write(f"{number} data sources\n")
        sizes.append(_measured(number, PORT + place, options.requests))
    options.out.mkdir(parents=True, exist_ok=True)
    options.out.joinpath("scale.json").write_text(
        json.dumps([asdict(size) for size in sizes], indent=1) + "\n", "utf-8"
    )
    draw(sizes, options.out / "scale.png")
    sys.stdout.write(f"{_table(sizes)}\n\nwritten: {options.out}/scale.json, {options.out}/scale.png\n")
    return 0


def _measured(number: int, port: int, requests: int) -> Size:
    seed = WORK / f"seed-{number}.json"
    if not seed.exists():
        write_seed(seed, number)
    command = (
        str(Path(sys.executable).parent / "immuta-mock"),
        "--port",
        "{port}",
        "--quiet",
        "--seed-file",
        str(seed),
    )
    with started(Kind("scale", command), port, seed, WORK / "recorded.json", patience=300) as server:
        size = Size(number, server.seconds, server.cpu())
        for name, asked in requests_on(number).items():
            _sent(server, port, islice(asked, WARM))
            size.costs[name] = _sent(server, port, islice(asked, requests))
        _bulk_updated(size, server, port)
        size.peak_megabytes = server.peak()
    return size


def _sent(server: Running, port: int, asked: Iterable[Request], end: threading.Event | None = None) -> Cost:
    """Send one after the other, until an event at the latest."""
    connection, taken = HTTPConnection("127.0.0.1", port, timeout=60), []
    before = server.cpu()
    for request in asked:
        taken.append(_taken(connection, request))
        if end is not None and end.is_set():
            break
    spent = server.cpu() - before
    connection.close()
    p99 = quantiles(taken, n=100)[98] if len(taken) > 1 else taken[0]
    return Cost(median(taken), p99, max(taken), spent / len(taken) * 1000)


def _taken(connection: HTTPConnection, request: Request) -> float:
    raw, start = request.raw(), time.perf_counter()
    connection.request(request.method, request.path, raw, HEADERS)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{request.method} {request.path} was answered {answer.status}: {text[:300].decode()}")
    return (time.perf_counter() - start) * 1000


def _bulk_updated(size: Size, server: Running, port: int) -> None:
    """The slowest of three, and what waited longest beside any of them."""
    for database in ("ONE", "TWO", "THREE"):
        end, seen = threading.Event(), []
        reads = requests_on(size.data_sources)["get"]
        beside = threading.Thread(target=lambda: seen.append(_sent(server, port, reads, end)))  # noqa: B023  # it ends with the round
        beside.start()
        time.sleep(0.2)
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        taken = _taken(connection, bulk(min(MOST_IN_BULK, size.data_sources), database))
        end.set()
        beside.join()
        connection.close()
        size.bulk_milliseconds = max(size.bulk_milliseconds, taken)
        if size.beside_bulk is None or seen[0].longest > size.beside_bulk.longest:
            size.beside_bulk = seen[0]


def _table(sizes: Sequence[Size]) -> str:
    """Rows of what was asked; CPU and the ratio to the smallest, then p50 and p99."""
    first = sizes[0]
    head = "".join(f"{size.data_sources:>34,}" for size in sizes)
    rows = [f"{'data sources':32}{head}", f"{'':32}" + f"{'CPU':>10}{'ratio':>6}{'p50':>9}{'p99':>9}" * len(sizes)]
    for name, base in first.costs.items():
        cells = [(size.costs[name], size.costs[name].cpu / base.cpu) for size in sizes]
        rows.append(f"{name:32}" + "".join(f"{c.cpu:10.2f}{ratio:6.2f}{c.p50:9.2f}{c.p99:9.2f}" for c, ratio in cells))
    rest = {
        "start, s": [size.start_seconds for size in sizes],
        "start, s of CPU": [size.start_cpu_seconds for size in sizes],
        "peak memory, MB": [size.peak_megabytes for size in sizes],
        f"bulk update of {MOST_IN_BULK:,} at most": [size.bulk_milliseconds for size in sizes],
        "longest get beside it": [size.beside_bulk.longest if size.beside_bulk else 0 for size in sizes],
    }
    rows += [f"{label:32}" + "".join(f"{value:34.2f}" for value in values) for label, values in rest.items()]
    return "\n".join([*rows, "", "CPU of the server, p50 and p99 of its client, milliseconds for one request"])


if __name__ == "__main__":
    sys.exit(main())
