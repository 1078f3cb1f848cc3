"""The time of a tenant: that of its source, until a test stops or moves it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Source = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of the machine, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Setting:
    """How a clock stands to its source: so far `ahead` of it, or still at a time."""

    ahead: timedelta = timedelta()
    frozen_at: datetime | None = None


class Clock:
    """A clock on a source of times with a zone; calling it tells the time."""

    def __init__(self, source: Source = utc_now) -> None:
        self.source = source
        self.setting = Setting()

    def __call__(self) -> datetime:
        setting = self.setting
        return setting.frozen_at if setting.frozen_at is not None else self.source() + setting.ahead

    @property
    def frozen(self) -> bool:
        """Whether the time stands still."""
        return self.setting.frozen_at is not None

    def freeze(self, at: datetime | None = None) -> None:
        """Stand still, now or at another time."""
        self.setting = Setting(self.setting.ahead, at if at is not None else self())

    def advance(self, by: timedelta) -> None:
        """Move on at once; a clock that stands still then does so at the later time."""
        ahead, frozen_at = self.setting.ahead, self.setting.frozen_at
        self.setting = Setting(ahead + by) if frozen_at is None else Setting(ahead, frozen_at + by)

    def resume(self) -> None:
        """Run on from the time at which it stands."""
        if self.setting.frozen_at is not None:
            self.setting = Setting(self.setting.frozen_at - self.source())

    def reset(self) -> None:
        """Tell the time of the source again."""
        self.setting = Setting()
