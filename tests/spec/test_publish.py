"""`immuta-mock spec`: what it writes is the document that was asked for, and always the same."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from immuta_mock.cli import main
from immuta_mock.documents import SpecError, read_document
from immuta_mock.publish import inlined
from immuta_mock.spec import load_spec
from immuta_mock.spec_check import documents_are_valid, load_subject

Document = dict[str, Any]


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize(
    ("options", "document"),
    [
        ([], load_spec(companion=False)),
        (["--with-companion"], load_spec()),
        (["--overlay", "strict"], load_spec(["strict"], companion=False)),
        (["--overlay", "strict", "--with-companion", "--resolve"], inlined(load_spec(["strict"]))),
    ],
)
def test_what_is_written_reads_as_the_document_asked_for(
    form: str, options: list[str], document: Document, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["spec", "--format", form, *options])

    written = tmp_path / "document"
    written.write_text(capsys.readouterr().out, encoding="ascii")
    assert (status, read_document(written)) == (0, document)


def test_yaml_is_the_form_unless_another_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    main(["spec"])

    assert capsys.readouterr().out.startswith("openapi: 3.0.3\ninfo:\n  title: ")


@pytest.mark.parametrize(
    "options",
    [
        ["--format", "json"],
        ["--format", "yaml", "--with-companion", "--overlay", "strict"],
        ["--format", "yaml", "--with-companion", "--resolve"],
    ],
)
def test_every_process_writes_the_same_bytes(options: list[str]) -> None:
    command = [sys.executable, "-m", "immuta_mock", "spec", *options]
    written = [
        subprocess.run(command, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, timeout=60).stdout
        for seed in ("1", "2")
    ]

    assert written[0] == written[1]
    assert len(written[0]) > 100_000


def test_a_resolved_document_has_no_reference_left_and_is_valid() -> None:
    resolved = inlined(load_spec())

    assert list(references(resolved)) == []
    assert list(resolved["components"]) == ["securitySchemes"]
    assert list(documents_are_valid(replace(load_subject(), merged=resolved))) == []


def test_a_schema_that_refers_to_itself_cannot_be_resolved() -> None:
    node = {"properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    document = {
        "x": {"$ref": "#/components/schemas/Node"},
        "components": {"securitySchemes": {}, "schemas": {"Node": node}},
    }

    with pytest.raises(SpecError, match=r"^#/components/schemas/Node: refers to itself, .*; leave out --resolve\.$"):
        inlined(document)


def test_an_overlay_that_is_not_there_ends_with_2_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["spec", "--overlay", "nowhere.yaml"])

    shown = capsys.readouterr()
    assert (status, shown.out) == (2, "")
    assert shown.err == "immuta-mock spec: nowhere.yaml: cannot be read (No such file or directory); check the path.\n"


def test_an_unknown_option_ends_with_2_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["spec", "--format", "xml"])

    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "immuta-mock spec: argument --format: invalid choice: 'xml' (choose from 'yaml', 'json');"
        " see immuta-mock spec --help\n"
    )


def test_a_reader_that_goes_away_is_no_failure() -> None:
    command = [sys.executable, "-m", "immuta_mock", "spec"]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.close()

    _, errors = writer.communicate(timeout=60)

    assert (writer.returncode, errors) == (0, b"")
