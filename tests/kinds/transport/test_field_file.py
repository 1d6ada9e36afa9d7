"""Fields from files in transport: their bits, scale, size and mean, what leaves them, gates, and what is refused."""

import numpy as np
import pytest

import hpcmm as hpcmm_module
from cython_kernels.block import LANES, ParticleBlock
from cython_kernels.grids import NestedGridField
from cython_kernels.push import Sampler, advance
from cython_kernels.scatter import Scatterer
from hpcmm import kinds
from hpcmm.deck.validate import resolved_toml
from hpcmm.errors import InputError
from hpcmm.estimators import lags
from hpcmm.kinds.transport import moments
from hpcmm.kinds.transport.plan import plan
from hpcmm.kinds.transport.realize import realize_field
from hpcmm.run import cubes as run_cubes
from tests import decks
from tests.kinds.transport import cubes
from tests.products import bytes_of
from tests.run.processes import hit, saved, start

AS_IT_IS = {"dB": "file", "box": "file", "orientation": "as_given"}


def config_of(tmp_path, text):
    (tmp_path / "deck.toml").write_text(text)
    return kinds.read(tmp_path / "deck.toml")[1]


@pytest.mark.parametrize("interpolation", ["trilinear"])
def test_a_grid_that_is_written_out_has_the_bits_of_the_grid(tmp_path, interpolation):
    """One grid of nested grids through a file, as given: the same places and directions after 700 steps."""
    values, _ = cubes.turbulence()
    file = cubes.written(tmp_path / "g.h5")
    config = config_of(
        tmp_path, cubes.deck(file, **AS_IT_IS, interpolation=interpolation).replace('"3 uG"', '"3.1711 uG"')
    )
    p = plan(config)[0]
    grid = (values.astype(float) * 3.0 / 3.1711).astype(np.float32)
    expected = NestedGridField([grid], [500e3], [np.eye(3)], [np.zeros(3)], interpolation)
    found = realize_field(config, p, 0)
    assert (found.values == grid).all()
    n = np.random.default_rng(2).normal(size=(3, LANES))
    r = np.random.default_rng(3).uniform(-1e7, 1e7, (3, LANES))
    blocks = [ParticleBlock(r, n / np.linalg.norm(n, axis=0)) for _ in (0, 1)]
    for field, block in zip((found, expected), blocks):
        advance(field, Scatterer(), block, Sampler([2**40]), 700, p.step, p.gyroradius)
    assert (blocks[0].state == blocks[1].state).all()


def test_by_default_the_file_takes_the_size_and_strength_of_the_medium(tmp_path):
    """l_c of the file becomes that of the medium, mean and fluctuations together B_rms; "remove" leaves the rest."""
    file = cubes.written(tmp_path / "g.h5", mean=(0.0, 3.0, 4.0))
    m = config_of(tmp_path, cubes.deck(file)).from_file.measured[0]
    assert m.l_c == pytest.approx(100e3)
    assert m.rms == pytest.approx(3.0)
    np.testing.assert_allclose(np.array(m.mean)[1:] / m.mean[2], [0.75, 1.0], atol=1e-6)
    assert m.mean_share == pytest.approx(5 / np.hypot(5, 3.1711), rel=1e-4)
    field = realize_field(config_of(tmp_path, cubes.deck(file)), plan(config_of(tmp_path, cubes.deck(file)))[0], 0)
    inner = field.values[:, :, 1:-1].astype(float)
    assert np.sqrt((inner**2).sum(axis=-1).mean()) == pytest.approx(1.0, rel=1e-6)
    removed = config_of(tmp_path, cubes.deck(file, mean="remove"))
    values = realize_field(removed, plan(removed)[0], 0).values[:, :, 1:-1]
    assert np.abs(values.mean(axis=(0, 1, 2), dtype=float)).max() < 1e-6
    assert removed.from_file.measured[0].dB == pytest.approx(3.0)


def test_paths_are_planned_by_the_fluctuations_alone(tmp_path):
    """Above l_c deflections are small and add up: a mean of twice dB makes the planned path five times as long."""
    one, other = (cubes.written(tmp_path / f"{mean}.h5", mean=(0.0, 0.0, mean * 3.1711)) for mean in (0.0, 2.0))
    bare, guided = (plan(config_of(tmp_path, cubes.deck(file, energy="555 EeV")))[0] for file in (one, other))
    assert guided.path_length / bare.path_length == pytest.approx(5.0, rel=1e-3)


def test_two_files_are_flown_in_turn_and_turned_at_random(tmp_path):
    files = [cubes.written(tmp_path / f"{seed}.h5", seed=seed) for seed in (1, 2)]
    config = config_of(tmp_path, cubes.deck(files, run={"realizations": 3}))
    fields = [realize_field(config, plan(config)[0], i) for i in range(3)]
    assert (fields[0].values == fields[2].values).all()
    assert not (fields[0].values == fields[1].values).all()
    assert not np.allclose(fields[0].rotation, fields[2].rotation)
    assert not np.allclose(fields[0].offset, fields[2].offset)


@pytest.mark.parametrize("boundary", ["periodic", "mirror"])
def test_solenoidal_and_mirrored_fields_have_the_strength_of_the_file(tmp_path, boundary):
    """rms at random places, within the loss of interpolation at l_min = 4 cells; of splines none in the mean."""
    file = cubes.written(tmp_path / "g.h5")
    keys = {"interpolation": "solenoidal", "compensate": True} if boundary == "periodic" else {"boundary": boundary}
    config = config_of(tmp_path, cubes.deck(file, **keys))
    field, draw = realize_field(config, plan(config)[0], 0), np.random.default_rng(4)
    n = np.ones((3, LANES)) / np.sqrt(3)
    b = np.array([field.at(ParticleBlock(draw.uniform(-1e6, 1e6, (3, LANES)), n)) for _ in range(200)])
    assert np.sqrt((b**2).sum(axis=1).mean()) == pytest.approx(1.0 if boundary == "periodic" else 0.95, abs=0.03)


def test_tensors_turn_as_vectors_do():
    """Moments and lag sums of tracks that are turned are the turned ones."""
    draw = np.random.default_rng(5)
    x, n, m = draw.normal(size=(3, 100, 3))
    frames = np.array([np.linalg.qr(draw.normal(size=(3, 3)))[0] for _ in range(2)])

    def sums(x, n, m):
        row = np.zeros(len(moments.INDEX))
        lag = np.zeros(len(lags.INDEX))
        for i, a in enumerate("xyz"):
            for j, b in enumerate("xyz"):
                row[moments.INDEX["".join(sorted(a + b))]] = (x[:, i] * x[:, j]).sum()
                row[moments.INDEX[f"v{a}v{b}"]] = (m[:, i] * n[:, j]).sum()
                lag[lags.INDEX["".join(sorted(a + b))]] = (x[:, i] * x[:, j]).sum()
                lag[lags.INDEX[f"n{a}n{b}"]] = (m[:, i] * n[:, j]).sum()
                lag[lags.INDEX[f"n{a}d{b}"]] = (m[:, i] * x[:, j]).sum()
        return row, lag

    lab = sums(x, n, m)
    for kind, turned in ((0, moments.turned), (1, lags.turned)):
        found = turned(np.broadcast_to(lab[kind], (2, 1, 1, len(lab[kind]))), frames)
        for realization, frame in enumerate(frames):
            expected = sums(*(v @ frame.T for v in (x, n, m)))[kind]
            np.testing.assert_allclose(found[realization, 0, 0], expected, atol=1e-9)


def test_a_mean_field_is_a_guide_that_turns_with_the_file(done, tmp_path):
    """Parallel to it particles go farther, whatever way it points in the lab; without it there is no such column."""
    from hpcmm import open_run

    file = cubes.written(tmp_path / "g.h5", mean=(0.0, 0.0, 6.0))
    (tmp_path / "deck.toml").write_text(cubes.deck(file, stepping={"path_length": "20 Mpc"}))
    said = done("run", tmp_path / "deck.toml", "--out", tmp_path / "run")
    table = open_run(tmp_path / "run").table
    assert table["kappa_par"][0] > 5 * table["kappa_perp"][0]
    assert table["kappa_zz"][0].value == pytest.approx(table["kappa_par"][0].value, rel=1e-3)
    assert "axes of kappa_xx, kappa_yy, kappa_zz: those of the file" in said.stdout
    assert "errors: of one field" in said.stdout
    assert table["displacement_over_box"][0] > 0
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "none", "--set", "field.0.mean=remove")
    assert "kappa_par" not in open_run(tmp_path / "none").table.colnames


def stopping(tmp_path):
    """Deck of tracks of which most leave a box of 500 kpc on their way of 5 Mpc."""
    file = cubes.written(tmp_path / "g.h5")
    return cubes.deck(
        file,
        decks.kicks(),
        energy=["30 EeV", "100 EeV"],
        boundary="stop",
        run={"particles": 150},
        stepping={"path_length": "1 Mpc", "step": "0.1 kpc", "samples": 20},
        output={"checkpoint_interval": "0.2 s"},
    )


def test_tracks_that_leave_end_and_are_counted(done, tmp_path):
    from hpcmm import open_run

    (tmp_path / "deck.toml").write_text(stopping(tmp_path))
    said = done("run", tmp_path / "deck.toml", "--out", tmp_path / "run")
    run = open_run(tmp_path / "run")
    left = run.moment("particles")
    counts = run.sums[:, :, :, :, moments.INDEX["particles"]].sum(axis=(1, 2))
    assert (np.diff(counts, axis=1) <= 0).all()
    assert (counts[:, 0] > 430).all()
    for row, there in zip(run.table, counts[:, -1]):
        assert 0.05 < row["ended"] < 0.95
        assert f"{450 - int(there)} of 450 tracks left the box and ended there" in said.stdout
    assert np.isfinite(run.sums).all()
    reach = 500 * np.sqrt(3)
    assert np.sqrt(run.moment("xx").to_value("kpc2").max()) < reach
    assert left.shape == counts.shape


def test_a_gate_opens_by_the_files_own_strengths(done, tmp_path):
    """B* of a fraction of 0.2 is met in the first step by that share of the particles, inside a field that ends too."""
    from hpcmm import open_run

    file = cubes.written(tmp_path / "g.h5")
    gate = decks.mirrors("30 kpc", gate="field_strength", filling_fraction=0.2)
    for boundary in ("periodic", "stop"):
        text = cubes.deck(file, gate, boundary=boundary, run={"particles": 1024}, stepping={"path_length": "200 kpc"})
        (tmp_path / "deck.toml").write_text(text)
        done("run", tmp_path / "deck.toml", "--out", tmp_path / boundary)
        assert open_run(tmp_path / boundary).table["f_mm_volume"][0] == pytest.approx(0.2, abs=0.03)


REFUSED = {
    "no dB": ({"dB": "file"}, None, "field[0].dB"),
    "no file": ({"file": "absent.h5"}, None, "no such file"),
    "layout": ({"layout": "fits"}, None, "'numpy' or 'openpmd'"),
    "two sides": ({"box": ["1 kpc", "1 kpc"]}, None, "a list of 3 lengths is expected"),
    "mirror": ({"boundary": "mirror", "interpolation": "solenoidal"}, None, "a periodic field is expected"),
    "tracks": ({"boundary": "stop"}, {"trajectories": 3}, "where they end"),
    "no mean": ({"filter": "FILTER"}, None, "has no mean field"),
    "no unit": ({"box": "file"}, None, "three sides are expected, or r_gi"),
    "strength": ({"dB": "1 uG"}, None, "B_rms"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_deck_that_does_not_fit_its_file_is_refused(hpcmm, tmp_path, case):
    keys, output, words = REFUSED[case]
    values = cubes.turbulence()[1]
    np.save(tmp_path / "a.npy", values)
    more = {"axes": "zyx"} | {key: value for key, value in keys.items() if key != "file"}
    text = cubes.deck(str(tmp_path / "a.npy"), output=output or {}, **more)
    text = text.replace('"FILTER"', "{ k_perp = [0.0, 3.5], k_par = [0.0, 1.6] }")
    if "file" in keys:
        text = text.replace(str(tmp_path / "a.npy"), keys["file"])
    (tmp_path / "deck.toml").write_text(text)
    ended = hpcmm("check", tmp_path / "deck.toml")
    assert ended.returncode == 2, ended.stdout
    assert words in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_plan_tells_what_was_measured_and_what_is_below_the_inertial_range(done, tmp_path):
    file = cubes.written(tmp_path / "g.h5")
    (tmp_path / "deck.toml").write_text(cubes.deck(file, energy=["83.3 EeV", "1 EeV"], box="file"))
    said = done("check", tmp_path / "deck.toml").stdout
    for words in (
        "openpmd, 32 x 32 x 32 values", "box 5e+05, 5e+05, 5e+05 pc", "spacing 15625", "first value at 0, 0, 0 pc",
        "|<B>|/B_rms", "l_c 75589 pc", "div B 0.000", "seam 1.02", "0.418 MB a realization",
        "below the inertial range at 1 EeV", "one field only",
    ):  # fmt: skip
        assert words in said


def test_units_of_a_snapshot_and_its_filter(tmp_path):
    """Lengths in r_gi, strengths in B_0; waves kept about the mean; an edited resolved deck is measured anew."""
    values = cubes.turbulence()[1] / 30 + np.array([1.0, 0.0, 0.0])
    hpcmm_module.write_field(tmp_path / "a.h5", values, box=64.0, unit=None, axes="zyx")
    keys = {"r_gi": "2 npc", "B_0": "3 uG", "dB": "file", "box": "file"}
    text = cubes.deck(str(tmp_path / "a.h5"), energy="50 MeV", **keys)
    text = text.replace('B_rms = "3 uG"', 'B_rms = "3.0168 uG"').replace('l_c = "100 kpc"', 'l_c = "20 npc"')
    config = config_of(tmp_path, text)
    m = config.from_file.measured[0]
    np.testing.assert_allclose(m.mean, (3.0, 0.0, 0.0), atol=1e-6)
    np.testing.assert_allclose(m.box, 128e-9)
    few = "filter = { k_perp = [0.0, 0.5], k_par = [0.0, 9.0] }"
    kept = config_of(tmp_path, text.replace("[[field]]", f"[[field]]\n{few}")).from_file.measured[0]
    assert 0.1 * m.dB < kept.dB < 0.95 * m.dB
    np.testing.assert_allclose(kept.mean, m.mean, atol=1e-9)
    inside, outside, whole = kept.left
    assert inside < 1e-12  # values of 4 bytes
    assert outside == pytest.approx(1, abs=1e-6)
    assert whole == pytest.approx((kept.dB / m.dB) ** 2, rel=1e-6)
    edited = resolved_toml(config).replace('box = "file"', 'box = ["1e-7 pc", "1e-7 pc", "1e-7 pc"]')
    assert config_of(tmp_path, edited).from_file.measured[0].box == (1e-7,) * 3


def test_what_a_filter_leaves_and_few_waves_are_told(tmp_path):
    """One wave within its ranges, one beyond: the plan says how much of both is left, and warns of one wave."""
    z, y, _ = np.meshgrid(*(np.arange(n) * 2 * np.pi / n for n in (8, 8, 8)), indexing="ij")
    values = np.zeros((8, 8, 8, 3))
    values[..., 0], values[..., 2] = 3.0 + 2.0 * np.cos(y), np.cos(y)
    values[..., 1] = np.cos(2 * z)
    hpcmm_module.write_field(tmp_path / "a.h5", values, box=2 * np.pi, unit=None, axes="zyx")

    def told(ranges):
        keys = {"box": "file", "r_gi": "1 pc"}
        text = cubes.deck(str(tmp_path / "a.h5"), energy="50 PeV", **keys)
        config = config_of(tmp_path, text.replace("[[field]]", f"[[field]]\nfilter = {ranges}"))
        return "\n".join(run_cubes.lines(config)), "\n".join(run_cubes.warnings(config, plan(config)))

    lines, warnings = told("{ k_perp = [0.0, 1.5], k_par = [0.0, 1.0] }")
    assert "leaves under 0.001 % of the power within k_perp and k_par, 100 % of that beyond, 16.7 % of all" in lines
    assert "waves that carry its power 1" in lines
    assert "its filter leaves 16.7 % of the power" in warnings
    assert "few waves carry the power, 1;" in warnings
    with pytest.raises(InputError, match=r"filter.*takes all waves out"):
        told("{ k_perp = [0.0, 9.0], k_par = [0.0, 9.0] }")
    assert "its filter" not in told("{ k_perp = [0.0, 9.0], k_par = [0.0, 1.0], keep = 'inside' }")[1]


@pytest.mark.mpi
def test_a_file_that_changed_is_noticed(done, hpcmm, tmp_path):
    """Of another length at once; of the same length when it is read."""
    file = cubes.written(tmp_path / "g.h5")
    (tmp_path / "deck.toml").write_text(cubes.deck(file, stepping={"path_length": "1 Mpc"}))
    done("run", tmp_path / "deck.toml", "--out", tmp_path / "run")
    (tmp_path / "run" / "moments.h5").unlink()
    for path in (tmp_path / "run" / "checkpoint").iterdir():
        path.unlink()
    cubes.written(tmp_path / "g.h5", seed=2)
    for ranks in (1, 2):
        ended = hpcmm("restart", tmp_path / "run", ranks=ranks)
        assert ended.returncode == 2, ended.stderr
        assert "has changed since it was measured" in ended.stderr
    (tmp_path / "g.h5").write_bytes(b"")
    ended = hpcmm("restart", tmp_path / "run")
    assert ended.returncode == 2
    assert "is not the file that was measured" in ended.stderr


@pytest.mark.mpi
@pytest.mark.parametrize("boundary", ["periodic", "stop"])
def test_bytes_do_not_depend_on_ranks_and_kills(done, mpirun, environment, tmp_path, boundary):
    """On one and three ranks, and killed on two and resumed on one."""
    text = stopping(tmp_path).replace('"stop"', f'"{boundary}"').replace("solenoidal", "trilinear")
    (tmp_path / "deck.toml").write_text(text)
    for ranks in (1, 3):
        done("run", tmp_path / "deck.toml", "--out", tmp_path / str(ranks), ranks=ranks)
    whole, out = bytes_of(tmp_path / "1"), tmp_path / "run"
    assert bytes_of(tmp_path / "3") == whole
    (tmp_path / "gate").touch()
    job = start(mpirun, environment, 2, "run", tmp_path / "deck.toml", "--out", out, paced={"gate": tmp_path / "gate"})
    saved(job, out)
    hit(job, 2, "kill all")
    job.communicate(timeout=60)
    assert not (out / "moments.h5").exists()
    done("restart", out)
    assert bytes_of(out) == whole


@pytest.mark.slow
def test_kappa_in_a_file_is_that_in_nested_grids(done, tmp_path):
    """Six fields, written out and drawn by the code: kappa at r_g = 0.3 l_c within three errors of each other."""
    from hpcmm import open_run

    files = [cubes.written(tmp_path / f"{s}.h5", seed=s, points=64, ratio=8, lossy=True) for s in range(6)]
    run, stepping = {"realizations": 6, "particles": 512}, {"path_length": "20 Mpc"}
    (tmp_path / "file.toml").write_text(cubes.deck(files, run=run, stepping=stepping, box="file", compensate=True))
    grids = {"model": "nested_grids", "points": 64, "scale_ratio": 8, "l_max": "250 kpc", "l_min": "31.25 kpc"}
    (tmp_path / "grids.toml").write_text(decks.transport("83.3 EeV", grids, run=run, stepping=stepping))
    found = []
    for name in ("file", "grids"):
        done("run", tmp_path / f"{name}.toml", "--out", tmp_path / name)
        row = open_run(tmp_path / name).table[0]
        found.append((row["kappa_iso"].value, row["kappa_iso_err"].value))
    (a, da), (b, db) = found
    assert abs(a - b) < 3 * np.hypot(da, db), found
    assert np.hypot(da, db) < 0.15 * a
