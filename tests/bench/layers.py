"""One whole contract run, layer by layer, in this process: prints what each layer took as JSON."""

import argparse
import json
import sys
import time
from contextlib import closing

from immuta_contracts.contract import Contract
from immuta_contracts.profiles import PROFILES
from immuta_contracts.run import LAYERS, plan
from immuta_contracts.settings import Settings
from immuta_contracts.target import target_of


def main() -> int:
    """Print a list of layers with their requests, and the seconds and CPU seconds of this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=PROFILES, default="default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--in-process", action="store_true")
    options = parser.parse_args()
    settings = Settings()
    with closing(target_of(settings, in_process=options.in_process)) as target:
        contract = Contract(target, profile=PROFILES[options.profile], seed=options.seed, settings=settings)
        planned = plan(contract)
        measured = []
        for layer in LAYERS:
            before = contract.client.sent, time.perf_counter(), time.process_time()
            verdicts = {contract.judge(check, subject).verdict for check, subject in planned if check.layer == layer}
            if verdicts != {"kept"}:
                raise SystemExit(f"{layer}: a mock without defects is judged {sorted(verdicts)}")
            after = contract.client.sent, time.perf_counter(), time.process_time()
            spent = dict(
                zip(("requests", "seconds", "cpu"), (b - a for a, b in zip(before, after, strict=True)), strict=True)
            )
            measured.append({"layer": layer, **spent})
        contract.finish()
    json.dump(measured, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
