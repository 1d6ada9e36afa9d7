"""How fast a run says it is, and when it says that it will be done, from the start and after a checkpoint."""

import json
from functools import partial

import pytest

from hpcmm.run import watch as watch_module
from hpcmm.run.pace import Pace
from hpcmm.run.progress import Progress
from hpcmm.run.watch import Watch

TOTAL = 1000.0


@pytest.mark.parametrize("held", [0.0, 3.0, 870.0, 999.0])
def test_what_a_checkpoint_held_is_not_counted(held):
    """2 a second, whatever was done before."""
    now = [50.0]
    pace = Pace(clock=lambda: now[0])
    assert pace(held, TOTAL) == (0.0, None)
    now[0] += 0.5
    assert pace(held + 1, TOTAL) == (2.0, (TOTAL - held - 1) / 2)


def test_nothing_done_yet():
    pace = Pace(clock=iter([0.0, 9.0]).__next__)
    pace(5.0, TOTAL)
    assert pace(5.0, TOTAL) == (0.0, None)


def test_log_and_status_say_the_same(tmp_path, monkeypatch, capsys):
    """A run that resumes at 87 % and does 1 % in 40 s has 480 s left."""
    monkeypatch.setattr(watch_module, "Pace", lambda: Pace(clock=iter([0.0, 40.0]).__next__))
    monkeypatch.setattr(watch_module, "Progress", partial(Progress, seconds_between_lines=0.0))
    watch = Watch(tmp_path, 1, {"command": "hpcmm", "date": "", "version": "", "commit": ""}, 7, "steps")
    watch.progress(870.0, TOTAL)
    watch.progress(880.0, TOTAL)
    watch.close("stopped")
    told = "88.0 %, 0.25 steps/s, 480 s left"
    assert told in (tmp_path / "log.txt").read_text()
    assert told in capsys.readouterr().err
    status = json.loads((tmp_path / "status.json").read_text())
    assert (status["per_second"], status["seconds_left"]) == (0.25, 480.0)
