"""The command `immuta-mock ctl`: every operation of the control API, its options taken from the document."""

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from immuta_mock.checks import Checks
from immuta_mock.control.access import KEY_VARIABLE
from immuta_mock.control.client import Control, ControlError, Unanswered
from immuta_mock.control.document import control_checks, control_document
from immuta_mock.documents import SpecError, read_document

URL_VARIABLE = "IMMUTA_MOCK_URL"
LOOK_EVERY = 0.1


class _Parser(argparse.ArgumentParser):
    """One that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def run(arguments: Sequence[str]) -> int:
    """Print the answer as JSON; 1 when the mock refuses or a verification fails, 2 when it cannot be asked."""
    options = vars(_parser().parse_args(arguments))
    checks = control_checks()[options["operation_id"]]
    try:
        body = _body(checks, options)
        names = [*checks.path_names, *(p.name for p in checks.parameters if p.place == "query")]
        with Control(options["url"], tenant=options["about"], key=os.environ.get(KEY_VARIABLE)) as control:
            _wait(control, options["wait"])
            if checks.operation_id == "followJournal":
                return _follow(control)
            answer = control.call(checks.operation_id, body, **{name: options[name] for name in names})
    except SpecError as error:
        sys.stderr.write(f"immuta-mock ctl: {error}\n")
        return 2
    except ControlError as error:
        sys.stderr.write(f"immuta-mock ctl: {error}\n")
        return 1
    sys.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
    return 1 if checks.operation_id == "verifyJournal" and not answer["ok"] else 0


def _wait(control: Control, seconds: float) -> None:
    """Until the mock answers, for so long at most."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(Unanswered):
            control.health()
            return
        time.sleep(LOOK_EVERY)


def _follow(control: Control) -> int:
    """Print each entry as a line of JSON until the mock ends or the user has seen enough."""
    with suppress(KeyboardInterrupt):
        for entry in control.follow():
            sys.stdout.write(json.dumps(entry, ensure_ascii=False) + "\n")
            sys.stdout.flush()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="immuta-mock ctl", description="Steers a mock that runs.", allow_abbrev=False)
    url = os.environ.get(URL_VARIABLE) or "http://127.0.0.1:8080"
    parser.add_argument("--url", default=url, help=f"where the mock listens ({url}; {URL_VARIABLE} sets it too)")
    parser.add_argument("--tenant", dest="about", metavar="NAME", help="which tenant it is about (the default one)")
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="so long for a mock that starts")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for checks in control_checks().values():
        summary = control_document()["paths"][checks.path][checks.method.lower()]["summary"]
        command = commands.add_parser(_kebab(checks.operation_id), help=summary, description=summary)
        command.set_defaults(operation_id=checks.operation_id)
        for parameter in checks.parameters:
            if parameter.place == "path":
                command.add_argument(parameter.name)
            else:
                command.add_argument(f"--{_kebab(parameter.name)}", dest=parameter.name, help=parameter.item.expected)
        if checks.bodies:
            command.add_argument(
                "fields", nargs="*", metavar="FIELD=VALUE", help="fields of the body; VALUE may be JSON"
            )
            command.add_argument(
                "--file", type=Path, metavar="FILE", help="the body as YAML or JSON, instead of fields"
            )
    return parser


def _body(checks: Checks, options: dict[str, Any]) -> Any:
    """The body out of a file or of fields; a value that reads as JSON is that value, any other a text."""
    if not checks.bodies:
        return None
    if options["file"] is not None:
        return read_document(options["file"])
    if checks.body_required and not options["fields"]:
        raise SpecError(f"{_kebab(checks.operation_id)} needs a body; write FIELD=VALUE, or name a file with --file")
    return dict(_field(text) for text in options["fields"])


def _field(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise SpecError(f"{text!r} is no field of a body; write FIELD=VALUE, or name a file with --file")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _kebab(name: str) -> str:
    return re.sub("[A-Z]", lambda capital: f"-{capital[0].lower()}", name)
