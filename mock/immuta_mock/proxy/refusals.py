"""What the proxy answers by itself, in the shape of the API's errors."""

from immuta_mock.errors import Refusal, quoted


class ReadOnly(Refusal):
    """A request that may change something, while writes are not allowed."""

    status = 403

    def __init__(self, method: str, path: str) -> None:
        what = f"{method} {quoted(path)}"
        super().__init__(f"The proxy is read-only and kept back {what}; start it with --allow-writes to forward it.")


class Unreachable(Refusal):
    """The tenant cannot be asked, or breaks off before it has answered; `reason` is a clause without a full stop."""

    status = 502

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"The proxy got no answer from {url}: {reason}.")


class TimedOut(Refusal):
    """The tenant takes too long."""

    status = 504

    def __init__(self, url: str, seconds: float) -> None:
        super().__init__(f"The proxy got no answer from {url} within {seconds:g} seconds (--timeout).")
