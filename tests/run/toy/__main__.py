"""The hpcmm command with one more kind of run."""

import sys

from hpcmm import kinds
from hpcmm.cli import main

kinds.KINDS["toy"] = "tests.run.toy"
sys.exit(main())
