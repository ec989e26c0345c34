#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds OCI archives from distribution packages and our own programs: the images of a local cluster, or (--image agent) the
one that deploy/daemonset.yaml runs.

No registry and no container engine is needed. An archive is rebuilt only when its inputs changed.
"""

import argparse
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from oci import Layer, write_image  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def run(*command, **options):
    return subprocess.run(command, check=True, text=True, capture_output=True, **options).stdout


def busybox_layer(cache):
    """busybox under every name it answers to, and the few files a program expects of a system.

    The dynamic one with its libraries, so that names are looked up as everywhere else.
    """
    binary = package_files(["busybox"], cache / "busybox") / "bin/busybox"
    layer = Layer()
    layer.file("bin/busybox", binary, 0o755)
    for library in libraries(binary):
        layer.file(library, library, 0o755)
    for applet in run(binary, "--list").split():
        if applet != "busybox":
            layer.link("bin/" + applet, "busybox")
    layer.link("usr/bin/env", "/bin/env")
    layer.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/bin/false\n"
                             "nobody:x:65534:65534:nobody:/home:/bin/false\n")
    layer.text("etc/group", "root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n")
    layer.text("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")
    layer.directory("root", 0o700)
    layer.directory("tmp", 0o1777)
    layer.directory("var/tmp", 0o1777)
    layer.directory("run")
    layer.directory("home")
    return layer


def package_files(names, cache):
    """The unpacked files of distribution packages, downloaded once."""
    cache.mkdir(parents=True, exist_ok=True)
    root = cache.resolve() / "root"
    if not all(list(cache.glob(name + "_*.deb")) for name in names):
        download = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", *names]
        if subprocess.run(download, cwd=cache, capture_output=True, check=False).returncode != 0:
            run("apt-get", "-q", "update")
            run(*download, cwd=cache)
    for name in names:
        run("dpkg", "-x", str(sorted(cache.glob(name + "_*.deb"))[-1]), str(root))
    return root


def libraries(binary):
    """The shared libraries of `binary` and its loader, as paths on this machine."""
    listing = run("ldd", str(binary))
    if "not found" in listing:
        raise SystemExit(f"images: libraries of {binary} are missing:\n{listing}")
    return re.findall(r"(?:=> )?(/\S+) \(0x", listing)


def nginx_layer(cache):
    root = package_files(["nginx", "nginx-common"], cache / "nginx")
    layer = Layer()
    layer.file("usr/sbin/nginx", root / "usr/sbin/nginx", 0o755)
    for library in libraries(root / "usr/sbin/nginx"):
        layer.file(library, library, 0o755)
    layer.file("etc/nginx/nginx.conf", HERE / "nginx.conf", 0o644)
    layer.file("etc/nginx/mime.types", root / "etc/nginx/mime.types", 0o644)
    layer.file("usr/share/nginx/html/index.html", root / "usr/share/nginx/html/index.html", 0o644)
    layer.directory("etc/nginx/conf.d")
    layer.directory("var/lib/nginx", uid=33)
    layer.link("var/log/nginx/access.log", "/dev/stdout")  # what the program opens before it reads its configuration
    layer.link("var/log/nginx/error.log", "/dev/stderr")
    return layer


def program_layer(binary, path):
    layer = Layer()
    layer.file(path, binary, 0o755)
    return layer


def agent_layer(bin_dir):
    """The agent, the CNI plugin to hand to the node, and the tools that remove a kube-proxy's rules."""
    layer = Layer()
    layer.link("var/run", "/run")  # runtimes call a pod's network namespace /var/run/netns/…
    tools = {"xtables-nft-multi": ["iptables-nft-save", "iptables-nft-restore", "ip6tables-nft-save", "ip6tables-nft-restore"],
             "xtables-legacy-multi": ["iptables-legacy-save", "iptables-legacy-restore", "ip6tables-legacy-save",
                                      "ip6tables-legacy-restore"],
             "nft": []}
    programs = {"usr/bin/skiff-agent": bin_dir / "skiff-agent", "usr/lib/skiff/skiff-cni": bin_dir / "skiff-cni"}
    for tool, names in tools.items():
        found = shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin")
        if not found:
            raise SystemExit(f"images: {tool} is not installed: see deploy/deps.sh")
        programs["usr/sbin/" + tool] = found
        for name in names:
            layer.link("usr/sbin/" + name, tool)
    extensions = sorted(pathlib.Path("/usr/lib").glob("*/xtables/lib*.so"))  # iptables reads rules by them
    for path, program in programs.items():
        layer.file(path, program, 0o755)
        if not is_static(program):
            for library in libraries(program):
                layer.file(library, library, 0o755)
    for extension in extensions:
        layer.file(str(extension), extension, 0o644)
    return layer


def is_static(program):
    told = subprocess.run(["ldd", program], text=True, capture_output=True, check=False)
    return any(words in told.stdout + told.stderr for words in ("not a dynamic executable", "statically linked"))


def recipes(bin_dir, cache):
    """(file name, reference, inputs, layers, config) of every image; layers are built only when needed."""
    base = []
    nginx = [*base, HERE / "nginx.conf"]
    return [
        ("pause", "skiff.local/pause:1", [bin_dir / "pause"],
         lambda: [program_layer(bin_dir / "pause", "pause")],
         {"Entrypoint": ["/pause"], "Env": [PATH]}),
        ("busybox", "docker.io/library/busybox:latest", base,
         lambda: [busybox_layer(cache)],
         {"Cmd": ["sh"], "Env": [PATH]}),
        ("nginx", "docker.io/library/nginx:latest", nginx,
         lambda: [busybox_layer(cache), nginx_layer(cache)],
         {"Cmd": ["nginx", "-g", "daemon off;"], "Env": [PATH], "ExposedPorts": {"80/tcp": {}},
          "StopSignal": "SIGQUIT"}),
        ("echo", "docker.io/library/echo:1.0.0", [*base, bin_dir / "echo"],
         lambda: [busybox_layer(cache), program_layer(bin_dir / "echo", "usr/bin/echo-server")],
         {"Entrypoint": ["/usr/bin/echo-server"], "Env": [PATH], "ExposedPorts": {"8080/tcp": {}, "8080/udp": {}}}),
        ("agent", "skiff.local/skiff-agent:1", [bin_dir / "skiff-agent", bin_dir / "skiff-cni"],
         lambda: [busybox_layer(cache), agent_layer(bin_dir)],
         {"Entrypoint": ["/usr/bin/skiff-agent"], "Env": [PATH]}),
    ]


def fingerprint(inputs):
    """Over the content of the inputs and of these scripts."""
    total = hashlib.sha256()
    for path in [*inputs, *sorted(HERE.glob("*.py"))]:
        total.update(hashlib.sha256(pathlib.Path(path).read_bytes()).digest())
    return total.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="where our own programs were built")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="where the archives go")
    parser.add_argument("--image", action="append", help="which to build (default: those of a local cluster)")
    options = parser.parse_args()
    wished = options.image or ["pause", "busybox", "nginx", "echo"]
    options.out.mkdir(parents=True, exist_ok=True)
    for name, reference, inputs, layers, config in recipes(options.bin, options.out / "cache"):
        if name not in wished:
            continue
        archive, stamp = options.out / f"{name}.tar", options.out / f"{name}.inputs"
        wanted = fingerprint(inputs)
        if archive.exists() and stamp.exists() and stamp.read_text() == wanted:
            continue
        write_image(archive, reference, [layer.tar() for layer in layers()], config)
        stamp.write_text(wanted)
        print(f"built {archive} ({reference}, {archive.stat().st_size // 1024} KiB)")


if __name__ == "__main__":
    main()
