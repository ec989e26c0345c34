#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Configures a preset and builds it, or only TARGETs of it. Usage: build.sh PRESET [JOBS [TARGET…]]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1 jobs=${2:-$(nproc)}

mkdir -p build
if ! cmake --preset "$preset" >"build/configure-$preset.log" 2>&1; then
  cat "build/configure-$preset.log" >&2
  exit 1
fi
shift "$(($# < 2 ? $# : 2))"
exec cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"}
