#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks how long files are: 500 lines at most, and no more than one in twenty above 350. (Columns are clang-format's.)

Generated and foreign text is not ours to shorten and is left out.
"""

import subprocess
import sys

HARD, SOFT, SOFT_SHARE = 500, 350, 0.05
LEFT_OUT = ("tests/fuzz/corpus/", "docs/", "LICENSE", "bpf/LICENSE", "bpf/vmlinux")
SOURCES = ["*.cpp", "*.h", "*.c", "*.py", "*.sh", "*.cmake", "CMakeLists.txt", "Makefile"]


def main():
    listed = subprocess.run(["git", "ls-files", *SOURCES], check=True, text=True, capture_output=True).stdout
    files = [path for path in listed.split() if not path.startswith(LEFT_OUT)]
    long, failed = [], False
    for path in files:
        with open(path, encoding="utf-8") as source:
            lines = sum(1 for _ in source)
        if lines > HARD:
            print(f"{path}: {lines} lines, more than {HARD}: does it still have one reason to exist?")
            failed = True
        elif lines > SOFT:
            long.append((lines, path))
    if len(long) > SOFT_SHARE * len(files):
        print(f"{len(long)} of {len(files)} files have more than {SOFT} lines:")
        for lines, path in sorted(long, reverse=True):
            print(f"  {lines} {path}")
        failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
