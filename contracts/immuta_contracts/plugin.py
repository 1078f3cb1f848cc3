"""pytest options and fixtures of the contract run."""
