"""The samples of the pages work as they stand: commands beside a mock, programs under pytest, make targets by name."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from immuta_mock import create_app
from site_pages import filled
from tenant import tenant

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)", re.MULTILINE)
INSTALLS_AND_GENERATES = 12  # two commands for each client, which `make codegen` runs
PATIENCE = 60
PAGES = {
    "README.md": (ROOT / "README.md").read_text("utf-8"),
    "mock.md": (ROOT / "docs" / "mock.md").read_text("utf-8"),
    **{name: filled(name) for name in ("api.md", "codegen.md", "fidelity.md")},
}


def blocks(name: str, language: str) -> list[str]:
    """The samples of a page in one language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGES[name], re.DOTALL | re.MULTILINE)


def commands(name: str) -> list[str]:
    """The commands of a page, in their order."""
    return [found for block in blocks(name, "console") for found in COMMAND.findall(block)]


def made(command: str) -> list[str]:
    """The words after `make`, if that is what the command runs."""
    words = shlex.split(command, comments=True)
    return words[words.index("make") + 1 :] if "make" in words else []


def runnable(name: str) -> list[str]:
    """What needs nothing but a mock: commands of this kit's mock, and calls of it."""
    return [each for each in commands(name) if re.match(r"(\.venv/bin/)?immuta-mock |curl ", each)]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with tenant(tmp_path_factory.mktemp("mock") / "log") as mock:
        yield mock.url


def shell(script: str, url: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run one command, with the mock where it is, and the commands of this environment first in the path."""
    here = script.replace(".venv/bin/", "").replace("immuta-mock ctl ", f"immuta-mock ctl --url {url} ")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return subprocess.run(
        ["bash", "-c", here.replace("http://127.0.0.1:8080", url)],
        cwd=directory,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize("name", ["README.md", "mock.md", "fidelity.md", "codegen.md"])
def test_the_commands_of_a_page_succeed_one_after_another(name: str, url: str, tmp_path: Path) -> None:
    for sample in blocks(name, "yaml")[:1]:
        (tmp_path / "ours.yaml").write_text(sample)

    ended = {command: shell(command, url, tmp_path) for command in runnable(name)}

    assert ended
    assert {command: done.stderr for command, done in ended.items() if done.returncode} == {}
    assert [command for command, done in ended.items() if ">" not in command and not done.stdout] == []


def test_no_command_is_left_untried() -> None:
    untried = [each for name in PAGES for each in commands(name) if not made(each) and each not in runnable(name)]

    assert len(untried) == INSTALLS_AND_GENERATES


@pytest.mark.parametrize("name", PAGES)
def test_make_has_the_targets_and_takes_the_variables_of_a_page(name: str) -> None:
    for target, *values in filter(None, map(made, commands(name))):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target
        assert [value for value in values if f"$({value.partition('=')[0]})" not in MAKEFILE] == []


def test_the_tests_of_the_guide_pass(tmp_path: Path) -> None:
    (tmp_path / "test_client.py").write_text(blocks("mock.md", "python")[0])

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout


def test_the_program_of_the_guide_runs() -> None:
    program = blocks("mock.md", "python")[1]

    subprocess.run([sys.executable, "-c", program], check=True, timeout=PATIENCE)


def test_the_mock_takes_the_overlay_of_the_page_on_fidelity(tmp_path: Path) -> None:
    (sample,) = blocks("fidelity.md", "yaml")
    (tmp_path / "ours.yaml").write_text(sample)

    create_app(overlays=[tmp_path / "ours.yaml"])
