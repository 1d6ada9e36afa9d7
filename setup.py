"""Build the compiled kernels; everything else is declared in pyproject.toml."""

import os
import platform

from Cython.Build import cythonize
from setuptools import Extension, setup

# HPCMM_MARCH=native (default) uses every instruction of the building machine; on a cluster whose
# compute nodes differ from the login node, build with the compute nodes' name, e.g. HPCMM_MARCH=skylake-avx512.
MARCH = os.environ.get("HPCMM_MARCH", "native")
# -g0: without the debug tables that Python's own flags ask for, compiling takes a third less time
FLAGS = ["-O3", "-g0", "-fno-math-errno", "-fno-trapping-math"]
if MARCH:
    FLAGS.append(f"-march={MARCH}")
if MARCH != "" and platform.machine() in ("x86_64", "AMD64"):
    FLAGS.append("-mprefer-vector-width=512")

HEADERS = sorted(f"cython_kernels/{name}" for name in os.listdir("cython_kernels") if name.endswith((".h", ".pxd")))
KERNELS = sorted(name[:-4] for name in os.listdir("cython_kernels") if name.endswith(".pyx"))

setup(
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
    )
)
