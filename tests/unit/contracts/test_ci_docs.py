"""The jobs of docs/ci.md are as this version understands them: their YAML, their commands and the files they name."""

import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from immuta_contracts import run
from immuta_contracts.cli import parser
from immuta_contracts.contract import Contract
from immuta_contracts.reports.files import write_all
from immuta_contracts.target import KEY_VARIABLES, InProcessMock

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "ci.md").read_text("utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
NEEDY = ("accept", "merge")  # what these are to read is left out in the text


def scripts(node: Any) -> Iterator[str]:
    """Every shell script of a workflow or pipeline."""
    if isinstance(node, dict):
        for name, each in node.items():
            if name == "run" and isinstance(each, str):
                yield each
            elif name in ("script", "before_script", "after_script"):
                yield from each
            else:
                yield from scripts(each)
    if isinstance(node, list):
        for each in node:
            yield from scripts(each)


def commands(script: str) -> Iterator[list[str]]:
    """The words of each command of this kit in a script, with 1 for whatever is filled in."""
    filled = re.sub(r"\$\{\{.*?\}\}|\$\w+", "1", script)
    lexer = shlex.shlex(filled, posix=True, punctuation_chars="|&;()")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if set(word) <= set("|&;()"):
            yield from [words] if words[:1] == ["immuta-contract"] else []
            words = []
        else:
            words.append(word)


def test_every_yaml_of_the_page_is_one() -> None:
    parsed = [yaml.safe_load(block) for block in BLOCKS]
    assert [set(each) & {"jobs", "stages"} for each in parsed] == [{"jobs"}, {"jobs"}, {"stages"}]


@pytest.mark.parametrize("block", BLOCKS)
def test_every_command_exists_with_these_options(block: str) -> None:
    found = [words for script in scripts(yaml.safe_load(block)) for words in commands(script)]
    assert len(found) == block.count("immuta-contract run ") + len(re.findall("immuta-contract (merge|clean)", block))
    for words in found:
        parser().parse_args(words[1:])


def test_every_command_and_make_target_in_the_text_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    prose = re.findall(r"`(immuta-contract|make) ([a-z-]+)(.*?)`", TEXT)
    assert len(prose) > 5
    for command, word, rest in prose:
        if command == "make":
            assert re.search(rf"^{word}:", makefile, re.MULTILINE), word
            assert all(f"$({option})" in makefile for option in re.findall("([A-Z]+)=", rest)), rest
        else:
            left_out = ["run.json"] if word in NEEDY and not rest else []
            parser().parse_args([word, *rest.split(), *left_out])


def test_every_variable_is_known() -> None:
    keys = set(re.findall(r"\bIMMUTA_API_KEY\w*", TEXT))
    assert keys <= set(KEY_VARIABLES.values())


def test_the_files_named_are_those_that_a_run_writes(tmp_path: Path) -> None:
    target = InProcessMock()
    contract = Contract(target, seed=1)
    write_all(run.document(contract, run.run(contract, [], io.StringIO())), tmp_path)
    target.close()
    named = set(re.findall(r"\b[a-z]+\.(?:json|html|md|xml|har)\b", TEXT))
    assert named == {path.name for path in tmp_path.iterdir()}


def test_the_page_is_linked_from_the_readme() -> None:
    assert "(docs/ci.md)" in (ROOT / "README.md").read_text("utf-8")
