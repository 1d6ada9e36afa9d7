"""Tables in ECSV that mean harm: refused in one line, before astropy builds anything from them."""

import time

import numpy as np
import pytest
from astropy import units
from astropy.table import QTable

from hpcmm.errors import InputError
from hpcmm.io.table import Needs, read_table, write_table

HEAD = "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: float64}\n"
BOMB = "# meta:\n#   a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"#   a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)
HOSTILE = {
    "empty": "",
    "no header": "a\n1\n",
    "a picture": "\x89PNG\r\n",
    "no columns": "# %ECSV 1.0\n# ---\n# meta: {}\na\n1\n",
    "columns that are none": "# %ECSV 1.0\n# ---\n# datatype: 3\na\n1\n",
    "a column that is a number": "# %ECSV 1.0\n# ---\n# datatype: [3]\na\n1\n",
    "half a header": "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a,\na\n1\n",
    "header without rows": HEAD,
    "no rows": HEAD + "a\n",
    "laughs": HEAD + BOMB + "a\n1\n",
    "a list that holds itself": HEAD + "# meta: &m {me: [*m]}\na\n1\n",
    "nested deeply": HEAD + "# meta: {x: " + "[" * 100_000 + "]" * 100_000 + "}\na\n1\n",
    "open brackets": HEAD + "# meta: {x: " + "[" * 1_000_000 + "\na\n1\n",
    "100,000 columns": "# %ECSV 1.0\n# ---\n# datatype:\n" + "# - {name: a, datatype: int8}\n" * 10**5 + "a\n1\n",
    "a header of 3 MB": HEAD + "# meta: {x: '" + "x" * 3_000_000 + "'}\na\n1\n",
    "Python objects": HEAD + "# meta: {x: !!python/object/apply:os.system ['touch hacked']}\na\n1\n",
    "a NumPy array": HEAD + "# meta: {x: !numpy.ndarray {buffer: !!binary AAAA, dtype: O, shape: [99999999]}}\na\n1\n",
    "a time": HEAD + "# meta: {x: !astropy.time.Time {}}\na\n1\n",
    "a date": HEAD + "# meta: {x: 2020-01-01}\na\n1\n",
    "a number of a million digits": HEAD + "# meta: {x: 0x" + "f" * 10**6 + "}\na\n1\n",
    "sixties": HEAD + "# meta: {x: 1" + ":1" * 10**5 + "}\na\n1\n",
    "facts of facts": HEAD + "# meta: {x: {y: 1}}\na\n1\n",
    "an array a row": HEAD.replace("float64", "string, subtype: 'float64[1000000000]'") + "a\n1\n",
    "objects": HEAD.replace("float64", "object") + "a\n1\n",
    "complex numbers": HEAD.replace("float64", "complex128") + "a\n1\n",
    "a type that is none": HEAD.replace("float64", "nonsense") + "a\n1\n",
    "a unit of a billion zeros": HEAD.replace("float64", "float64, unit: 10**1000000000 m") + "a\n1\n",
    "a unit of 100 kB": HEAD.replace("float64", "float64, unit: " + "(" * 10**5) + "a\n1\n",
    "words for numbers": HEAD + "a\nword\n",
    "rows that differ": HEAD + "a\n1 2\n1\n",
    "another name": HEAD + "b\n1\n",
    "a name twice": HEAD + "# - {name: a, datatype: float64}\na a\n1 2\n",
    "5 million cells": HEAD + "a\n" + "1\n" * 5_000_000,
    "an empty cell": HEAD + 'a\n""\n1\n',
    "numbers for words": HEAD.replace("float64", "string") + "a\n1\n",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_table_that_means_harm_is_refused_in_a_line(tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "kappa.ecsv"
    path.write_text(HOSTILE[case])
    began = time.process_time()
    with pytest.raises(InputError, match="not a table of hpcmm") as caught:
        read_table(path, Needs({"a": ""}))
    assert time.process_time() - began < 5
    assert len(str(caught.value)) < 300 + len(str(path))
    assert not (tmp_path / "hacked").exists()


LACKING = {
    "a column": (Needs({"b": ""}), "no column 'b'"),
    "words": (Needs({"energy": "words"}), "does not hold words"),
    "whole numbers": (Needs({"energy": "count"}), "does not hold whole numbers"),
    "another unit": (Needs({"energy": "pc"}), "numbers in pc"),
    "a unit": (Needs({"steps": "pc"}), "numbers in pc"),
    "flags": (Needs({"name": "flag"}), "yes, no, undecided"),
    "an optional column": (Needs(optional={"name": ""}), "does not hold numbers"),
    "a number in the header": (Needs(facts=("l_c_pc",)), "no number 'l_c_pc'"),
    "a word in the header": (Needs(facts=("title",)), "no number 'title'"),
}


@pytest.fixture
def table(tmp_path):
    made = QTable({"energy": [1.0, np.nan] * units.GeV, "steps": [1, 2], "name": ["a", "b"], "good": ["yes", "no"]})
    made["half"] = [1.0, 2.0] * units.cm**0.5 / units.s
    made.meta = {"title": "of two", "grid": [4, 4, 4], "seed": 3}
    write_table(tmp_path / "kappa.ecsv", made)
    return tmp_path / "kappa.ecsv"


@pytest.mark.parametrize("case", LACKING)
def test_table_without_what_is_needed_is_refused(table, case):
    needs, words = LACKING[case]
    with pytest.raises(InputError, match=words):
        read_table(table, needs)


def test_table_with_all_that_is_needed_is_read(table):
    needs = Needs({"energy": "eV", "steps": "count", "name": "words", "good": "flag"}, {"absent": ""}, ("seed",))
    found = read_table(table, needs)
    assert found["energy"][0] == 1 * units.GeV
    assert found.meta["grid"] == [4, 4, 4]
