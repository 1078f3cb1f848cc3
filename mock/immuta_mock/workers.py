"""Several processes that serve as one: started again where one ends, and ended together."""

import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread
from types import FrameType

SECONDS_TO_STOP = 5.0
"""How long workers may take to end once they are told to."""

Work = Callable[[Callable[[str], object]], int]


class Workers:
    """So many processes that do the same work, which tells by one text that it has begun."""

    def __init__(self, number: int, work: Work) -> None:
        self._number = number
        self._work = work
        self._context = get_context("spawn")
        self._pipes: dict[BaseProcess, Connection] = {}

    def run(self, say: Callable[[str], object]) -> int:
        """Work until told to stop; what the first worker says when it has begun is said once, when all have."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _leave)
        try:
            texts = [self._begun(self._start())]  # what stops one at its start is told once
            others = [self._start() for _ in range(self._number - 1)] if texts[0] is not None else []
            texts += [self._begun(each) for each in others]
            if any(text is None for text in texts):
                return 2
            say(str(texts[0]))
            return self._watch()
        finally:
            self._stop()

    def _start(self) -> BaseProcess:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_working, args=[self._work, theirs])
        process.start()
        theirs.close()
        self._pipes[process] = ours
        return process

    def _begun(self, process: BaseProcess) -> str | None:
        """What a worker says when it has begun; None where it could not."""
        try:
            return str(self._pipes[process].recv())
        except (EOFError, ConnectionError):
            return None

    def _watch(self) -> int:
        """Start another worker wherever one ends; where it cannot begin, it would not the next time."""
        while True:
            wait([process.sentinel for process in self._pipes])
            for process in [each for each in self._pipes if not each.is_alive()]:
                self._pipes.pop(process).close()
                how = f"a worker has ended ({_told(process.exitcode)})"
                sys.stderr.write(f"immuta-mock: {how}; another one is started\n")
                if self._begun(self._start()) is None:
                    sys.stderr.write("immuta-mock: which it could not be; all end\n")
                    return 1

    def _stop(self) -> None:
        for process in self._pipes:
            process.terminate()
        end = time.monotonic() + SECONDS_TO_STOP
        for process in self._pipes:
            process.join(max(0, end - time.monotonic()))
            process.kill()
            process.join()


def _told(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"


def _working(work: Work, pipe: Connection) -> None:
    """One worker, which ends when the process that started it does, in whatever way."""
    signal.signal(signal.SIGINT, _leave)
    signal.signal(signal.SIGTERM, _leave)
    Thread(target=_follow, args=[pipe], daemon=True, name="parent").start()
    sys.exit(work(pipe.send))


def _follow(pipe: Connection) -> None:
    try:
        pipe.recv()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGTERM)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
