"""The archive file: an HTTP archive (HAR 1.2) that is whole after every exchange."""

import json
import os
from pathlib import Path
from typing import Any

from immuta_mock.documents import SpecError
from immuta_mock.journal.har import creator

END = b"\n]}}\n"


class ArchiveFile:
    """A file that exchanges are added to; one that this proxy wrote before is continued, no other is touched."""

    def __init__(self, path: str | Path) -> None:
        """Raises SpecError for a path that cannot be written to, and for a file that something else wrote."""
        self.path = Path(path)
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            self.before = _entries_of(self.path)
        except OSError as error:
            raise SpecError(f"--har {path} cannot be written: {error.strerror}; name another file") from None
        if not self.path.stat().st_size:
            self._write(0, _beginning() + END)
        self._is_empty = not self.before

    def append(self, entry: dict[str, Any]) -> None:
        """Add an exchange, over the end of the file and with a new end, in one write."""
        separator = b"\n" if self._is_empty else b",\n"
        encoded = json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace")
        self._write(os.fstat(self._file).st_size - len(END), separator + encoded + END)
        self._is_empty = False

    def close(self) -> None:
        """Give the file up."""
        os.close(self._file)

    def _write(self, position: int, data: bytes) -> None:
        os.lseek(self._file, position, os.SEEK_SET)
        while data:
            data = data[os.write(self._file, data) :]


def _beginning() -> bytes:
    log = json.dumps({"log": {"version": "1.2", "creator": creator(), "entries": []}})
    return log.removesuffix("]}}").encode()


def _entries_of(path: Path) -> int:
    """How many exchanges a file of ours holds. Raises SpecError for any other that is not empty."""
    raw = path.read_bytes()
    if not raw:
        return 0
    try:
        found = json.loads(raw)["log"]
        entries, wrote = found["entries"], found["creator"]["name"]
    except (ValueError, RecursionError, LookupError, TypeError):
        entries, wrote = None, None
    if wrote != creator()["name"] or not isinstance(entries, list) or not raw.endswith(END):
        raise SpecError(f"--har {path} is there and no archive of this proxy; name another file, or move it away")
    return len(entries)
