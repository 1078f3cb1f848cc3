"""Interrupts that are not lost: what an interrupt raises amid a finalizer, or in a callback of C code, goes nowhere."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def kept_in_mind() -> Iterator[Callable[[], None]]:
    """Gives a function that raises `KeyboardInterrupt` if there was one inside the block, wherever it went."""
    seen: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        signal.default_int_handler(number, frame)

    def again() -> None:
        if seen:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # which no interrupt reaches
        yield again
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield again
    finally:
        signal.signal(signal.SIGINT, before)


def by_interrupt(error: BaseException | None) -> bool:
    """Whether an interrupt is behind it: hypothesis stumbles over one that comes amid its own work."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None
