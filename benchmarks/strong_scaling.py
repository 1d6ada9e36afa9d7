"""A deck on one rank and on several, in turn: wall times and their ratio."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from math import nan
from pathlib import Path
from statistics import median

from rich.table import Table

from hpcmm.kinds.transport import report

LOCAL_MPI = Path(__file__).parent.parent / "jobs" / "local_mpi.env"
SECONDS = re.compile(r"particle steps done, those since this start in (\S+) s$", re.MULTILINE)


def environment():
    """Environment of the runs; as root that of one machine too, where it does not say otherwise already."""
    local = {}
    if os.geteuid() == 0:
        local = dict(re.findall(r"^export (\w+)=(\S+)$", LOCAL_MPI.read_text(), re.MULTILINE))
    return local | os.environ


def launcher():
    """The mpirun beside this Python, where set-up has put that of mpi4py's MPI; else the one on the path."""
    beside = Path(sys.executable).with_name("mpirun")
    return str(beside) if beside.exists() else shutil.which("mpirun")


def logged_seconds(log):
    """Wall time of the particle steps [s] without what precedes and follows them; nan if the log does not tell."""
    found = SECONDS.search(log)
    return float(found[1]) if found else nan


def run(mpirun, deck, ranks):
    """Run the deck; wall time [s] of the whole process and of what its log tells."""
    with tempfile.TemporaryDirectory() as folder:
        command = [mpirun, "-n", str(ranks), sys.executable, "-m", "hpcmm", "run", deck, "--out", f"{folder}/run"]
        begin = time.perf_counter()
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        whole = time.perf_counter() - begin
        if done.returncode:
            sys.exit(f"{' '.join(command)} has failed:\n{done.stderr}")
        return whole, logged_seconds(Path(folder, "run", "log.txt").read_text())


def main():
    """Time the pairs and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("deck", metavar="DECK", help="TOML file; one that runs for a minute or more on one rank")
    parser.add_argument("--pairs", type=int, default=5, help="runs of each (default: %(default)s)")
    parser.add_argument("--ranks", type=int, default=2, help="against one (default: %(default)s)")
    options = parser.parse_args()
    mpirun = launcher()
    if mpirun is None:
        parser.exit(2, "no mpirun beside this Python or on the path\n")

    table = Table(title=f"{Path(options.deck).name}: wall times on 1 and on {options.ranks} ranks")
    table.add_column("pair", justify="right")
    for name in ("process", "steps"):
        for column in (f"{name}, 1 \\[s]", f"{name}, {options.ranks} \\[s]", "ratio"):
            table.add_column(column, justify="right")
    ratios = []
    for pair in range(options.pairs):
        one, many = (run(mpirun, options.deck, ranks) for ranks in (1, options.ranks))
        cells = []
        for a, b in zip(one, many, strict=True):
            ratio = a / b if a and b else nan
            cells += [f"{a:.2f}", f"{b:.2f}", f"{ratio:.3f}"]
            ratios.append(ratio)
        table.add_row(str(pair + 1), *cells)
    table.add_section()
    for name, of in (("median", median), ("least", min), ("most", max)):
        process, steps = (f"{of(ratios[column::2]):.3f}" for column in (0, 1))
        table.add_row(name, "", "", process, "", "", steps)
    report.show(table)
    print("process: mpirun and all it does. steps: all particle steps, as log.txt tells.")


if __name__ == "__main__":
    main()
