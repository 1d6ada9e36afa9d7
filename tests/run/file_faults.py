"""Commands in which a chosen call that changes a file kills the process, or fails; see file_faults.c.

Each is a process of its own, forked from one that has read its modules, on one rank and by a clock that counts rounds
(`tests.run.paced`). Copies of what a command begins with are made anew for each trial.
"""

import errno
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.table import Table

from hpcmm import figures
from hpcmm.run.directory import MERGING
from tests.fork_server import ForkServer
from tests.products import datasets
from tests.run import paced
from tests.run.tiny import TINY

KILLED = -9
PATIENCE = 600
"""Seconds until a command is taken to hang; the machine may be busy with other things."""

UNDRAWN = {"UNDRAWN": "1"}
"""Environment in which a run draws no figure at its end, which takes longer than all else in it."""

LIBRARY = Path(__file__).with_suffix(".c")


@dataclass(frozen=True)
class Fault:
    """What happens at a call; see file_faults.c."""

    how: str
    number: int = 0
    error: str = "ENOSPC"

    def __str__(self):
        return f"{self.how} {self.number} {self.error if not self.kills else ''}".strip()

    @property
    def kills(self):
        """Does it end the process?"""
        return self.how in ("before", "after", "half")

    def environment(self, folder, log=None):
        """Environment in which it happens to files below a folder."""
        what = f"{self.how}:{self.number}:{getattr(errno, self.error)}:{folder}"
        return {"FILE_FAULT": what} | ({} if log is None else {"FILE_FAULT_LOG": str(log)})


def tensors(path):
    """{name: bytes} of a file of weights; the order of its header is not the same twice."""
    from safetensors.numpy import load_file

    return {name: values.tobytes() for name, values in load_file(path).items()}


READ = {".h5": datasets, ".vtkhdf": datasets, ".safetensors": tensors}
"""Suffix of a product -> what of it must be the same; else its bytes."""


def prepare():
    """Set the pace of a process, before its command."""
    paced.set_pace()
    if "UNDRAWN" in os.environ:
        figures.draw = lambda name, directories, out=None, **more: None


def library(folder):
    """Compile the preloaded library; None without a compiler."""
    made = Path(folder) / "file_faults.so"
    if shutil.which("cc") is None:
        return None
    command = ["cc", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(made), str(LIBRARY), "-ldl"]
    subprocess.run(command, check=True)
    return made


class Workshop:
    """Runs commands of a `Tiny` with and without faults.

    Parameters
    ----------
    top : path
        A folder of its own.
    environment : dict
    """

    def __init__(self, top, environment):
        self._top, self._environment = Path(top).resolve(), environment | {"OMP_NUM_THREADS": "1"}
        preloaded = {"LD_PRELOAD": str(library(top))}
        self._server = ForkServer(environment | preloaded, "tests.run.file_faults:prepare")
        self._begun, self._whole, self._calls = {}, {}, {}

    def close(self):
        """End the server."""
        self._server.close()

    def call(self, arguments, fault=None, folder=None, log=None, drawn=False):
        """Run a command; without a fault a run draws its figure only if asked to."""
        more = ({} if drawn else UNDRAWN) if fault is None else fault.environment(folder, log)
        return self._server([str(a) for a in arguments], self._environment | more, self._top, PATIENCE)

    def calls(self, name, command):
        """Count the calls that a command makes; returns their names, as "write latest.part"."""
        if (name, command) not in self._calls:
            log = self._top / "log"
            log.unlink(missing_ok=True)
            folder, arguments = self.fresh(name, command)
            self._good(self.call(arguments, Fault("count"), folder, log))
            lines = [line.split(" ", 2) for line in log.read_text().splitlines()]
            self._calls[name, command] = [f"{call} {os.path.relpath(path, folder)}" for _, call, path in lines]
            self._whole[name, command] = self.products(name, folder, command)
        return self._calls[name, command]

    def fresh(self, name, command):
        """Make anew what a command begins with; returns the folder in which it works, and the command."""
        folder = self._top / "trial"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        deck, out = self._deck(name), folder / "run"
        before = {"restart": "stopped", "merge": "parts"}.get(command, "finished")
        if command not in ("run", "train"):
            shutil.copytree(self._before(name, before), folder, dirs_exist_ok=True)
        tiny = TINY[name]
        arguments = {
            "run": ["run", deck, "--out", out],
            "train": ["train", deck, "--out", out],
            "restart": ["restart", out],
            "again": ["restart", out],
            "overwrite": ["run", deck, "--out", out, "--overwrite", "--set", "run.seed=5"],
            "extend": ["extend", out, *tiny.extend],
            "merge": ["merge", *(folder / f"part{i}" for i in range(tiny.parts)), "--out", out],
            "plot": ["plot", out, "--figure", *tiny.figures],
        }[command]
        return folder, arguments

    def products(self, name, folder, command):
        """What must be the same: datasets of HDF5 files, bytes of others."""
        if command == "plot":
            return {
                p.name: READ.get(p.suffix, Path.read_bytes)(p)
                for p in sorted((folder / "run" / "figures").glob("fig4*[!t]"))
            }
        found, out = {}, folder / "run"
        for path in sorted(path for pattern in TINY[name].kind.files for path in out.glob(pattern)):
            if path.suffix != ".png":
                found[str(path.relative_to(out))] = READ.get(path.suffix, Path.read_bytes)(path)
        return found

    def trial(self, name, command, fault):
        """Let a fault strike a command, then recover.

        Returns
        -------
        int or None
            Its exit status; None where the command ended before the fault came.

        Raises
        ------
        AssertionError
            If anything is lost, or said badly.
        """
        calls = self.calls(name, command)
        where = calls[fault.number - 1] if 0 < fault.number <= len(calls) else "no such call"
        folder, arguments = self.fresh(name, command)
        about = f"{name} {command}: {fault} ({where})"
        try:
            ended = self.call(arguments, fault, folder)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{about}: hangs") from None
        about = f"{about}: {ended.returncode} {ended.stderr.strip()[-1500:]}"
        assert "Traceback" not in ended.stderr, about
        if fault.kills:
            assert ended.returncode in (KILLED, 0), about
            if ended.returncode == 0:
                return None
        else:
            assert ended.returncode in (0, 2, 75), about
            lines = [line for line in ended.stderr.splitlines() if line and "hpcmm: warning: " not in line]
            assert len(lines) == (ended.returncode != 0), about
        if ended.returncode != 0:
            self._recover(name, command, arguments, folder, about)
        self._compare(name, command, folder, fault, about)
        return ended.returncode

    def _recover(self, name, command, arguments, folder, about):
        """As a user would: `hpcmm restart` where there is a run, the command again if what it makes is not there.

        A training cannot be resumed, nor tell that only its seal was missing: it is done again.
        """
        if command not in ("merge", "train", "plot"):
            restarted = self.call(["restart", folder / "run"])
            if restarted.returncode == 2 and "holds no run" in restarted.stderr:
                self._good(self.call(arguments), about)
            else:
                self._good(restarted, about)
        cut_off = (folder / "run" / MERGING).exists()
        missing = cut_off or command == "train" or not self._same(name, command, folder)
        if command not in ("run", "restart", "again") and missing:
            again = self.call(arguments, drawn=command == "plot")
            if again.returncode == 2 and "--overwrite" in again.stderr:
                again = self.call([*arguments, "--overwrite"])
            self._good(again, about)

    def _same(self, name, command, folder):
        return self.products(name, folder, command) == self._whole[name, command]

    def _compare(self, name, command, folder, fault, about):
        found, whole, tolerance = self.products(name, folder, command), self._whole[name, command], TINY[name].tolerance
        assert found.keys() == whole.keys(), f"{about}\nproducts: {list(found)}"
        for file in whole:
            if tolerance and file.endswith(".ecsv") and found[file] != whole[file]:
                _close(found[file], whole[file], 10 * tolerance, about)
            elif not tolerance:
                assert found[file] == whole[file], f"{about}\n{file}: other bytes"
        left = [p for p in folder.rglob("*.part*") if fault.kills and p.parent.name != "figures"]
        assert not left, f"{about}\nleft behind: {left}"

    def _good(self, ended, about=""):
        told = ended.stderr.strip()[-1500:]
        assert ended.returncode == 0, f"{about}\nthen {ended.args[0]}: {ended.returncode} {told}"
        assert "Traceback" not in ended.stderr, about

    def _deck(self, name):
        path = self._top / f"{name.replace(' ', '_')}.toml"
        if not path.exists():
            path.write_text(TINY[name].deck)
        return path

    def _before(self, name, what):
        """Folder that holds a run as it is before a command; made once."""
        folder = self._top / name.replace(" ", "_") / what
        if (name, what) in self._begun:
            return folder
        folder.mkdir(parents=True)
        run = ["run", self._deck(name), "--out"]
        if what == "parts":
            for i in range(TINY[name].parts):
                self._good(self.call([*run, folder / f"part{i}", "--part", f"{i + 1}/{TINY[name].parts}"]))
        elif what == "finished":
            self._good(self.call([*run, folder / "run"]))
        else:
            calls = self.calls(name, "run")
            second = [n for n, call in enumerate(calls, 1) if call == "rename run/checkpoint/latest"][1]
            assert self.call([*run, folder / "run"], Fault("after", second), folder).returncode == KILLED
        self._begun[name, what] = folder
        return folder


def _close(found, whole, tolerance, about):
    found, whole = (Table.read(text.decode(), format="ascii.ecsv") for text in (found, whole))
    for column in whole.colnames:
        if whole[column].dtype.kind == "f":
            np.testing.assert_allclose(found[column], whole[column], rtol=tolerance, err_msg=f"{about}: {column}")
