"""What came of a run, written down: `run.json` is the source, everything else is rendered from that document."""
