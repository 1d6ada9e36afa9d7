#!/usr/bin/env bash
# Sets hpcmm up in a virtual environment: MPI, parallel HDF5, PETSc, FFTW, their Python bindings, the compiled kernels.
#
#   jobs/install.sh [venv-dir]     `make setup` calls it; a second call does only what has changed
#
# The libraries come from apt where that is allowed (root or sudo), else from the environment as `module load` leaves it:
#   MPICC        the MPI compiler wrapper           default: mpicc on the PATH (on a Cray: MPICC=cc)
#   HDF5_DIR     a parallel HDF5 built with it      default: Debian's, or the one of h5pcc on the PATH
#   PETSC_DIR    a real-valued PETSc built with it  default: Debian's; with PETSC_ARCH where it has one
#   FFTW_DIR     an FFTW 3                          default: Debian's, or the one that pkg-config knows
#   PYTHON       the Python to use, 3.11 or newer   default: the first good one on the PATH
#   HPCMM_MARCH  -march of the kernels              default: native
#   NO_APT=1     leave apt alone
#   EXTRAS=rnn   PyTorch too, for the recurrent network of `hpcmm train`; docs: Sphinx, for `make docs`; "rnn docs": both
#   UNLOCKED=1   the newest Python packages that pyproject.toml allows, not the tested ones of jobs/constraints.txt
# What is not given is kept from the last call. Where there is no MPI, one comes from PyPI, with a serial h5py.
set -euo pipefail
cd "$(dirname "$0")/.."
VENV=$(realpath -m "${1:-.venv}")
PATH=$(tr : '\n' <<<"$PATH" | grep -vxF "$VENV/bin" | paste -s -d : -) # what an activated environment holds is not the system's
LOG=$VENV/setup.log
PY=$VENV/bin/python
JOBS=${JOBS:-$(getconf _NPROCESSORS_ONLN)}
PYPI_MPI=mpich
KEPT="PYTHON MPICC HDF5_DIR PETSC_DIR PETSC_ARCH FFTW_DIR HPCMM_MARCH NO_APT EXTRAS UNLOCKED"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf '[%3d s] %s\n' "$SECONDS" "$*"; }

note() { # what this machine lacks; said at the end of every call
  grep -qsxF "$*" "$VENV/setup.notes" || echo "$*" >>"$VENV/setup.notes"
}

die() { # what failed, what to do about it, [the log whose end to show]
  printf 'set-up failed: %s\n  to do: %s\n' "$1" "$2" >&2
  if [ -s "${3:-}" ]; then
    printf '  the end of %s:\n' "$3" >&2
    tail -n 15 "$3" | cut -c 1-200 | sed 's/^/    /' >&2
  fi
  exit 1
}

python_fault() { # prints what speaks against a Python; nothing when it will do
  "$1" - 2>/dev/null <<'PY' || echo "does not run"
import importlib.util as util, os, sys, sysconfig
if sys.version_info < (3, 11):
    print("is version %d.%d" % sys.version_info[:2])
elif not (util.find_spec("venv") and util.find_spec("ensurepip")):
    print("lacks venv (package python3-venv)")
elif not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")):
    print("lacks its headers (package python3-dev)")
PY
}

pick_tools() { # sets PYTHON and CC, or says all that is missing at once
  local p fault faults="" missing=""
  for p in ${PYTHON:-python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11}; do
    command -v "$p" >/dev/null || continue
    fault=$(python_fault "$p")
    [ -n "$fault" ] || break
    fault="; $(readlink -f "$(command -v "$p")") $fault"
    faults=${faults/"$fault"/}$fault # once, by whatever name it is found
    p=""
  done
  if [ -n "$p" ] && command -v "$p" >/dev/null; then PYTHON=$(command -v "$p")
  else missing="a Python >= 3.11 with venv and headers (found${faults:- none})"; fi
  for p in ${CC:-} gcc cc clang ""; do
    if [ -n "$p" ] && command -v "$p" >/dev/null; then break; fi
  done
  [ -n "$p" ] || missing="${missing:+$missing, and }a C compiler"
  [ -z "$missing" ] || die "missing: ${missing/found;/found:}" \
    "install gcc, python3-dev and python3-venv (Debian's names), or module load them, or make setup PYTHON=/path/to/python3.12"
  export CC=$p
}

apt_install() {
  command -v apt-get >/dev/null && [ "${NO_APT:-0}" = 0 ] || return 0
  local want="gcc g++ make pkg-config python3-dev python3-venv" missing="" p sudo=""
  [ -n "${MPICC:-}" ] || want="$want libopenmpi-dev openmpi-bin libhdf5-openmpi-dev libpetsc-real-dev"
  [ -n "${FFTW_DIR:-}" ] || want="$want libfftw3-dev"
  for p in $want; do
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    # a password is asked for only where sudo can work: on a cluster a failed try is reported to the administrator
    if sudo -n true 2>/dev/null || { [ -t 0 ] && id -nG | grep -qwE 'sudo|admin|wheel' && sudo -v; }; then
      sudo=sudo
    else
      say "apt: not allowed without root or sudo; it would have installed$missing"
      return 0
    fi
  fi
  say "apt: installing$missing"
  # shellcheck disable=SC2016,SC2086  # the words of $missing are the arguments of the inner shell
  $sudo env DEBIAN_FRONTEND=noninteractive sh -c \
    'apt-get -q update && apt-get -q -y --no-install-recommends install "$@"' apt $missing >>"$LOG" 2>&1 ||
    die "apt-get install$missing" "repair apt, or go on without it: make setup NO_APT=1" "$LOG"
}

find_libraries() { # sets MPI (debian, environment or pypi), WRAPPER, HDF5, PETSC, FFTW; empty: there is none
  local arch
  MPI=environment HDF5="" PETSC=""
  FFTW=${FFTW_DIR:-${FFTW_ROOT:-${EBROOTFFTW:-}}}
  [ -n "$FFTW" ] || ! command -v pkg-config >/dev/null || FFTW=$(pkg-config --variable=prefix fftw3 2>/dev/null || true)
  [ -n "$FFTW" ] || [ ! -f /usr/include/fftw3.h ] || FFTW=/usr
  [ -z "$FFTW" ] || compgen -G "$FFTW/include/fftw3.h" >/dev/null || compgen -G "$FFTW/include/*/fftw3.h" >/dev/null ||
    die "no FFTW in $FFTW" "give the right FFTW_DIR, or unset it to go on without FFTW"
  WRAPPER=$(command -v "${MPICC:-mpicc.openmpi}" || command -v "${MPICC:-mpicc}" || true)
  if [ -z "$WRAPPER" ]; then
    [ -z "${MPICC:-}" ] || die "MPICC=$MPICC is not there" "module load the MPI, or name another MPICC"
    MPI=pypi
    return
  fi
  if [ "$(readlink -f "$WRAPPER")" = "$(readlink -f /usr/bin/mpicc.openmpi)" ]; then
    MPI=debian
    arch=$("$WRAPPER" -print-multiarch || true)
  fi
  HDF5=${HDF5_DIR:-${HDF5_ROOT:-${EBROOTHDF5:-}}}
  if [ -z "$HDF5" ] && [ $MPI = debian ]; then
    HDF5=$(compgen -G "/usr/lib/$arch/hdf5/openmpi" || true)
  elif [ -z "$HDF5" ] && command -v h5pcc >/dev/null; then
    HDF5=$(dirname "$(dirname "$(command -v h5pcc)")")
    has_mpi "$HDF5" || HDF5=""
  fi
  [ -z "$HDF5" ] || has_mpi "$HDF5" ||
    die "the HDF5 in $HDF5 has no MPI" "module load a parallel HDF5 (often hdf5-parallel or hdf5-mpi), or unset HDF5_DIR"
  PETSC=${PETSC_DIR:-}
  if [ -z "$PETSC" ] && [ $MPI = debian ]; then # Debian links its PETSc to Open MPI only
    PETSC=$(compgen -G "/usr/lib/petscdir/petsc3.*/$arch-real" | sort -V | tail -n 1 || true)
  fi
  [ -z "$PETSC" ] || [ -f "$PETSC/include/petscversion.h" ] ||
    die "no PETSc in $PETSC" "give the right PETSC_DIR, or unset it to go on without PETSc"
}

has_mpi() { grep -qs 'define H5_HAVE_PARALLEL 1' "$1"/include/H5pubconf*.h; }

# A stage is current while its key, made anew, equals the one stored when it was done.
libraries_key() {
  cksum jobs/install.sh
  printf '%s\n' "$MPI" "$WRAPPER" "$HDF5" "$PETSC" "${PETSC_ARCH:-}" "$FFTW" "${PYTHON:-}" "$VENV"
}
packages_key() {
  echo "${EXTRAS:-} ${UNLOCKED:-0}"
  cksum jobs/constraints.txt
  awk '/^\[/ { keep = !/^\[tool/ || /setuptools/ } keep' pyproject.toml | cksum
}
kernels_key() {
  printf 'HPCMM_MARCH=%s\n' "${HPCMM_MARCH:=native}"
  [ "$HPCMM_MARCH" != native ] || grep -m 1 -E '^(flags|Features)' /proc/cpuinfo | cksum # native to which processor
  cksum setup.py
  find cython_kernels -name '*.p[yx][xdi]' -o -name '*.h' | LC_ALL=C sort | xargs -r cksum
}
current() { [ -f "$VENV/setup.$1" ] && [ "$("$1_key")" = "$(cat "$VENV/setup.$1")" ]; }
finish() { "$1_key" >"$VENV/setup.$1"; }

PIP() { "$PY" -m pip install "$@" >>"$LOG" 2>&1; }

build() { # name, how pip is told of it: compiles a binding against the chosen libraries; its output goes to a log of its own
  local t=$SECONDS
  # never from pip's cache, where a build for another MPI may lie; quick flags, as a binding only passes calls on
  CFLAGS="${CFLAGS:--O1 -g0 -fno-lto}" "$PY" -m pip install --no-build-isolation --no-deps --no-cache-dir --no-binary "$1" "${@:2}" >"$VENV/$1.log" 2>&1 &&
    say "$1: built in $((SECONDS - t)) s"
}

required() { # names a file for pip -r: of the packages given, or of all but those with -v; locked unless UNLOCKED=1
  local file=$VENV/setup.$1.txt
  UNLOCKED=${UNLOCKED:-0} "$PY" jobs/required.py "$@" >"$file" && echo "$file"
}

install_libraries() {
  local h5py="" petsc4py="" fftw="" version
  say "new environment in $VENV with $("$PYTHON" -V) ($PYTHON); details in $LOG"
  find "$VENV" -mindepth 1 ! -path "$LOG" -delete # not the directory itself: it carries the lock
  printf '[build_ext]\nparallel = %s\n' "$JOBS" >"$DIST_EXTRA_CONFIG"
  "$PYTHON" -m venv "$VENV" >>"$LOG" 2>&1 || die "making the environment" "make room in $VENV, or try another PYTHON" "$LOG"
  # setuptools: h5py needs 77.0.3 (its licence field), petsc4py 3.18 breaks with 81 (rpath option is a list)
  PIP -r "$(required setuptools wheel packaging cython numpy pkgconfig)" ||
    die "pip cannot get the build tools" "check the network and pip's settings, then make setup again" "$LOG"

  case $MPI in
    debian) PIP -r "$(required mpi4py)" ;; # the wheel finds libmpi.so.40 by itself
    environment) MPICC=$WRAPPER build mpi4py -r "$(required mpi4py)" ;;
    pypi) PIP "$PYPI_MPI" && PIP -r "$(required mpi4py)" ;;
  esac || die "installing mpi4py" "check MPICC and the network, then make setup again" \
    "$(compgen -G "$VENV/mpi4py.log" || echo "$LOG")"
  link_mpirun

  if [ -n "$HDF5" ]; then
    (
      # shellcheck disable=SC2030,SC2031  # each build has its own
      export CC=$WRAPPER HDF5_MPI=ON HDF5_DIR=$HDF5
      build h5py -r "$(required h5py)"
    ) &
    h5py=$!
  fi
  if [ -n "$PETSC" ]; then
    version=$(awk '/define PETSC_VERSION_(MAJOR|MINOR) / { printf "%s%s", s, $3; s = "." }' "$PETSC/include/petscversion.h")
    (
      # Ubuntu's PETSc passes on -z defs, which forbids the symbols that a Python module finds in Python
      # shellcheck disable=SC2031
      export CC=$WRAPPER PETSC_DIR=$PETSC LDFLAGS="${LDFLAGS:-} -Wl,-z,undefs"
      build petsc4py "petsc4py==$version.*" || {
        # 3.20 to 3.22 at least extend a part of Cython 3.0 that later ones have dropped
        PIP --target "$VENV/cython30" 'cython<3.1' && PYTHONPATH=$VENV/cython30 build petsc4py "petsc4py==$version.*"
      }
    ) &
    petsc4py=$!
  fi
  if [ -n "$FFTW" ]; then
    (
      # shellcheck disable=SC2030,SC2031
      export FFTW_DIR=$FFTW
      build mpi4py-fft -r "$(required mpi4py-fft)"
    ) &
    fftw=$!
  fi
  install_packages # while the compilers are at work
  if [ -z "$h5py" ]; then
    PIP --no-deps -r "$(required h5py)" || die "pip cannot get h5py" "check the network, then make setup again" "$LOG"
    note "h5py has no MPI: files are written through rank 0"
  else
    wait "$h5py" || die "building h5py" "check that HDF5_DIR and MPICC belong together, then make setup again" "$VENV/h5py.log"
  fi
  if [ -n "$petsc4py" ] && ! wait "$petsc4py"; then
    note "petsc4py $version did not build (see $VENV/petsc4py.log): no effective_medium or cluster runs"
  elif [ -z "$petsc4py" ]; then
    note "no PETSc found: no effective_medium or cluster runs"
  fi
  if [ -n "$fftw" ] && ! wait "$fftw"; then
    note "mpi4py-fft did not build (see $VENV/mpi4py-fft.log): no mhd runs"
  elif [ -z "$fftw" ]; then
    note "no FFTW found: no mhd runs"
  fi
  rm -rf "$VENV/cython30"
  # a later pip install must not swap what is bound to this MPI for a serial wheel
  local bound=""
  [ $MPI != environment ] || bound=mpi4py
  [ -z "$h5py" ] || bound=${bound:+$bound,}h5py
  [ -z "$petsc4py" ] || bound=${bound:+$bound,}petsc4py
  [ -z "$fftw" ] || bound=${bound:+$bound,}mpi4py-fft
  [ -z "$bound" ] || printf '[install]\nno-binary = %s\n' "$bound" >"$VENV/pip.conf"
}

link_mpirun() { # .venv/bin/mpirun is always the launcher of the MPI that mpi4py is bound to
  local bin suffix p
  [ $MPI != pypi ] || { note "no MPI found: $PYPI_MPI from PyPI is used; good for one node, a cluster needs its own"; return 0; }
  bin=$(dirname "$WRAPPER") suffix=${WRAPPER##*mpicc} # Debian's several: mpicc.mpich and mpirun.mpich
  [ "$MPI" != debian ] || suffix=.openmpi
  for p in "$bin/mpirun$suffix" "$bin/mpirun" "$bin/mpiexec" ""; do
    [ ! -x "$p" ] || break
  done
  if [ -z "$p" ]; then
    note "no mpirun beside $WRAPPER: start runs with srun"
    return 0
  fi
  printf '#!/bin/sh\nexec %q "$@"\n' "$p" >"$VENV/bin/mpirun"
  chmod +x "$VENV/bin/mpirun"
}

install_packages() {
  local more="another Python may need other versions: make setup UNLOCKED=1"
  [ "${UNLOCKED:-0}" = 0 ] || more="then make setup again"
  PIP -r "$(required -v mpi4py h5py petsc4py mpi4py-fft)" ||
    die "pip cannot get the Python packages" "check the network; $more" "$LOG"
  [[ ${EXTRAS:-} != *rnn* ]] || PIP -r "$(required rnn)" ||
    die "pip cannot get PyTorch" "check the network, or leave EXTRAS=rnn out" "$LOG"
  [[ ${EXTRAS:-} != *docs* ]] || PIP -r "$(required docs)" ||
    die "pip cannot get Sphinx and what it needs" "check the network, or leave EXTRAS=docs out" "$LOG"
  say "Python packages: installed"
}

check() { # all bindings load and share one MPI library; on two ranks, they write one file together
  local result pair
  local -a want=()
  [ -z "$HDF5" ] || want+=(h5py)
  ! "$PY" -c 'import importlib.util as u, sys; sys.exit(not u.find_spec("petsc4py"))' || want+=(petsc4py)
  ! "$PY" -c 'import importlib.util as u, sys; sys.exit(not u.find_spec("mpi4py_fft"))' || want+=(mpi4py_fft)
  result=$("$PY" jobs/check_stack.py "${want[@]}" 2>>"$LOG") ||
    die "the libraries do not work together" "give MPICC, HDF5_DIR and PETSC_DIR of one family, then make setup again" "$LOG"
  if [ -x "$VENV/bin/mpirun" ]; then
    # shellcheck source=/dev/null
    pair=$(. jobs/local_mpi.env && timeout 120 "$VENV/bin/mpirun" -n 2 "$PY" jobs/check_stack.py "${want[@]}" 2>>"$LOG") || true
    if [[ $pair == *"2 ranks;"* ]]; then
      result=$pair
    else
      note "$VENV/bin/mpirun -n 2 did not work here (see $LOG); on the login node of a cluster that may be so by rule"
    fi
  fi
  say "check: $(grep ' ranks;' <<<"$result")"
}

kernels_built() {
  local pyx
  for pyx in cython_kernels/*.pyx; do
    [ ! -f "$pyx" ] || [ -f "${pyx%.pyx}$SUFFIX" ] || return 1
  done
}

stale_kernels() { # the kernels to compile anew: those whose text changed, or all when anything they share did
  local changed=everything
  [ ! -f "$VENV/setup.kernels" ] || changed=$(kernels_key | grep -vxF -f "$VENV/setup.kernels" || true)
  if grep -q -v '\.pyx$' <<<"${changed:-.pyx}"; then
    find cython_kernels -name '*.pyx'
  else
    awk '{ print $NF }' <<<"$changed"
  fi
}

build_kernels() {
  local pyx so t=$SECONDS
  local -a stale
  mapfile -t stale < <(stale_kernels)
  # before compiling: a half-written library that a killed run leaves behind must not pass for a current one
  rm -f "$VENV/setup.kernels"
  for pyx in "${stale[@]}"; do rm -f "${pyx%.pyx}".c {,build/lib.*/}"${pyx%.pyx}$SUFFIX"; done
  for so in cython_kernels/*"$SUFFIX"; do [ -f "${so%"$SUFFIX"}.pyx" ] || rm -f "$so"; done
  say "kernels: compiling for -march=$HPCMM_MARCH"
  if compgen -G "$VENV/lib/python*/site-packages/hpcmm-*.dist-info" >/dev/null; then
    "$PY" setup.py build_ext --inplace >"$VENV/kernels.log" 2>&1
  else
    "$PY" -m pip install --no-build-isolation --no-deps -e . >"$VENV/kernels.log" 2>&1
  fi || {
    grep -E 'error:|\.pyx:[0-9]+:[0-9]+:' "$VENV/kernels.log" | cut -c 1-200 | awk '!seen[$0]++' | head -n 5 >&2 || true
    die "compiling the kernels" "mend the code; for an unknown -march make setup HPCMM_MARCH=native" "$VENV/kernels.log"
  }
  for pyx in cython_kernels/*.pyx; do
    [ -f "$pyx" ] || continue
    pyx=${pyx##*/}
    "$PY" -c "import cython_kernels.${pyx%.pyx}" >>"$VENV/kernels.log" 2>&1 ||
      die "the kernel ${pyx%.pyx} does not load" "see the log; built for another processor? make setup HPCMM_MARCH=native" \
        "$VENV/kernels.log"
  done
  say "kernels: compiled in $((SECONDS - t)) s"
}

keep() { # what a later call takes over when it is not given
  local v
  [ "$MPI" != environment ] || MPICC=$WRAPPER HDF5_DIR=$HDF5 PETSC_DIR=$PETSC
  for v in $KEPT; do printf '%s=%s\n' "$v" "${!v:-}"; done >"$VENV/setup.env"
}

take_over() {
  local v value
  [ -f "$VENV/setup.env" ] || return 0
  while IFS='=' read -r v value; do
    [ "$v" != EXTRAS ] || EXTRAS="$value ${EXTRAS:-}" # those of before stay
    if [ -n "${!v:-}" ] || [ -z "$value" ]; then continue; fi
    # a path that is gone, say of a module since removed, is forgotten
    if [ "${value#/}" = "$value" ] || [ -e "$value" ]; then export "$v=$value"; fi
  done <"$VENV/setup.env"
}

mkdir -p "$VENV"
[ -f "$LOG" ] || [ -z "$(ls -A "$VENV")" ] ||
  die "$VENV was not made by this script" "remove it, or name another place: jobs/install.sh DIR"
# two set-ups at once would spoil each other; the lock lives on until the last compiler has gone
exec 9<"$VENV"
if command -v flock >/dev/null && ! flock -n 9 2>/dev/null; then
  say "another set-up is at work in $VENV: waiting for it"
  flock 9 2>/dev/null || true # some network file systems have no locks
fi
take_over
# shellcheck disable=SC2086  # words of their own, in an order that does not depend on the call
EXTRAS=$(printf '%s\n' ${EXTRAS:-} | sort -u | paste -s -d ' ')
if [ -n "${PYTHON:-}" ]; then
  command -v "$PYTHON" >/dev/null || die "PYTHON=$PYTHON is not there" "name another"
  PYTHON=$(command -v "$PYTHON")
fi
export DIST_EXTRA_CONFIG=$VENV/build.cfg
find_libraries
if ! { [ -x "$PY" ] && "$PY" -c "" && current libraries; }; then
  : >"$LOG"
  apt_install
  find_libraries
  pick_tools
  install_libraries
  check
  finish libraries
  finish packages
  keep
elif ! current packages; then
  # a call that is killed here starts from nothing next time
  rm -f "$VENV"/setup.libraries "$VENV"/setup.packages "$VENV"/lib/python*/site-packages/hpcmm-*.dist-info/RECORD
  pick_tools
  install_packages
  check
  finish libraries
  finish packages
fi
SUFFIX=$("$PY" -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')
export HPCMM_MARCH=${HPCMM_MARCH:-native}
if ! current kernels || ! kernels_built; then
  pick_tools
  build_kernels
  finish kernels
fi
keep
say "set-up is current in $VENV"
[ ! -s "$VENV/setup.notes" ] || sed 's/^/        note: /' "$VENV/setup.notes"
