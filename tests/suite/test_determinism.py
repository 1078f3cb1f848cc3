"""The same seed and target state send the same requests, wherever and beside whatever the run runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import sending

SENDING = Path(sending.__file__)
BESIDE = "WORDS = ['a0', 'Z9', 'zz', '_', 'X', 'none of the run']\nNUMBERS = [3, 7, 11, 13, 17, 1434, 99999]\n"


def in_a_process(folder: Path, hash_seed: int, *modules: Path) -> dict[str, str]:
    """What a run in a process of its own sends, with these modules of the user's loaded."""
    command = [sys.executable, str(SENDING), *map(str, modules)]
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, check=True, timeout=300)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_two_runs_of_one_seed_send_the_same_requests() -> None:
    first, second = sending.sent(5), sending.sent(5)
    assert list(first) == list(second)
    for name, requests in first.items():
        assert [*requests] == second[name], name
    assert len({name.partition(":")[0] for name, requests in first.items() if requests}) == 4
    assert sending.digests(first) == sending.digests(second)


def test_two_processes_send_the_same_requests(tmp_path: Path) -> None:
    beside = tmp_path / "beside.py"
    beside.write_text(BESIDE, "utf-8")
    first, second = in_a_process(tmp_path, 1), in_a_process(tmp_path, 2, beside)
    assert first == second
    assert len(set(first.values())) > 100
