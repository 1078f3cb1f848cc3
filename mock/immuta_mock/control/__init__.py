"""Steering a mock while it runs: its state, time, faults and journal, over HTTP under `/__mock__/`."""
