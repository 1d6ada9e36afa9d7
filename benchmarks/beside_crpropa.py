"""hpcmm and CRPropa in turn, in one process: what `hpcmm bench` ends with where CRPropa is found, with more turns."""

import argparse
import sys


def main():
    """Time all rows and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=7, help="turns of each code (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=0.5, help="length of a turn (default: %(default)s)")
    options = parser.parse_args()
    try:
        from hpcmm.commands import bench_crpropa
    except ImportError as error:
        sys.exit(f"{error}: PYTHONPATH must name the directory that holds CRPropa's Python module")
    bench_crpropa.show(options.pairs, options.seconds)


if __name__ == "__main__":
    main()
