#!/usr/bin/env bash
# Every figure of the paper that decks can make, in its small version, and one page that shows ours beside what the paper
# says, claim by claim: runs/paper/index.html. From the top of the checkout:
#
#   bash jobs/paper.sh            # all, on two ranks (RANKS=4 for others); how long each part took comes at the end
#   bash jobs/paper.sh fig3 fig4  # these alone; the page has whatever is there
#
# Runs that are there already are kept (jobs/figure.sh). A figure that fails is named at the end; the status is then 1.
set -uo pipefail
cd "$(dirname "$0")/.."

FIGURES=(fig1 fig2 fig3 fig4 fig5 scales escape faraday)
[ $# -eq 0 ] || FIGURES=("$@")
OUT=runs/paper FAILED=() TIMES=()
HPCMM=${HPCMM:-$([ -x .venv/bin/hpcmm ] && echo .venv/bin/hpcmm || command -v hpcmm)}
[ ! -d .venv/bin ] || export PATH="$PWD/.venv/bin:$PATH"
export HPCMM
mkdir -p "$OUT" || exit 2

# timed NAME COMMAND ...: go on where it fails, and note how long it took
timed() {
  local name=$1 TIMEFORMAT='%R %U %S' seconds
  { time "${@:2}" 2>&3 || FAILED+=("$name"); } 3>&2 2>"$OUT/time"
  seconds=$(awk 'END { printf "%6.0f s, %6.0f s of cores", $1, $2 + $3 }' "$OUT/time")
  TIMES+=("$(printf '%-16s %s' "$name" "$seconds")")
  rm -f "$OUT/time"
}

# runs of a figure, on a page of their own
report() { "$HPCMM" report "runs/$1-small"/*/ --out "$OUT/$1.html"; }

for figure in "${FIGURES[@]}"; do
  grep -q "^$figure() {" jobs/figure.sh || continue # one that no deck makes yet
  echo "==== $figure"
  timed "$figure" bash jobs/figure.sh "$figure" small
  timed "$figure report" report "$figure"
done
timed page python3 jobs/paper_page.py "$OUT"

printf '%s\n' '' "${TIMES[@]}" "total: $SECONDS s"
if [ ${#FAILED[@]} -gt 0 ]; then
  echo "failed: ${FAILED[*]}" >&2
  exit 1
fi
