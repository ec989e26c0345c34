#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks who includes whom (docs/ARCHITECTURE.md, "Folders"): a folder may include itself and what stands here.

The longest matching name of a folder or file decides. Prints every forbidden include; exit status 1 if there is one.
"""

import re
import subprocess
import sys

SHARED = ["base", "api", "kube"]
DATAPATH = ["bpf/abi", "agent/datapath", "agent/net", "agent/runtime"]
FEATURE = SHARED + DATAPATH
CONTROLLER = ["controller/store", "controller/apiserver", "controller/auth", "controller/scheduler",
              "controller/controllers"]
AGENT = ["agent/kubelet", "agent/kube_proxy", "agent/proxy", "agent/network", "agent/policy", "agent/dns", "agent/trace",
         "agent/node", "agent/server"]

ALLOWED = {
    "base": [],
    "api": ["base"],
    "kube": ["base", "api"],
    "proto": [],
    "bpf/abi": [],
    "bpf/lib": ["bpf/abi", "bpf/maps.h"],
    "bpf": ["bpf/abi", "bpf/lib"],
    "agent/datapath": ["base", "bpf/abi"],
    "agent/net": ["base"],
    "agent/runtime": ["base", "proto"],
    **{feature: FEATURE for feature in AGENT},
    "agent/network": FEATURE + ["cni"],  # the message that skiff-cni sends
    "agent/trace": FEATURE + ["proto"],
    "agent/server": FEATURE + ["proto"],
    "agent": FEATURE + AGENT,            # daemon.cpp and the *_wiring.cpp: the only place that sees every feature
    "controller/store": ["base", "proto"],
    "controller/apiserver": SHARED + ["controller/store"],
    "controller/auth": SHARED + ["controller/store", "controller/apiserver"],  # fills in its interfaces
    "controller/scheduler": SHARED,
    "controller/controllers": SHARED,
    "controller": SHARED + CONTROLLER,   # daemon.cpp
    "cni": ["base", "proto"],
    "cli": SHARED + ["proto", "cli/local", "cli/policy", "cli/services", "cli/packets", "cli/why", "cli/observe", "cli/uninstall", "bpf/abi"],
    "cli/local": SHARED + ["agent/net", "cli"],
    "cli/observe": SHARED + ["agent/trace", "agent/datapath", "bpf/abi", "cli"],
    "cli/packets": SHARED + ["agent/trace", "agent/datapath", "bpf/abi", "cli"],
    "cli/policy": SHARED + ["agent/datapath", "bpf/abi", "cli"],
    "cli/services": SHARED + ["agent/datapath", "bpf/abi", "cli"],
    "cli/why": SHARED + ["agent/trace", "cli"],
    "cli/uninstall": SHARED + ["agent/datapath", "agent/kube_proxy", "agent/network"],
    "deploy": [],
    "cmake": ["base", "api", "kube"],    # what is compiled beforehand
    "tests": None,                       # may include anything; nothing else may include tests
    "bench": None,
}

# Third-party headers that belong to one place.
FOREIGN = {
    "bpf/": ["agent/datapath", "bpf", "tests", "bench"],
    "netlink/": ["agent/net", "tests"],
    "grpc": ["agent/runtime", "agent/trace", "agent/server", "controller/store", "cli", "tests", "bench"],
    "rocksdb/": ["controller/store", "tests", "bench"],
    "nghttp2/": ["base/http"],
    "yaml-cpp/": ["api", "kube", "tests"],
    "ldns/": ["agent/dns", "tests"],
    "pcap/": ["cli/packets", "tests"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)


def owner(path):
    """The longest name of ALLOWED that `path` lies in."""
    matches = [name for name in ALLOWED if path == name or path.startswith(name + "/")]
    return max(matches, key=len, default=None)


def inside(path, names):
    return any(path == name or path.startswith(name + "/") for name in names)


def problems(path, text):
    mine = owner(path)
    if mine is None:
        yield "lies in a folder that tools/check_includes.py does not know"
        return
    for kind, included in INCLUDE.findall(text):
        if kind == "<":
            for prefix, places in FOREIGN.items():
                if included.startswith(prefix) and not inside(path, places):
                    yield f"<{included}> belongs to {', '.join(places)}"
            continue
        theirs = owner(included)
        if theirs is None or theirs == mine or ALLOWED[mine] is None:
            continue
        if not inside(included, ALLOWED[mine]):
            yield f'"{included}": {mine} may include only {", ".join(ALLOWED[mine]) or "itself"}'


def main():
    files = subprocess.run(["git", "ls-files", "*.cpp", "*.h", "*.c"], check=True, text=True, capture_output=True).stdout
    count = 0
    for path in files.split():
        with open(path, encoding="utf-8") as source:
            for problem in problems(path, source.read()):
                print(f"{path}: {problem}")
                count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
