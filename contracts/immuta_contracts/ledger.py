"""The ledger of a run on disk: what it is about to make, so that a killed run can be cleaned up after."""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from immuta_contracts.errors import CannotRun

FOLDER = Path(".immuta-contract")


class BadLedger(CannotRun):
    """A file is not the ledger of a run; the text says why."""


class Ledger:
    """An open ledger; each line is with the system before the call returns, so that it outlasts a killed run."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def begin(cls, folder: Path, run: str, target: str) -> Self:
        """A new ledger. Raises `FileExistsError` when a run of that name has one: it goes on, or was killed."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{run}.jsonl"
        ledger = cls(path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600))
        fcntl.flock(ledger._descriptor, fcntl.LOCK_EX)
        ledger._write({"run": run, "target": target})
        return ledger

    def intend(self, name: str) -> None:
        """A data source of that name may exist from now on."""
        self._write({"intend": name})

    def gone(self, name: str) -> None:
        """No data source of that name exists any more."""
        self._write({"gone": name})

    def close(self, *, remove: bool) -> None:
        """End it; `remove` when nothing of the run is left."""
        os.close(self._descriptor)
        if remove:
            self.path.unlink()

    def _write(self, entry: dict[str, str]) -> None:
        """Whole or not at all: behind half a line the next one could not be read. Raises `CannotRun`."""
        line, size = (json.dumps(entry) + "\n").encode(), os.fstat(self._descriptor).st_size
        try:
            written = os.write(self._descriptor, line)
        except OSError as error:
            raise CannotRun(f"{self.path} cannot be written, so nothing more is made: {error.strerror}") from error
        if written < len(line):
            os.ftruncate(self._descriptor, size)
            raise CannotRun(f"{self.path} cannot be written, so nothing more is made: no space is left for it")


@dataclass(frozen=True)
class Account:
    """What a ledger tells: whose run on which target, and the names that may still exist, oldest first."""

    run: str
    target: str
    names: tuple[str, ...]


def is_blank(path: Path) -> bool:
    """Whether its run was killed before it wrote whose it is, and so before it made anything."""
    return path.exists() and b"\n" not in path.read_bytes() and not in_use(path)


def in_use(path: Path) -> bool:
    """Whether the run of a ledger still goes on: it holds a lock until it ends, however it ends."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def read(path: Path) -> Account:
    """The account of a ledger. Raises `BadLedger`."""
    try:
        first, *entries = _entries(path)
        return Account(first["run"], first["target"], tuple(_standing(entries)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadLedger(f"{path} is not the ledger of a run: {error}") from error


def _standing(entries: Iterable[Mapping[str, str]]) -> dict[str, None]:
    """The names that may still exist, as keys, oldest first."""
    names: dict[str, None] = {}
    for entry in entries:
        if "intend" in entry:
            names[entry["intend"]] = None
        else:
            names.pop(entry["gone"], None)
    return names


def _entries(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a ledger; the last one may be cut off, and then nothing was sent for it."""
    lines = path.read_text("utf-8").split("\n")
    for line in lines[:-1]:
        yield json.loads(line)
