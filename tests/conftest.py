"""Tests in a browser run where `CHROMIUM` names one, as in `make browser-test`."""

import os

collect_ignore = [] if "CHROMIUM" in os.environ else ["browser"]
