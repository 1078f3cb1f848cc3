"""Keeps what hypothesis draws to the seed alone, so that a run can be repeated anywhere.

Now and then hypothesis draws a constant that it found in a module of the user's: another working directory, pytest in
the place of the command, or an installed wheel would send other requests. Its own constants are the same everywhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

_NONE = Constants()
_PERMITTED = type(providers.CONSTANTS_CACHE)(1024)  # which constants each kind of draw may use; theirs knows modules


@contextmanager
def of_the_seed() -> Iterator[None]:
    """For a while, no constant of any module is drawn."""
    before = providers._get_local_constants, providers.CONSTANTS_CACHE
    providers._get_local_constants, providers.CONSTANTS_CACHE = lambda: _NONE, _PERMITTED
    try:
        yield
    finally:
        providers._get_local_constants, providers.CONSTANTS_CACHE = before
