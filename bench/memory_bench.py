#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Memory of agent and controller by number of Services: memory_bench.py BIN_DIRECTORY IMAGES_DIRECTORY [--services 1,5000,...].

Needs root. The cluster of datapath_bench.py: two nodes, three pods; Services of four endpoints each. MiB of the larger agent: resident,
and of it anonymous (its own) and of files (its program, which the page cache holds once for all agents of a machine). At the end the
agents are killed: the last lines are those of new ones, which list instead of being told one by one.
"""

import argparse
import os
import pathlib
import re
import signal
import time

from datapath.worlds import SkiffCluster

SETTLED = 8  # seconds after which an agent has let go of what only its start needed


def processes():
    """(program, process id) of the cluster's daemons."""
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode().split("\0")
        except OSError:
            continue  # it has ended
        program = pathlib.Path(words[0]).name
        if program in ("skiff-agent", "skiff-controller") and any("dpb" in word for word in words):
            yield program, int(path.parent.name)


def memory(process):
    """MiB: resident, anonymous, of files."""
    proc = pathlib.Path(f"/proc/{process}")
    anonymous = int(re.search(r"Anonymous:\s+(\d+)", (proc / "smaps_rollup").read_text())[1])
    resident = int(re.search(r"VmRSS:\s+(\d+)", (proc / "status").read_text())[1])
    return resident / 1024, anonymous / 1024, (resident - anonymous) / 1024


def show(what):
    largest = {}
    for program, process in processes():
        largest[program] = max(largest.get(program, (0, 0, 0)), memory(process))
    for program, (resident, anonymous, files) in sorted(largest.items()):
        print(f"{what:>22}  {program:16}  {resident:6.1f} MiB: {anonymous:6.1f} anonymous, {files:5.1f} files", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bin", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("images", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--services", default="1,5000,10000,30000", help="how many, one after the other")
    options = parser.parse_args()
    cluster = SkiffCluster(options.bin, options.images)
    try:
        for count in map(int, options.services.split(",")):
            cluster.set_services(count)
            time.sleep(SETTLED)
            show(f"{count:,} Services")
        for program, process in list(processes()):
            if program == "skiff-agent":
                os.kill(process, signal.SIGKILL)
        time.sleep(2 * SETTLED)
        show("after a restart")
    finally:
        cluster.remove()


if __name__ == "__main__":
    main()
