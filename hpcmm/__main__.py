"""`python -m hpcmm`."""

import sys

from hpcmm.cli import main

sys.exit(main())
