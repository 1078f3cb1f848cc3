"""Keeps what hypothesis draws to the seed alone, so that a run can be repeated anywhere.

Now and then hypothesis draws a constant that it found in a module of the user's: another working directory, pytest in
the place of the command, or an installed wheel would send other requests. Its own constants are the same everywhere.
And it ends shortening after a time, which a slow target would reach and a fast one would not.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis.internal.conjecture import engine, providers
from hypothesis.internal.constants_ast import Constants

_NONE = Constants()
_PERMITTED = type(providers.CONSTANTS_CACHE)(1024)  # which constants each kind of draw may use; theirs knows modules


@contextmanager
def of_the_seed() -> Iterator[None]:
    """For a while, no constant of any module is drawn, and no clock is looked at."""
    replaced: tuple[tuple[Any, str, Any], ...] = (
        (providers, "_get_local_constants", lambda: _NONE),
        (providers, "CONSTANTS_CACHE", _PERMITTED),
        (engine, "MAX_SHRINKING_SECONDS", math.inf),
    )
    before = [getattr(module, name) for module, name, _ in replaced]
    for module, name, value in replaced:
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name, _), value in zip(replaced, before, strict=True):
            setattr(module, name, value)
