#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every benchmark program of a build, and the cluster benchmark. Usage: bench.sh BIN_DIRECTORY [FILTER]
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1 filter=${2:-.}

for program in "$bin"/*_bench; do
  printf '\n== %s\n' "$(basename "$program")"
  if [[ $program == */waiting_bench ]]; then  # no cases to choose from: its argument is a count
    [[ $filter != . ]] || "$program"
  else
    "$program" --benchmark_filter="$filter"
  fi
done

if ((EUID == 0)) && [[ $filter == . ]]; then
  printf '\n== cluster\n'
  python3 bench/cluster_bench.py "$bin" build/images
fi
