"""What the tests of interrupted runs compare with."""

import pytest

from tests.kinds.transport.test_ranks import bytes_of
from tests.run.kills import DECK


@pytest.fixture(scope="session")
def uninterrupted(hpcmm, tmp_path_factory):
    """Callable ``uninterrupted(path)`` -> bytes of the undisturbed run of that path length [kpc]."""
    top, made = tmp_path_factory.mktemp("whole"), {}

    def run(path):
        if path not in made:
            (top / "deck.toml").write_text(DECK.format(path=path))
            done = hpcmm("run", top / "deck.toml", "--out", top / str(path), ranks=2)
            assert done.returncode == 0, done.stderr
            made[path] = bytes_of(top / str(path))
        return made[path]

    return run
