"""This mock on a store: a Redis server of its own, and so many workers, of which the CPU is measured together."""

import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path


def main(port: str, workers: str) -> int:
    """Run until the mock ends."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        store = free.getsockname()[1]
    command = shutil.which("redis-server") or shutil.which("valkey-server") or ""
    mock = [str(Path(sys.executable).parent / "immuta-mock"), "--port", port, "--quiet", "--workers", workers]
    with tempfile.TemporaryDirectory() as folder:
        options = ["--port", str(store), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--loglevel", "warning"]
        with subprocess.Popen([command, *options], stdout=subprocess.DEVNULL) as server:
            try:
                wait(store)
                return subprocess.run([*mock, "--store", f"redis://127.0.0.1:{store}/0"], check=False).returncode
            finally:
                server.terminate()


def wait(port: int) -> None:
    """Until somebody listens there."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            continue
        return


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
