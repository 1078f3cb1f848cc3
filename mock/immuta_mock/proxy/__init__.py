"""Stands between a client and a tenant: forwards, holds both to the document, and records what passes."""
