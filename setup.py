"""Build the compiled kernels, and put the example decks into the package; all else is declared in pyproject.toml."""

import os
import platform
import sys

from Cython.Build import cythonize
from setuptools import Extension, find_packages, setup

# In place, kernels use every instruction of the building machine (native); on a cluster whose compute nodes differ
# from the login node, build with the compute nodes' name, e.g. HPCMM_MARCH=skylake-avx512. A wheel may go anywhere:
# it has the instructions that all machines of its kind have, unless HPCMM_MARCH is set.
IN_PLACE = not {"bdist_wheel", "install", "bdist"} & set(sys.argv)
MARCH = os.environ.get("HPCMM_MARCH", "native" if IN_PLACE else "")
# -g0: without the debug tables that Python's own flags ask for, compiling takes a third less time
FLAGS = ["-O3", "-g0", "-fno-math-errno", "-fno-trapping-math"]
if MARCH:
    FLAGS.append(f"-march={MARCH}")
if MARCH != "" and platform.machine() in ("x86_64", "AMD64"):
    FLAGS.append("-mprefer-vector-width=512")

HEADERS = sorted(f"cython_kernels/{name}" for name in os.listdir("cython_kernels") if name.endswith((".h", ".pxd")))
KERNELS = sorted(name[:-4] for name in os.listdir("cython_kernels") if name.endswith(".pyx"))

setup(
    packages=[*find_packages(include=["hpcmm*", "cython_kernels*"]), "hpcmm.decks"],
    package_dir={"hpcmm.decks": "input_decks"},
    package_data={"hpcmm.decks": ["*.toml", "*.h5"], "hpcmm.commands": ["*.html"], "cython_kernels": ["*.pxd", "*.h"]},
    include_package_data=False,  # what a source distribution has beside, as sources of kernels, is no use there
    ext_modules=cythonize(
        [
            Extension(
                f"cython_kernels.{name}",
                [f"cython_kernels/{name}.pyx"],
                depends=HEADERS,
                extra_compile_args=FLAGS,
                define_macros=[("HPCMM_FLAGS", '"' + " ".join(FLAGS) + '"')],
            )
            for name in KERNELS
        ],
        language_level=3,
        compiler_directives={
            "boundscheck": False,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": False,
        },
    ),
)
