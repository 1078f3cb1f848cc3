"""The options of a run: a row each, with its place in the target file, its flag and its environment variable."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

CONFIG_VARIABLE = "IMMUTA_CONTRACT_CONFIG"


@dataclass(frozen=True)
class Option:
    """`at` is the dotted place in the target file, `names` those it can take; `local` is a path on this machine."""

    flag: str
    at: str
    help: str
    metavar: str | None = None
    names: tuple[str, ...] | None = None
    several: bool = False
    local: bool = False

    @property
    def variable(self) -> str:
        return "IMMUTA_CONTRACT_" + self.flag.replace("-", "_").upper()


OPTIONS = (
    Option("target", "url", "the tenant to judge; 'mock' is one started for the run (the default)", "URL"),
    Option("mode", "mode", "what may be written: nothing, what the run made, or anything on a mock of its own",
           names=("read", "own", "full")),
    Option("profile", "profile", "how much to try", names=("quick", "default", "thorough")),
    Option("seed", "seed", "repeat the run of that seed (default: a new one, printed)", "N"),
    Option("only", "only", "promises or operation ids, separated by commas", "NAMES"),
    Option("overlay", "overlay", "'strict' or an overlay file; may be given several times", "NAME",
           several=True, local=True),
    Option("gate", "gate", "evidence tags whose broken promises fail the run, or 'all'", "TAGS"),
    Option("deviations", "deviations", "known deviations", "FILE", local=True),
    Option("reports", "reports", "where the reports go (default: reports)", "DIR", local=True),
    Option("timeout", "limits.timeout", "for one answer (default: 30)", "SECONDS"),
    Option("requests-per-second", "limits.requests_per_second", "how fast requests follow each other", "N"),
    Option("concurrency", "limits.concurrency", "requests under way at a time: so many jobs or shards at most", "N"),
    Option("total-requests", "limits.total_requests", "after so many the run ends", "N"),
    Option("total-minutes", "limits.total_minutes", "after so long the run ends", "N"),
    Option("job-seconds", "limits.job_seconds", "how long jobs are waited for (default: 20)", "SECONDS"),
    Option("outage-seconds", "limits.outage_seconds", "how long a silent target is waited for (default: 60)",
           "SECONDS"),
    Option("ca-bundle", "transport.ca_bundle", "certificate authorities of the target, PEM", "FILE", local=True),
    Option("client-certificate", "transport.client_certificate", "certificate to show, PEM", "FILE", local=True),
    Option("client-key", "transport.client_key", "key of that certificate, PEM", "FILE", local=True),
    Option("proxy", "transport.proxy", "proxy to the target", "URL"),
)  # fmt: skip  # a table


def add_options(add: Callable[..., object], *, prefix: str = "") -> None:
    """Give each option to a parser: `add` takes the name of its flag and what `argparse` wants to know about it.

    One that is not given is None, so that the environment and the target file count.
    """
    file = f"target file (default: target.toml if there is one); ${CONFIG_VARIABLE}"
    add("config", dest=f"{prefix}config", metavar="FILE", help=file)
    for option in OPTIONS:
        shape = {"choices": option.names} if option.names else {"metavar": option.metavar}
        add(
            option.flag,
            dest=prefix + option.at,
            action="append" if option.several else "store",
            help=f"{option.help}; ${option.variable}",
            **shape,
        )


def words(given: Mapping[str, Any]) -> list[str]:
    """The command line that gives the same; see `given`."""
    flags = {"config": "config", **{option.at: option.flag for option in OPTIONS}}
    several = {at: value if isinstance(value, list) else [value] for at, value in given.items() if value is not None}
    return [f"--{flags[at]}={each}" for at, values in several.items() for each in values]


def given(parsed: argparse.Namespace, prefix: str = "") -> dict[str, Any]:
    """What the command line says, by the place of each option in the target file; None where it does not."""
    return {name: getattr(parsed, prefix + name) for name in ("config", *(option.at for option in OPTIONS))}
