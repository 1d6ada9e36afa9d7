"""The `hpcmm` command with kind "hybrid_pic" among its kinds."""

import sys

from hpcmm import cli, kinds

kinds.KINDS["hybrid_pic"] = "hpcmm.kinds.hybrid_pic"

if __name__ == "__main__":
    sys.exit(cli.main())
