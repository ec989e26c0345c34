#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds every fuzzer and runs each for a while on its kept corpus. Usage: fuzz.sh SECONDS_EACH
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1

tools/build.sh fuzz "$(nproc)" fuzzers
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
shopt -s nullglob
for fuzzer in build/fuzz/bin/*_fuzz; do
  name=$(basename "$fuzzer" _fuzz)
  printf '\n== %s\n' "$name"
  mkdir -p "build/fuzz/corpus/$name"
  kept=(tests/fuzz/corpus/"$name")
  "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/corpus/$name-found-" "build/fuzz/corpus/$name" "${kept[@]}"
done
