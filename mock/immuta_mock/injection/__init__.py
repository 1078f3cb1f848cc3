"""Faults on demand: what rarely happens, made to happen to the requests that a rule or the request itself names."""
