"""VTKHDF files as VTK reads them; by their structure where VTK is not installed."""

import h5py
import numpy as np
import pytest

from hpcmm.errors import InputError
from hpcmm.io import vtk_file

VALUES = np.arange(24.0).reshape(2, 3, 4)
PLACES = np.random.default_rng(3).normal(size=(2, 5, 3))
TIME = np.tile(np.arange(5.0), 2)


@pytest.fixture
def image(tmp_path):
    vtk_file.write_image(tmp_path / "a.vtkhdf", VALUES, (1.0, 2.0, 3.0), 0.5, "|B|/B_rms")
    return tmp_path / "a.vtkhdf"


@pytest.fixture
def lines(tmp_path):
    vtk_file.write_lines(tmp_path / "b.vtkhdf", PLACES, {"time": TIME})
    return tmp_path / "b.vtkhdf"


def test_structure_of_an_image(image):
    with h5py.File(image) as file:
        group = file["VTKHDF"]
        assert group.attrs["Type"] == b"ImageData"
        assert group.attrs.get_id("Type").get_type().is_variable_str() is False
        assert group.attrs["WholeExtent"].tolist() == [0, 1, 0, 2, 0, 3]
        assert (group["PointData/|B|_over_B_rms"][...] == VALUES.T).all()
    assert [path.name for path in image.parent.iterdir()] == [image.name]


def test_lines_have_the_structure_of_vtkhdf_poly_data(lines):
    with h5py.File(lines) as file:
        group = file["VTKHDF"]
        assert group.attrs["Type"] == b"PolyData"
        assert group["NumberOfPoints"][...].tolist() == [10]
        assert group["Lines/Offsets"][...].tolist() == [0, 5, 10]
        assert group["Lines/Connectivity"][...].tolist() == list(range(10))
        assert all(group[f"{kind}/Offsets"][...].tolist() == [0] for kind in ("Vertices", "Polygons", "Strips"))


def read(path):
    io = pytest.importorskip("vtkmodules.vtkIOHDF")
    reader = io.vtkHDFReader()
    assert reader.CanReadFile(str(path))
    reader.SetFileName(str(path))
    reader.Update()
    return reader.GetOutput()


def array(data, name):
    from vtkmodules.util.numpy_support import vtk_to_numpy

    return vtk_to_numpy(data.GetPointData().GetArray(name))


def test_vtk_reads_the_image(image):
    data = read(image)
    assert data.GetDimensions() == (2, 3, 4)
    for index in np.ndindex(VALUES.shape):
        point = data.ComputePointId(index)
        assert data.GetPoint(point) == tuple(0.5 * np.array(index) + (1, 2, 3))
        assert array(data, "|B|_over_B_rms")[point] == VALUES[index]


def test_vtk_reads_the_lines(lines):
    data = read(lines)
    assert (data.GetNumberOfLines(), data.GetNumberOfCells(), data.GetNumberOfPoints()) == (2, 2, 10)
    for line in range(2):
        cell = data.GetCell(line)
        for point in range(5):
            assert data.GetPoint(cell.GetPointId(point)) == tuple(PLACES[line, point])
    assert (array(data, "time") == TIME).all()


def test_unwritable_place_is_named(tmp_path):
    with pytest.raises(InputError, match="cannot write the file there"):
        vtk_file.write_image(tmp_path / "none" / "a.vtkhdf", VALUES, (0, 0, 0), 1.0, "b")
