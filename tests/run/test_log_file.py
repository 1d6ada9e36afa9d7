"""Starts and warnings as a log has them; the core-seconds of a run that was stopped and resumed."""

import pytest

from hpcmm.errors import InputError
from hpcmm.run import log_file

TEXT = """2026-01-01 00:00:00,000 INFO started on 4 ranks: hpcmm run deck.toml
2026-01-01 00:00:00,100 INFO made by hpcmm 0.1.0, NumPy 2.0
2026-01-01 00:00:00,200 WARNING few waves
2026-01-01 00:10:00,500 INFO checkpoint 000001 at 40.0 % in 0.10 s
2026-01-01 00:10:01,000 INFO stopped: a signal
a line of an editor
2026-13-01 00:10:01,000 INFO of no date
2026-01-02 12:00:00,000 INFO resumed from checkpoint 000001 on 2 ranks: hpcmm restart run
2026-01-02 12:00:00,200 WARNING few waves
2026-01-02 12:00:10,000 INFO done
2026-01-03 12:00:00,000 INFO resumed from checkpoint 000001 on 1 ranks: hpcmm restart run
2026-01-03 12:00:02,000 INFO checkpoint 000002 at 50.0 % in 0.10 s
"""


def test_sessions_of_a_log(tmp_path):
    (tmp_path / "log.txt").write_text(TEXT)
    log = log_file.read(tmp_path)
    assert [(s.how, s.ranks, s.seconds, s.end) for s in log.sessions] == [
        ("started", 4, 601.0, "stopped: a signal"),
        ("resumed from checkpoint 000001", 2, 10.0, "done"),
        ("resumed from checkpoint 000001", 1, 2.0, "cut off"),
    ]
    assert log.core_seconds == 4 * 601 + 2 * 10 + 2
    assert log.warnings == {"few waves": 2}
    assert [s.made_by for s in log.sessions] == ["hpcmm 0.1.0, NumPy 2.0", "", ""]


def test_no_log_is_no_cost_and_one_that_is_no_text_is_refused(tmp_path):
    assert log_file.read(tmp_path).core_seconds is None
    (tmp_path / "log.txt").write_bytes(b"\xff\x00")
    with pytest.raises(InputError, match=r"log\.txt: cannot be read \(byte 0 is not UTF-8 text\)"):
        log_file.read(tmp_path)
