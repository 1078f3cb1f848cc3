"""Opens a state file for this process alone: makes one where there is none, and leaves alone what is not one.

A write-ahead log stands beside the file until it is closed, or when its process was killed, until the next start.
"""

import os
import sqlite3
import tempfile
import zlib
from contextlib import closing, suppress
from pathlib import Path

from immuta_mock.store.keeping import CannotKeep

APPLICATION = 0x496D4D6B
"""What SQLite's `application_id` is in our files."""

VERSION = 1
"""What SQLite's `user_version` is in files whose records are what `immuta_mock.store.keeping` reads now."""

TABLE = """CREATE TABLE record (
  number INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  text TEXT NOT NULL,
  checksum INTEGER NOT NULL,
  UNIQUE (tenant, kind, key)
)"""

SCHEMA = f"""
BEGIN;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
{TABLE};
COMMIT;
PRAGMA journal_mode = WAL;
"""

HEADER = 100
"""How many bytes an SQLite file has at least; SQLite takes a shorter one for one that is still to be made."""

ALONE = "it is left as it is; name another file"


def opened(path: Path) -> sqlite3.Connection:
    """A connection to the state file at a path, which nobody else can open meanwhile. Raises CannotKeep."""
    path = path.resolve()  # SQLite has its log beside what a link leads to
    try:
        if not path.exists():
            _make(path)
        if not path.is_file():
            raise CannotKeep("is no file; name another one")
        _check(path)
        return _taken(path)
    except OSError as error:
        raise CannotKeep(f"cannot be made: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CannotKeep(_damaged(str(error))) from None
    except sqlite3.DatabaseError as error:
        raise CannotKeep(_told(error)) from None


def checksum(*parts: str) -> int:
    """What tells that a record is as it was written."""
    return zlib.crc32("\0".join(parts).encode())


def _make(path: Path) -> None:
    """An empty state file, there all at once, never in place of another, and for its owner's eyes: it holds keys."""
    if (log := _log(path)).exists():
        raise CannotKeep(f"is not there, but its log {log.name} is; bring the one back, or move the other away")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    made = Path(name)
    try:
        with closing(_connected(made, "mode=rw")) as file:
            file.executescript(SCHEMA)
        with suppress(FileExistsError):
            path.hardlink_to(made)
    finally:
        made.unlink()


def _check(path: Path) -> None:
    """Read what is there without writing to it: not even to bring a log home, as a connection that may write does."""
    if path.stat().st_size < HEADER:
        raise CannotKeep(f"is no SQLite database; {ALONE}")
    with closing(_connected(path, "mode=ro&immutable=1")) as file:
        if _pragma(file, "application_id") != APPLICATION:
            raise CannotKeep(f"is an SQLite database of something else; {ALONE}")
        if not _log(path).exists():
            _check_content(file)
            return
    try:
        with closing(_connected(path, "mode=ro")) as file:
            _check_content(file)
    finally:
        path.with_name(f"{path.name}-shm").unlink(missing_ok=True)  # its index of the log, which nobody else uses


def _check_content(file: sqlite3.Connection) -> None:
    if (version := _pragma(file, "user_version")) != VERSION:
        raise CannotKeep(f"is of version {version}, this immuta-mock reads version {VERSION}; {ALONE}")
    if (found := str(_pragma(file, "integrity_check(1)"))) != "ok":
        raise CannotKeep(_damaged(found.splitlines()[-1]))
    if [sql for (sql,) in file.execute("SELECT sql FROM sqlite_schema")] != [TABLE, None]:
        raise CannotKeep(_damaged("its table is not as it was made"))
    file.create_function("checksum", -1, checksum, deterministic=True)
    query = "SELECT tenant, kind, key FROM record WHERE checksum IS NOT checksum(tenant, kind, key, text) LIMIT 1"
    for tenant, kind, key in file.execute(query):
        shown = f" {key}" if kind != "token" else ""
        raise CannotKeep(_damaged(f"the {kind}{shown} of the tenant {tenant} is not as it was written"))


def _taken(path: Path) -> sqlite3.Connection:
    """With the lock, which the kernel takes back when the process ends in any way.

    A write reaches the kernel before it is answered, so that it survives the end of the process. It does not wait for
    the disk, which would take milliseconds: after a power cut the latest writes may be gone, all later than some.
    """
    file = _connected(path, "mode=rw")
    try:
        file.executescript("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE; COMMIT;")
    except BaseException:
        file.close()
        raise
    return file


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.as_uri()}?{mode}", uri=True, isolation_level=None, check_same_thread=False, timeout=0
    )


def _pragma(file: sqlite3.Connection, name: str) -> object:
    return file.execute(f"PRAGMA {name}").fetchone()[0]


def _damaged(how: str) -> str:
    return f"is damaged ({how}); it is left as it is: bring back a copy, or name another file"


def _told(error: sqlite3.DatabaseError) -> str:
    """What is wrong with a file that SQLite refuses."""
    return _TOLD.get(getattr(error, "sqlite_errorname", ""), _damaged(str(error)))


_TOLD = {
    "SQLITE_BUSY": "is in use by another process; end that one, or name another file",
    "SQLITE_CANTOPEN": "cannot be opened; see whether this user may read and write it, and files beside it",
    "SQLITE_FULL": "cannot be made: the disk is full",
    "SQLITE_NOTADB": f"is no SQLite database; {ALONE}",
    "SQLITE_READONLY": "cannot be written; see whether this user may write it, and files beside it",
}
