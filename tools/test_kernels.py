#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Boots the distribution's kernels (tools/fetch_kernels.sh) in QEMU, without KVM, and runs the tests of tests/bpf there, and of control groups.

Usage: test_kernels.py BUILD_DIR [KERNEL...]      KERNEL: a folder of build/kernels; default: all of them
The machine is an initramfs: busybox, the test programs with the libraries they name, a few modules. Results are read from the
serial console.
"""
import io
import lzma
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
KERNELS = ROOT / "build" / "kernels"
MODULES = ["veth", "sch_ingress", "cls_bpf", "vxlan", "dummy"]
TESTS = ["budget_test", "cgroup_v2_test", "bpf_test"]
BOOT_SECONDS = 900
# Without cx16: QEMU 7.2's cmpxchg16b leaves a pointer in the flags, and 6.12 dies of that now and then.
CPU = "Haswell-noTSX,-cx16,-pcid,-x2apic,-tsc-deadline,-invpcid"
INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp; mount -t tmpfs run /run
mount -t bpf bpf /sys/fs/bpf; mount -t cgroup2 cgroup /sys/fs/cgroup
for module in $(cat /modules/order); do insmod /modules/$module; done
ip link set lo up
export SKIFF_BPF_OBJECTS=/bpf SKIFF_BPF_BUDGET=/bpf/budget.txt
echo "SKIFF-KERNEL $(uname -r) $(cut -d' ' -f1 /proc/uptime)"
for test in TESTS; do
  /tests/$test --gtest_brief=1
  echo "SKIFF-RESULT $test $?"
done
poweroff -f
"""


class Archive:
    """An initramfs in the only format the kernel reads, newc."""

    def __init__(self):
        self.out = io.BytesIO()
        self.seen = set()

    def add(self, path: str, data: bytes, mode: int):
        parent = os.path.dirname(path)
        if parent:
            self.directory(parent)
        self._entry(path, data, mode)

    def directory(self, path: str):
        if path in self.seen:
            return
        if os.path.dirname(path):
            self.directory(os.path.dirname(path))
        self.seen.add(path)
        self._entry(path, b"", stat.S_IFDIR | 0o755)

    def _entry(self, path: str, data: bytes, mode: int):
        name = path.encode() + b"\0"
        fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
        self._pad(b"070701" + b"".join(b"%08x" % field for field in fields) + name)
        self._pad(data)

    def _pad(self, data: bytes):
        self.out.write(data + b"\0" * (-len(data) % 4))

    def finish(self) -> bytes:
        self._entry("TRAILER!!!", b"", 0)
        return self.out.getvalue()


def libraries(program: pathlib.Path) -> set[str]:
    text = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"(/\S+) \(0x", text))


def read_module(path: pathlib.Path) -> bytes:
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def modules_in_order(kernel: pathlib.Path) -> list[tuple[str, bytes]]:
    """MODULES after what they depend on; what is built in is not there, and need not be."""
    files = {path.name.split(".")[0].replace("-", "_"): path for path in kernel.glob("lib/modules/**/*.ko*")}
    ordered: dict[str, bytes] = {}

    def visit(name: str):
        if name in ordered or name not in files:
            return
        data = read_module(files[name])
        depends = re.search(rb"\0depends=([^\0]*)\0", data)
        for other in depends.group(1).decode().split(",") if depends else []:
            visit(other.replace("-", "_"))
        ordered[name] = data

    for name in MODULES:
        visit(name)
    return list(ordered.items())


def make_initramfs(build: pathlib.Path, kernel: pathlib.Path) -> bytes:
    archive = Archive()
    for folder in ["proc", "sys", "dev", "tmp", "run", "bin"]:
        archive.directory(folder)
    tests = [test for test in TESTS if (build / "bin" / test).exists()]
    programs = {"bin/busybox": pathlib.Path(shutil.which("busybox"))}
    programs |= {f"tests/{test}": build / "bin" / test for test in tests}
    with tempfile.TemporaryDirectory() as scratch:
        for target, source in programs.items():
            stripped = pathlib.Path(scratch) / "stripped"
            subprocess.run(["strip", "-o", stripped, source], check=True)
            archive.add(target, stripped.read_bytes(), stat.S_IFREG | 0o755)
    for library in sorted(set().union(*(libraries(source) for source in programs.values()))):
        archive.add(library.lstrip("/"), pathlib.Path(library).read_bytes(), stat.S_IFREG | 0o755)
    for path in (build / "bpf").glob("*.bpf.o"):
        archive.add(f"bpf/{path.name}", path.read_bytes(), stat.S_IFREG | 0o644)
    archive.add("bpf/budget.txt", (ROOT / "bpf" / "budget.txt").read_bytes(), stat.S_IFREG | 0o644)
    modules = modules_in_order(kernel)
    for name, data in modules:
        archive.add(f"modules/{name}.ko", data, stat.S_IFREG | 0o644)
    archive.add("modules/order", "\n".join(f"{name}.ko" for name, _ in modules).encode(), stat.S_IFREG | 0o644)
    archive.add("init", INIT.replace("TESTS", " ".join(tests)).encode(), stat.S_IFREG | 0o755)
    return archive.finish()


def boot(kernel: pathlib.Path, initramfs: pathlib.Path) -> str:
    command = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", CPU, "-smp", "2", "-m", "1536", "-nographic",
               "-no-reboot", "-nic", "none", "-kernel", str(next(kernel.glob("boot/vmlinuz-*"))), "-initrd", str(initramfs),
               "-append", "console=ttyS0 quiet panic=-1 mitigations=off"]
    lines = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace") as machine:
        too_long = threading.Timer(BOOT_SECONDS, machine.kill)  # a machine that hangs says nothing
        too_long.start()
        try:
            for line in machine.stdout:
                lines.append(line.rstrip())
                if "-v" in sys.argv or line.startswith("SKIFF-"):
                    print("  " + line.rstrip(), flush=True)
            if machine.wait() < 0:
                lines.append(f"QEMU was killed, after {BOOT_SECONDS} s at most")
        finally:
            too_long.cancel()
    return "\n".join(lines)


def run(build: pathlib.Path, kernel: pathlib.Path) -> bool:
    print(f"{kernel.name}: {next(kernel.glob('boot/vmlinuz-*')).name}", flush=True)
    started = time.monotonic()
    with tempfile.NamedTemporaryFile(suffix=".cpio") as initramfs:
        initramfs.write(make_initramfs(build, kernel))
        initramfs.flush()
        console = boot(kernel, pathlib.Path(initramfs.name))
    results = dict(re.findall(r"SKIFF-RESULT (\S+) (\d+)", console))
    wanted = [test for test in TESTS if (build / "bin" / test).exists()]
    failed = [test for test in wanted if results.get(test) != "0"]
    for match in re.finditer(r"\[  (?:SKIPPED|FAILED)\s*\].*", console):
        print("  " + match.group(0))
    if failed:
        print(console[-20000:])
    print(f"{kernel.name}: {'FAILED: ' + ', '.join(failed) if failed else 'passed'} in {time.monotonic() - started:.0f} s")
    return bool(wanted) and not failed


def main() -> int:
    arguments = [argument for argument in sys.argv[1:] if argument != "-v"]
    build = pathlib.Path(arguments[0])
    names = arguments[1:] or sorted(path.name for path in KERNELS.iterdir() if list(path.glob("boot/vmlinuz-*")))
    if not names:
        print("no kernels: run tools/fetch_kernels.sh", file=sys.stderr)
        return 1
    return 0 if all([run(build, KERNELS / name) for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main())
