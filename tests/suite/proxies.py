"""A forward proxy on loopback that lets in who knows its password, for plain requests and for tunnels."""

import base64
import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.parse import urlsplit

USER = "runner:pr0xy-pass"
ALLOWED = "Basic " + base64.b64encode(USER.encode()).decode()


class Proxy(ThreadingHTTPServer):
    """`seen` holds what was asked for: absolute URLs, and hosts with ports to tunnel to."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[str] = []

    def url(self, user: str | None = USER) -> str:
        return f"http://{f'{user}@' if user else ''}127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    def handle_one_request(self) -> None:
        self.close_connection = True
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            return
        cast(Proxy, self.server).seen.append(self.path)
        if self.headers.get("Proxy-Authorization") != ALLOWED:
            self.send_error(407)
        elif self.command == "CONNECT":
            self._tunnel()
        else:
            self._forward()

    def _tunnel(self) -> None:
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port)), 10) as upstream:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pipe, args=(upstream, self.connection), daemon=True)
            back.start()
            _pipe(self.connection, upstream)
            back.join(10)

    def _forward(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
        upstream = http.client.HTTPConnection(str(url.hostname), url.port, timeout=10)
        upstream.request(self.command, url._replace(scheme="", netloc="").geturl(), body or None, headers)
        answer = upstream.getresponse()
        content = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        upstream.close()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _pipe(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def proxying() -> Iterator[Proxy]:
    proxy = Proxy()
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join(10)
