"""The file in which the states of all tenants last."""

from immuta_mock.statefile.file import StateFile

__all__ = ["StateFile"]
