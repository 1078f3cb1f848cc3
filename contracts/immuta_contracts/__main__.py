"""`python -m immuta_contracts` is `immuta-contract`."""

import sys

from immuta_contracts.cli import main

sys.exit(main())
