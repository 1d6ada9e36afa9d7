#!/usr/bin/env bash
# The runs behind a figure of the paper, and the figure, from the top of the checkout:
#
#   bash jobs/figure.sh fig3 small       # some minutes on two ranks (RANKS=4, or LAUNCH='srun -n 4', for others)
#   bash jobs/figure.sh fig3 full        # gives every run to Slurm (jobs/transport.slurm); options in SBATCH_OPTIONS
#   bash jobs/figure.sh fig3 draw        # the figure of the full runs, once they are done
#
# Runs that are there already are kept. What the full runs cost is in docs/paper.md.
set -euo pipefail
cd "$(dirname "$0")/.."

FIGURE=${1:?usage: bash jobs/figure.sh FIGURE small|full|draw} SIZE=${2:?usage: bash jobs/figure.sh FIGURE small|full|draw}
HPCMM=${HPCMM:-$([ -x .venv/bin/hpcmm ] && echo .venv/bin/hpcmm || command -v hpcmm)}
[ ! -d .venv/bin ] || export PATH="$PWD/.venv/bin:$PATH"
read -r -a LAUNCH <<<"${LAUNCH:-mpirun -n ${RANKS:-2}}"
read -r -a SBATCH_OPTIONS <<<"${SBATCH_OPTIONS:-}"
set -a && . jobs/local_mpi.env && set +a
case $SIZE in small) TOP=runs/$FIGURE-small ;; full | draw) TOP=runs/$FIGURE ;; *) echo "$SIZE: small, full or draw is expected" >&2; exit 2 ;; esac
DIRECTORIES=()

# go NAME DECK [OPTION ...]: one run
go() {
  DIRECTORIES+=("$TOP/$1")
  launch "$@"
}

# before NAME DECK [OPTION ...]: one run that the figure does not show, and whose products those after it wait for
before() {
  JOB=
  launch "$@"
  [ -z "$JOB" ] || SBATCH_OPTIONS+=("--dependency=afterok:${JOB%%;*}")
}

launch() {
  local directory=$TOP/$1 deck=input_decks/$2
  if [ "$SIZE" = draw ] || grep -qs '"state": "finished"' "$directory/status.json"; then return; fi
  mkdir -p "$TOP"
  if [ "$SIZE" = full ]; then
    JOB=$(sbatch --parsable "${SBATCH_OPTIONS[@]}" --job-name="$FIGURE-$1" jobs/transport.slurm "$deck" "$directory" "${@:3}")
    echo "$directory: job ${JOB%%;*}"
  else
    echo "== $directory"
    "${LAUNCH[@]}" "$HPCMM" run "$deck" --out "$directory" --overwrite "${@:3}" 2>&1 | tail -n 4
  fi
}

f_mm() { echo "--set scatter.0.filling_fraction=$1"; }
# period N: the field of scales_transport.toml with all its lengths, repeating every 10^N pc
period() { printf -- '--set %se%spc ' field.0.period=1 "$1" field.0.l_max=0.5 "$1" field.0.l_min=0.25 "$1" medium.l_c=0.185 "$1"; }
# path LENGTH STEP
path() { printf -- '--set stepping.path_length=%s --set stepping.step=%s' "$@"; }
energy() { printf -- '--set particle.energy=['; printf '"%s",' "$@"; echo ']'; }

# Micromirrors of a plasma: the paper's in two dimensions, which is drawn, and a smaller one in three
fig1() {
  if [ "$SIZE" = small ]; then
    go 2d fig1_2d.toml
    go quick micromirrors_quick.toml
  else
    go 3d fig1.toml
  fi
}

fig3() {
  local size=()
  [ "$SIZE" != small ] || size=(--set run.realizations=6 --set run.particles=64)
  local f energies
  for f in 1 0.1 0.01 0; do
    case $SIZE-$f in
      small-1) energies=(1GeV 10GeV 30GeV) ;;
      small-0.1) energies=(1GeV 3GeV) ;;
      small-0.01) energies=(1GeV) ;;
      small-0) energies=(10PeV 100PeV 1EeV 10EeV 100EeV) ;;
      *-1) energies=(1GeV 10GeV 100GeV 300GeV 1TeV 3TeV) ;;
      *-0.1) energies=(1GeV 10GeV 100GeV 300GeV 1TeV) ;;
      *-0.01) energies=(1GeV 10GeV 30GeV) ;;
      *-0) energies=(1TeV 3TeV 10TeV 100TeV 1PeV 10PeV 100PeV 1EeV 10EeV 100EeV) ;;
    esac
    # shellcheck disable=SC2046
    go "f$f" fig3.toml $(f_mm "$f") $(energy "${energies[@]}") "${size[@]}"
    # shellcheck disable=SC2046
    go "scattering-f$f" fig3_scattering.toml $(f_mm "$f")
  done
  # kappa along lines, which the transition is told from
  size=()
  # shellcheck disable=SC2046
  [ "$SIZE" != small ] || size=(--set run.realizations=6 $(energy 3.1623TeV 10TeV 31.623TeV 100TeV))
  go lines transition_lines.toml "${size[@]}"
  # crosses: turbulence of MHD, seven snapshots of it or, small, three
  local flow=(5e-3 '[10.0,15.0,20.0,25.0,30.0,35.0,40.0]' 64) numbers='0010 0015 0020 0025 0030 0035 0040' files='' n
  [ "$SIZE" != small ] || flow=(2e-2 '[10.0,20.0,30.0]' 32) numbers='0010 0020 0030'
  for n in $numbers; do files+="\"$TOP/flow/snapshots/$n.h5\","; done
  size=()
  [ "$SIZE" != small ] || size=(--set run.realizations=3 --set run.particles=64 --set 'particle.energy=["27.75EeV","83.26EeV","277.5EeV"]')
  before flow mhd_small.toml --set mhd.viscosity="${flow[0]}" --set mhd.resistivity="${flow[0]}" --set "output.snapshots=${flow[1]}" \
    --set mhd.points="${flow[2]}"
  go mhd fig3_mhd.toml --set "field.0.file=[$files]" "${size[@]}"
  # stars: cosmic rays through the plasma of figure 2
  TOP=${TOP/fig3/fig2} fig2 late
}

# The plasma, then cosmic rays through two of its snapshots, or those named. PLASMA=fig1.toml takes the paper's own box, at
# s = 0.12 and 0.25
fig2() {
  local plasma=${PLASMA:-fig2_plasma.toml} times='[120,150]' early=001200 late=001500 box=() name file from deck few radii
  [ "$plasma" != fig1.toml ] || times='[600,1250]' early=006000 late=012500
  [ "$SIZE" != small ] || box=(--set 'box.cells=[48,32,32]' --set 'box.size=[48,24,24]')
  before plasma "$plasma" --set "output.snapshots=$times" "${box[@]}"
  [ $# -gt 0 ] || set -- late early filtered noise
  for name in "$@"; do
    file=$late from=plasma deck=fig2_$name.toml few=()
    case $name in
      late) radii='"0.55npc","1.1npc","2.2npc","4.4npc","8.8npc"' ;;
      early) file=$early radii='"1.1npc","2.2npc","4.4npc"' ;;
      filtered) radii='"2.2npc"' ;;
      noise) # the same plasma and filter with the noise of markers that carry all of f; it is not div-free between grid points
        from=noise-plasma deck=fig2_filtered.toml radii='"2.2npc"'
        before $from "$plasma" --set markers.weights=full_f --set "output.snapshots=$times" "${box[@]}"
        few=(--set 'title="noise of full f"' --set field.0.allow_divergence=true)
        ;;
    esac
    [ "$SIZE" != small ] || few+=(--set run.realizations=4 --set "particle.gyroradius=[$radii]")
    go $name "$deck" --set "field.0.file=$TOP/$from/snapshots/$file.h5" "${few[@]}"
  done
}

fig4() { go fig4 fig4.toml; }

# How long a cluster holds its cosmic rays; with eq 4 and 7 as they stand, and with the coefficients measured here
escape() {
  go paper cluster.toml
  go measured cluster.toml --set plasma.coefficients=measured
}

faraday() { go faraday faraday.toml; }

fig5() {
  local size=() f path
  [ "$SIZE" != small ] || size=(--set run.realizations=4 --set run.particles=64)
  go 1d fig5_1d.toml
  # the estimators of its 400 tracks; the recurrent network among them where PyTorch is at hand (pip install .[rnn])
  if [ "$SIZE" != full ]; then
    [ -f runs/network/weights.safetensors ] || "$HPCMM" train input_decks/network.toml || true
    "$HPCMM" kappa "$TOP/1d" --estimator all
  fi
  # 10 l_c is the length of the paper's paths, 60 l_c crosses enough patches for kappa to settle (docs/physics.md 8.5)
  for path in 1 6; do
    for f in 0 0.01 0.1 0.25 0.5 0.75 1; do
      # shellcheck disable=SC2046
      go "3d-path$path-f$f" fig5_3d.toml $(f_mm "$f") --set stepping.path_length="$path Mpc" "${size[@]}"
    done
  done
}

# Patches of one shape from a hundredth of a mean free path outside to a hundred of them, and the limit of diffusion
scales() {
  local few=(--set run.particles=4096) many=() cells=64 fractions=(0.05 0.1 0.3 0.5 0.7) f
  [ "$SIZE" != small ] || few=(--set run.particles=1024) many=(--set run.particles=256) cells=32 fractions=(0.1 0.3 0.5 0.7)
  go medium scales_medium.toml --set "effective_medium.grid=[$cells,$cells,$cells]"
  # kappa of either phase alone is the same whatever the period
  for f in 0 1; do
    # shellcheck disable=SC2046
    go "period0-f$f" scales_transport.toml $(f_mm "$f") $(period 0) $(path auto auto) "${few[@]}"
  done
  for f in "${fractions[@]}"; do
    # shellcheck disable=SC2046
    go "period0-f$f" scales_transport.toml $(f_mm "$f") $(period 0) $(path auto auto) "${few[@]}"
    # shellcheck disable=SC2046
    go "period2-f$f" scales_transport.toml $(f_mm "$f") $(period 2) $(path 4kpc 0.25pc) "${few[@]}"
    # shellcheck disable=SC2046
    go "period3-f$f" scales_transport.toml $(f_mm "$f") $(period 3) $(path 12kpc 0.25pc) "${few[@]}"
    go "period4-f$f" scales_transport.toml --set "scatter.0.filling_fraction=$f" "${many[@]}"
  done
}

case $FIGURE in
  fig1 | fig2 | fig3 | fig4 | fig5 | scales | escape | faraday) $FIGURE ;;
  *) echo "$FIGURE: fig1, fig2, fig3, fig4, fig5, scales, escape or faraday is expected" >&2; exit 2 ;;
esac
[ "$SIZE" = full ] || "$HPCMM" plot --figure "$FIGURE" "${DIRECTORIES[@]}" --out "$TOP/$FIGURE.png"
