"""Tokens say when they expire in the ways that targets write it."""

import pytest

from immuta_contracts.tokens import seconds_since_1970


@pytest.mark.parametrize(
    ("expiration", "seconds"),
    [
        ("2026-01-15T11:52:30.500Z", 1768477950.5),
        ("2026-01-15T12:52:30.500+01:00", 1768477950.5),
        ("2026-01-15T11:52:30", 1768477950.0),
        (1768477950, 1768477950.0),
        (1768477950500, 1768477950.5),
        ("soon", None),
        (True, None),
        (None, None),
    ],
)
def test_an_expiration_is_read_as_seconds_since_1970(expiration: object, seconds: float | None) -> None:
    assert seconds_since_1970(expiration) == seconds
