"""Commands of one rank, each in a process of its own that is forked from one that has read all modules already.

What runs is `hpcmm.cli.main`, with its own MPI, signals and exit, but a command starts in a tenth of a second where
it takes one or two. Started as a program this file is the process that forks; it never starts MPI itself.
"""

import gc
import json
import os
import pkgutil
import signal
import subprocess
import sys
import warnings
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer

ROOT = Path(__file__).parent.parent
READ_LATER = ("hpcmm.__main__", "hpcmm.kinds.network.", "hpcmm.commands.bench_crpropa")
"""A program, the home of PyTorch, and what needs CRPropa."""


class ForkServer:
    """Callable ``server(arguments, environment, cwd, timeout)`` -> CompletedProcess of ``python -m hpcmm``.

    Parameters
    ----------
    environment : dict
        In which modules are read.
    prepare : str, optional
        "module:function" of tests, called in each process before its command.
    """

    def __init__(self, environment, *prepare):
        command = [sys.executable, __file__, *prepare]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, env=environment, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)

    def __call__(self, arguments, environment, cwd, timeout):
        with TemporaryFile() as out, TemporaryFile() as err:
            streams = [f"/proc/{os.getpid()}/fd/{file.fileno()}" for file in (out, err)]
            call = {"arguments": arguments, "environment": environment, "cwd": str(cwd or ROOT), "streams": streams}
            print(json.dumps(call), file=self._process.stdin, flush=True)
            child, late = int(self._process.stdout.readline()), []
            timer = Timer(timeout, lambda: (late.append(True), _kill(child)))
            timer.start()
            status = int(self._process.stdout.readline())
            timer.cancel()
            if late:
                raise subprocess.TimeoutExpired(arguments, timeout)
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode())
        return subprocess.CompletedProcess(arguments, status, *texts)

    def close(self):
        """End the process that forks."""
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()


def _kill(process):
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def _read_modules():
    import hpcmm

    for module in pkgutil.walk_packages(hpcmm.__path__, "hpcmm."):
        if not module.name.startswith(READ_LATER):
            import_module(module.name)
    for name in ("astropy.table", "h5py", "matplotlib.figure", "matplotlib.backends.backend_agg", "rich.console"):
        import_module(name)
    assert "mpi4py.MPI" not in sys.modules, "a child would inherit an MPI that is not its own"


def _serve():
    """Fork for each line of standard input; returns the call in the children alone."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            return json.loads(line)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    return None


def _become(call):
    """Give this process the streams, the environment and the folder of a command."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    out, err = (os.open(path, os.O_WRONLY | os.O_APPEND) for path in call["streams"])
    for number, file in enumerate((nothing, out, err)):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(call["environment"])
    os.chdir(call["cwd"])
    sys.argv = [str(ROOT / "hpcmm" / "__main__.py"), *call["arguments"]]


if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # that of `python -m`, in the place of this file's folder
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    prepare = sys.argv[1].split(":") if sys.argv[1:] else None
    _read_modules()
    if prepare:
        prepare = getattr(import_module(prepare[0]), prepare[1])
    gc.freeze()  # what is shared with the children is not touched
    wanted = _serve()
    if wanted is not None:
        _become(wanted)
        if prepare:
            prepare()
        from hpcmm.cli import main

        sys.exit(main())
