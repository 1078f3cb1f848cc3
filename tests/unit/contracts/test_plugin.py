"""The contract as pytest tests takes its settings from the same places as the command."""

import os
import subprocess
import sys
from pathlib import Path

TARGET = """
url = "mock"
[connector.trino]
hostname = "h"
database = "d"
tables = ["t1"]
"""


def pytest_run(folder: Path, *options: str) -> str:
    """What pytest says of the properties about GET handler."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("IMMUTA_", "COVERAGE_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "--pyargs"]
    ended = subprocess.run(
        [*command, "immuta_contracts.properties.test_get", *options],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return ended.stdout + ended.stderr


def test_the_target_file_of_the_folder_counts(tmp_path: Path) -> None:
    (tmp_path / "target.toml").write_text(TARGET)
    said = pytest_run(tmp_path, "-k", "handlers_made_together_are_answered")
    assert "it needs 2 remote tables: list as many under `tables` in [connector.trino]" in said
    assert "1 skipped" in said


def test_options_have_the_word_contract_before_their_names(tmp_path: Path) -> None:
    said = pytest_run(tmp_path, "--contract-mode", "read", "-k", "handlers_made_together_are_answered")
    assert "kept back by the fence (mode read): in this mode no write is sent" in said
    assert "1 skipped" in said


def test_a_mistake_in_the_file_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "target.toml").write_text("timeot = 3\n")
    assert "immuta-contract: target.toml, line 1: a target file has no 'timeot'" in pytest_run(tmp_path)
