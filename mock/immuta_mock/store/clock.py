"""The time of a tenant: that of its source, until a test stops or moves it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Source = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of the machine, with its zone."""
    return datetime.now(UTC)


class Clock:
    """A clock on a source of times with a zone; calling it tells the time."""

    def __init__(self, source: Source = utc_now) -> None:
        self.source = source
        self._ahead = timedelta()
        self._frozen_at: datetime | None = None

    def __call__(self) -> datetime:
        return self._frozen_at if self._frozen_at is not None else self.source() + self._ahead

    @property
    def frozen(self) -> bool:
        """Whether the time stands still."""
        return self._frozen_at is not None

    def freeze(self, at: datetime | None = None) -> None:
        """Stand still, now or at another time."""
        self._frozen_at = at if at is not None else self()

    def advance(self, by: timedelta) -> None:
        """Move on at once; a clock that stands still then does so at the later time."""
        if self._frozen_at is not None:
            self._frozen_at += by
        else:
            self._ahead += by

    def resume(self) -> None:
        """Run on from the time at which it stands."""
        if self._frozen_at is not None:
            self._ahead = self._frozen_at - self.source()
            self._frozen_at = None

    def reset(self) -> None:
        """Tell the time of the source again."""
        self._ahead, self._frozen_at = timedelta(), None
