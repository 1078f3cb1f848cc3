"""What the README shows runs: its Python, its commands against a mock, its files; its make lines name what is there."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from immuta_contracts import cli, deviations
from immuta_contracts.spec import Routes
from immuta_contracts.target import MockProcess, document
from immuta_mock.users import load_users

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
BIN = Path(sys.executable).parent
PATIENCE = 60


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    assert found, language
    return found


def commands(*beginnings: str) -> list[str]:
    """The commands of the consoles that begin so, after variables that are set for them, in the order of the text."""
    lines = re.findall(r"^\$ (.*)$", "".join(blocks("console")), re.MULTILINE)
    return [line for line in lines if re.sub(r"^([A-Z_]+=\S+ )*", "", line).startswith(beginnings)]


TESTS = [block for block in blocks("python") if "test_" in block]
SCRIPTS = [block for block in blocks("python") if "test_" not in block]
MAKES = commands("make ")
CALLS = commands(".venv/bin/immuta-mock ctl ", "curl ")


@pytest.mark.parametrize("block", TESTS)
def test_every_test_passes(block: str, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(block)

    pytester.runpytest_inprocess("-W", "error").assert_outcomes(passed=block.count("def test_"))


@pytest.mark.parametrize("block", SCRIPTS)
def test_every_script_runs(block: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(block, "utf-8")

    done = subprocess.run(
        [sys.executable, "-W", "error", script], capture_output=True, text=True, timeout=PATIENCE, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def mock() -> Iterator[MockProcess]:
    """The mock that the README says runs in another terminal."""
    process = MockProcess()
    yield process
    process.close()


def test_every_command_to_a_mock_succeeds_in_the_order_given(mock: MockProcess, tmp_path: Path) -> None:
    control = f"{shlex.quote(str(BIN / 'immuta-mock'))} ctl --url {mock.base_url}"
    for line in CALLS:
        run = line.replace(".venv/bin/immuta-mock ctl", control)
        run = run.replace("http://127.0.0.1:8080", mock.base_url)
        done = subprocess.run(
            ["bash", "-c", run], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("line", MAKES)
def test_every_make_line_names_a_target_and_its_options(line: str) -> None:
    words = [word for word in shlex.split(line, comments=True) if word != "make"]
    target = next(word for word in words if "=" not in word)
    options = [word.partition("=")[0] for word in words[words.index(target) + 1 :]]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}

    done = subprocess.run(
        ["make", "--dry-run", *words], cwd=ROOT, env=environment, capture_output=True, timeout=PATIENCE, check=False
    )

    assert (done.returncode, [name for name in options if f"$({name})" not in MAKEFILE]) == (0, []), done.stderr


@pytest.mark.parametrize("block", blocks("toml"))
def test_every_file_can_be_read(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file.toml"
    file.write_text(block, "utf-8")

    if "[[user]]" in block:
        assert len(load_users(file)) == block.count("[[user]]")
    elif "[[deviation]]" in block:
        assert len(deviations.read(file, Routes(document()))) == block.count("[[deviation]]")
    else:
        monkeypatch.setenv("SNOWFLAKE_PASSWORD", "local-only")
        assert (cli.main(["config", "--config", str(file)]), capsys.readouterr().err) == (0, "")
