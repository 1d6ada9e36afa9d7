"""What the tests of interrupted runs compare with."""

import pytest

from tests import decks
from tests.products import bytes_of


@pytest.fixture(scope="session")
def uninterrupted(done, tmp_path_factory):
    """Callable ``uninterrupted(path)`` -> bytes of the undisturbed run of that path length, "5000 kpc" unless given."""
    top, made = tmp_path_factory.mktemp("whole"), {}

    def run(path="5000 kpc"):
        if path not in made:
            (top / "deck.toml").write_text(decks.steady(path=path))
            done("run", top / "deck.toml", "--out", top / path)
            made[path] = bytes_of(top / path)
        return made[path]

    return run
