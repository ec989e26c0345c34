#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every rule a machine can check, over tracked files. Prints what is wrong and which check says so.
# shellcheck disable=SC2317  # the checks are called by name
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
failed=0

check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf ' ✓ %s\n' "$name"
  else
    printf ' ✗ %s\n%s\n' "$name" "$output"
    failed=1
  fi
}

formatted() { git ls-files '*.cpp' '*.h' 'bpf/*.c' | xargs clang-format-19 --dry-run --Werror; }
shell_scripts() { git ls-files '*.sh' '.ci/run' | xargs shellcheck -x; }
own_paths() { ! git grep -nIE '(^|[^A-Za-z0-9_])/(work|farm)/' -- . ':!tools/lint.sh'; }
placeholders() { ! git grep -nE '@[A-Z]+@' -- docs '*.md'; }

check "who includes whom" tools/check_includes.py
check "sizes" tools/check_sizes.py
check "licences, macros, leftovers" tools/check_text.py
check "format" formatted
check "no figures that were never filled in" placeholders
check "no paths of one machine" own_paths
if command -v shellcheck >/dev/null; then check "shell" shell_scripts; else echo " - shell: shellcheck is not installed, skipped"; fi
exit $failed
