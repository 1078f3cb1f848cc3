"""Certificates for a mock that speaks HTTPS: made when it starts, by a CA that lives as long as it does."""

import ssl
import tempfile
from pathlib import Path
from typing import Any

NAMES = ("localhost", "127.0.0.1", "::1")
MARK = b"# The CA of an immuta-mock; each start writes another one.\n"


class TlsError(Exception):
    """HTTPS cannot be spoken; the text says why in one line."""


class Certificates:
    """A certificate for this machine (and `host`), and the CA that signed it; private keys stay in memory."""

    def __init__(self, host: str = NAMES[0]) -> None:
        self._ca = _trustme().CA(organization_name="immuta-mock")
        try:
            self._certificate = self._ca.issue_cert(*dict.fromkeys((*NAMES, host)))
        except ValueError:
            raise TlsError(f"{host!r} is no name for a certificate; give a host name or an address") from None

    def context(self) -> ssl.SSLContext:
        """What a server shows; its key is on disk, readable by this user alone, only while it is loaded."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._certificate.configure_cert(context)
        return context

    def write_ca(self, path: Path) -> None:
        """Write the CA, for clients to trust; over a file only if that is such a CA. Raises TlsError."""
        try:
            if path.exists() and not path.read_bytes().startswith(MARK):
                raise TlsError(f"{path} is there and no CA of a mock; name another file, or remove it")
            path.write_bytes(MARK + self._ca.cert_pem.bytes())
        except OSError as error:
            raise TlsError(f"{path} cannot be written: {error.strerror}") from None


def ca_directory() -> tempfile.TemporaryDirectory[str]:
    """Where a CA lies that needs no name of its own; gone with the object."""
    return tempfile.TemporaryDirectory(prefix="immuta-mock-")


def trust(ca_file: Path) -> dict[str, str]:
    """The environment in which clients trust a CA: requests by the first variable, httpx and curl by the second."""
    return {"REQUESTS_CA_BUNDLE": str(ca_file), "SSL_CERT_FILE": str(ca_file)}


def _trustme() -> Any:
    try:
        import trustme
    except ImportError:
        raise TlsError("HTTPS needs the package trustme: pip install 'immuta-contract-kit[tls]'") from None
    return trustme
