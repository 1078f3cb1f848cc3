"""`python -m immuta_mock` is the command `immuta-mock`."""

import sys

from immuta_mock.cli import main

sys.exit(main())
