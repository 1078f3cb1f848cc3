"""Certificates for a mock that speaks HTTPS: made when it starts, by a CA that lives as long as it does."""

import ssl
from pathlib import Path
from typing import Any

NAMES = ("localhost", "127.0.0.1", "::1")
MARK = b"# The CA of an immuta-mock; each start writes another one.\n"


class TlsError(Exception):
    """HTTPS cannot be spoken; the text says why in one line."""


class Certificates:
    """A certificate for this machine, and for `host`, and the CA that signed it; raises TlsError.

    Private keys stay in memory, but for the moment in which `context` loads one from a file of this user's alone.
    """

    def __init__(self, host: str = NAMES[0]) -> None:
        self._ca = _trustme().CA(organization_name="immuta-mock")
        self._certificate = self._ca.issue_cert(*dict.fromkeys((*NAMES, host)))

    def context(self) -> ssl.SSLContext:
        """What a server shows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._certificate.configure_cert(context)
        return context

    def write_ca(self, file: Path) -> None:
        """Write the CA, for clients to trust, over nothing but the CA of an earlier start. Raises TlsError."""
        try:
            if file.exists() and not file.read_bytes().startswith(MARK):
                raise TlsError(f"{file} is there, and is no CA of a mock; name another file, or remove it")
            file.write_bytes(MARK + self._ca.cert_pem.bytes())
        except OSError as error:
            raise TlsError(f"{file} cannot be written: {error.strerror}") from None


def _trustme() -> Any:
    try:
        import trustme
    except ImportError:
        raise TlsError("HTTPS needs the package trustme: pip install 'immuta-contract-kit[tls]'") from None
    return trustme
