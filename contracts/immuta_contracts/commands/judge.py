"""`immuta-contract run`: judges a mock or a tenant and writes the reports."""

import argparse
import secrets
import sys
from contextlib import closing
from dataclasses import replace

from immuta_contracts import jobs, options, run
from immuta_contracts.commands import CannotRun, check_keys, need_owner
from immuta_contracts.commands.closing import close
from immuta_contracts.contract import Contract
from immuta_contracts.deviations import DEFAULT_FILE, read
from immuta_contracts.gates import Gate
from immuta_contracts.profiles import PROFILES
from immuta_contracts.resolving import resolve
from immuta_contracts.settings import Settings
from immuta_contracts.shards import WHOLE, Shard
from immuta_contracts.spec import Routes
from immuta_contracts.target import Target, document, target_of

HELP = "judge a mock or a tenant, promise by promise (the default command)"
MOST_JOBS = 64


def add_options(parser: argparse.ArgumentParser) -> None:
    options.add_options(lambda flag, **about: parser.add_argument(f"--{flag}", **about))
    parser.add_argument("--in-process", action="store_true", help="judge a mock inside this process, without sockets")
    parser.add_argument("--shard", metavar="I/N", default="1/1", help="try only the i-th of n parts of the run")
    parser.add_argument("--jobs", metavar="N", type=_number, default=1, help="divide the run among n processes")


def execute(given: argparse.Namespace) -> int:
    """0: nothing broken that gates; 1: a gating promise is broken; 130: interrupted. Raises `CannotRun`."""
    asked = options.given(given) | ({"url": "mock"} if given.in_process else {})
    settings, shard = resolve(asked).settings, Shard.parse(given.shard)
    need_owner(settings)
    settings = _seeded(settings, shard)
    if given.jobs > 1:
        _check_jobs(given, settings)
        words = options.words({**asked, "seed": settings.seed, "reports": None}) + ["--in-process"] * given.in_process
        return close(jobs.judged(given.jobs, words, sys.stderr), settings.reports, _scope(settings))
    with closing(target_of(settings, in_process=given.in_process)) as target:
        return _run(target, settings, shard)


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes: give one from 1 to {MOST_JOBS}")
    return int(text)


def _seeded(settings: Settings, shard: Shard) -> Settings:
    if settings.seed is None and shard != WHOLE:
        raise CannotRun("the shards of a run need the same seed: give one to all of them, with --seed")
    return settings if settings.seed is not None else replace(settings, seed=secrets.randbelow(10**6))


def _check_jobs(given: argparse.Namespace, settings: Settings) -> None:
    """Whether the target can be judged by so many processes at a time."""
    number = given.jobs
    if given.shard != str(WHOLE):
        raise CannotRun(f"--jobs {number} divides a run into shards itself: leave out --jobs, or --shard {given.shard}")
    if settings.url is not None and settings.fence == "full":
        raise CannotRun("in mode full a run has its mock to itself: with --jobs take --mode own, or leave out --target")
    Shard(1, number).share(settings.limits)


def _run(target: Target, settings: Settings, shard: Shard) -> int:
    profile, spec = PROFILES[settings.profile], document(settings.overlay)
    gate = _gate(settings, Routes(spec))
    contract = Contract(target, profile=profile, seed=settings.seed or 0, spec=spec, settings=settings, shard=shard)
    check_keys(contract.client)
    planned = run.part(contract, run.plan(contract, settings.only))
    contract.begin()
    result = run.run(contract, planned, sys.stderr, gate=gate)
    return close(run.document(contract, result), settings.reports, _scope(settings))


def _gate(settings: Settings, routes: Routes) -> Gate:
    """What fails the run, and the deviations that are known of the tenant."""
    path = settings.deviations
    if path is None and settings.url is not None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    return Gate(frozenset(settings.gating), read(path, routes) if path else ())


def _scope(settings: Settings) -> str:
    return f"in scope: {', '.join(settings.connector)}, as the target file says\n" if settings.connector else ""
