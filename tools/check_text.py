#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what every source of ours starts with and does without: licence line, pragma once, macros, leftovers."""

import re
import subprocess
import sys

LICENCE = "SPDX-License-Identifier: Apache-2.0"
BPF_LICENCE = "SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause"
# Macros of C++ live here: errors, field tables and GoogleTest need them, nothing else does.
MACRO_FILES = ("base/result.h", "base/check.h", "api/", "tests/")
MACRO = re.compile(r"^\s*#\s*define\s+(\w+)", re.MULTILINE)
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def is_bpf(path):
    return path.startswith("bpf/") or path.endswith(".bpf.c")


def licence_problem(path, text):
    wanted = BPF_LICENCE if is_bpf(path) else LICENCE
    if wanted not in "\n".join(text.splitlines()[:3]):
        yield f"does not begin with {wanted}"


def cpp_problems(path, text):
    if path.endswith(".h") and "#pragma once" not in text:
        yield "has no #pragma once"
    for match in LEFTOVER.finditer(text):
        yield f"holds {match.group(0)}: say where it is tracked, or do it"
    if is_bpf(path) or path.startswith(MACRO_FILES):
        return
    macros = set(MACRO.findall(text)) - set(re.findall(r"^\s*#\s*undef\s+(\w+)", text, re.MULTILINE))
    for macro in sorted(macros):
        yield f"defines the macro {macro}: a function or a constant does that"


def main():
    listed = subprocess.run(["git", "ls-files", "*.cpp", "*.h", "*.c", "*.py", "*.sh"], check=True, text=True,
                            capture_output=True).stdout
    count = 0
    for path in listed.split():
        with open(path, encoding="utf-8") as source:
            text = source.read()
        checks = [licence_problem(path, text)]
        if path.endswith((".cpp", ".h", ".c")):
            checks.append(cpp_problems(path, text))
        for problem in (problem for check in checks for problem in check):
            print(f"{path}: {problem}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
