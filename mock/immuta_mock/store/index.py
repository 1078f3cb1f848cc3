"""What of a tenant is searched by a text: the names of its columns, the names and descriptions of its data sources."""

from collections.abc import Iterable, Iterator
from typing import Self

from immuta_mock.store.records import DataSource, Json
from immuta_mock.store.texts import BETWEEN, Texts


def order(name: str) -> tuple[str, str]:
    """How names of columns are sorted."""
    return name.casefold(), name


class Index:
    """It is told of every change of a data source; most of the work this makes waits until somebody searches."""

    def __init__(self) -> None:
        self._uses: dict[str, int] = {}  # in how many dictionaries a name of a column stands
        self._columns = Texts(order)
        self._names: Texts[int] = Texts(int)
        self._sayings: Texts[int] = Texts(int)  # names with descriptions

    def copy(self) -> Self:
        """An index like this one, to be told of other changes."""
        copied = type(self)()
        copied._uses, copied._columns = dict(self._uses), self._columns.copy()
        copied._names, copied._sayings = self._names.copy(), self._sayings.copy()
        return copied

    def follow(self, before: DataSource | None, after: DataSource | None) -> None:
        """Take note of what a data source was and of what it is, None for one that is not there."""
        gone, come = before.columns if before else (), after.columns if after else ()
        if gone is not come:
            self._count(come, 1)
            self._count(gone, -1)
        if after is None and before is not None:
            self._names.put(before.id, None)
            self._sayings.put(before.id, None)
        elif after is not None and (before is None or not _say_the_same(before, after)):
            self._names.put(after.id, after.name.casefold())
            self._sayings.put(after.id, BETWEEN.join((after.name.casefold(), after.description.casefold())))

    def settle(self) -> None:
        """Do the work now that the next search would do."""
        for texts in (self._columns, self._names, self._sayings):
            texts.settle()

    def columns(self, text: str) -> Iterator[str]:
        """The distinct names of columns that contain a text in any letter case, in their order."""
        return self._columns.containing(text.casefold())

    def sources(self, text: str, *, name_only: bool) -> Iterator[int]:
        """The ids of the data sources whose name, or also description, contains a text in any letter case, in order."""
        return (self._names if name_only else self._sayings).containing(text.casefold())

    def _count(self, columns: Iterable[Json], more: int) -> None:
        for column in columns:
            name = column["name"]
            uses = self._uses.get(name, 0)
            if uses + more:
                self._uses[name] = uses + more
            else:
                del self._uses[name]
                self._columns.put(name, None)
            if not uses:
                self._columns.put(name, name.casefold())


def _say_the_same(before: DataSource, after: DataSource) -> bool:
    if before.name is after.name and before.fields is after.fields:  # as with almost every write
        return True
    return (before.name, before.description) == (after.name, after.description)
