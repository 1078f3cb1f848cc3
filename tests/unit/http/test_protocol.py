"""What is written of an answer goes out in one go, and before the connection ends."""

import asyncio
from typing import Any

from immuta_mock.protocol import Gathering


class Wire(asyncio.Transport):
    """A transport that notes what it is told."""

    def __init__(self, *, is_closing: bool = False) -> None:
        self.told: list[Any] = []
        self._is_closing = is_closing

    def is_closing(self) -> bool:
        return self._is_closing

    def write(self, data: Any) -> None:
        self.told.append(data)

    def close(self) -> None:
        self.told.append("closed")

    def abort(self) -> None:
        self.told.append("aborted")


async def after(*steps: str, gone: bool = False) -> list[Any]:
    """What a transport is told in one turn of the loop by these steps: writing, or methods of one that gathers."""
    wire = Wire(is_closing=gone)
    gathering = Gathering(wire, asyncio.get_running_loop())
    for step in steps:
        getattr(gathering, step)() if hasattr(Gathering, step) else gathering.write(step.encode())
    told = list(wire.told)
    await asyncio.sleep(0)
    return [told, wire.told]


def test_head_and_body_go_out_together_when_the_answer_is_complete() -> None:
    assert asyncio.run(after("head", "body", "flush")) == [[b"headbody"], [b"headbody"]]


def test_a_part_of_an_answer_goes_out_with_the_turn_of_the_loop() -> None:
    assert asyncio.run(after("head", "part")) == [[], [b"headpart"]]


def test_what_was_written_goes_out_before_the_connection_is_closed() -> None:
    assert asyncio.run(after("head", "close")) == [[b"head", "closed"], [b"head", "closed"]]


def test_nothing_goes_out_after_a_reset() -> None:
    assert asyncio.run(after("head", "abort")) == [["aborted"], ["aborted"]]


def test_nothing_goes_out_to_a_client_that_has_gone_away() -> None:
    assert asyncio.run(after("head", "part", gone=True)) == [[], []]
