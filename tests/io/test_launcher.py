"""A process without a launcher starts no daemon of Open MPI's; one with a launcher is left as it is."""

import os

from hpcmm.io.launcher import start_no_daemon

NAME = "OMPI_MCA_ess_singleton_isolated"


def test_alone_or_launched(monkeypatch):
    """The user's own value stays."""
    for name in ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK", "PMI_RANK", NAME):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PMI_RANK", "3")
    start_no_daemon()
    assert NAME not in os.environ
    monkeypatch.delenv("PMI_RANK")
    start_no_daemon()
    assert os.environ[NAME] == "1"
    monkeypatch.setenv(NAME, "0")
    start_no_daemon()
    assert os.environ[NAME] == "0"
