# SPDX-License-Identifier: Apache-2.0
"""Programs, network namespaces and waiting: what every test of this folder does to the machine."""

import subprocess
import time


def run(*command, timeout=300, **options):
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True, check=False, timeout=timeout, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def inside(netns, *command):
    # Not `ip netns exec`, which mounts /sys anew, without control groups.
    return ["nsenter", f"--net=/run/netns/{netns}", *[str(word) for word in command]]


def until(what, holds, seconds=60):
    """Waits until `holds()` is true, and returns what it was; failures meanwhile count as not yet."""
    end, problem = time.monotonic() + seconds, ""
    while True:
        try:
            value = holds()
            if value:
                return value
        except (AssertionError, OSError, KeyError, IndexError, ValueError) as error:
            problem = f": {error}"
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}{problem}")
        time.sleep(0.1)


class Children:
    """Processes in network namespaces; stop() ends them, the last first."""

    def __init__(self):
        self.processes = []

    def start(self, netns, *command, **options):
        child = subprocess.Popen(inside(netns, *command), text=True, **options)
        self.processes.append(child)
        return child

    def stop(self):
        for child in reversed(self.processes):
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe:
                    pipe.close()
        self.processes.clear()
