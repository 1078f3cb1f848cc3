"""Steering a mock while it runs: its state, time, faults and journal, over HTTP under `/__mock__/`."""

from immuta_mock.control.client import Control, ControlError

__all__ = ["Control", "ControlError"]
