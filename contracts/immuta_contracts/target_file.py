"""Reads the target file: what is in it, and on which line."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from immuta_contracts.errors import CannotRun

DEFAULT_FILE = Path("target.toml")
HEADER = re.compile(r"\s*\[([^\[\]]+)\]")
ENTRY = re.compile(r"\s*([\w.\"'-]+?)\s*=")


class BadSettings(CannotRun):
    """The settings cannot be used; the message is one line and holds no secret."""


@dataclass(frozen=True)
class TargetFile:
    """`values` is the document, `lines` the line of each dotted name in it."""

    path: Path
    values: dict[str, Any] = field(repr=False)
    lines: dict[str, int] = field(repr=False)

    def where(self, name: str) -> str:
        """The file and, as far as it is known, the line of a name or else of the table around it."""
        while name and name not in self.lines:
            name = name.rpartition(".")[0]
        return f"{self.path}, line {self.lines[name]}" if name else str(self.path)


def read(path: Path) -> TargetFile:
    """Raises `BadSettings` when it cannot be read or is no TOML."""
    try:
        text = path.read_text(encoding="utf-8")
        return TargetFile(path, tomllib.loads(text), _lines(text))
    except OSError as error:
        raise BadSettings(
            f"{path} cannot be read: {error.strerror}; `immuta-contract init` writes a target file"
        ) from None
    except UnicodeDecodeError:
        raise BadSettings(f"{path} is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{path} is not valid TOML: {error}") from None


def _lines(text: str) -> dict[str, int]:
    """Where each entry and each table begins; the TOML reader does not tell."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := HEADER.match(line):
            table = _bare(header[1])
            lines.setdefault(table, number)
        elif entry := ENTRY.match(line):
            lines.setdefault(f"{table}.{_bare(entry[1])}".lstrip("."), number)
    return lines


def _bare(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
