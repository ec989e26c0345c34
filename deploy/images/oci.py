# SPDX-License-Identifier: Apache-2.0
"""Writes container images as OCI archives: the same input gives the same bytes."""

import hashlib
import io
import json
import pathlib
import platform
import tarfile

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


class Layer:
    """A file system layer: entries by path, written sorted, owned by root, dated 1970."""

    def __init__(self):
        self.entries = {}

    def directory(self, path, mode=0o755, uid=0):
        info = self._info(path, mode)
        info.type = tarfile.DIRTYPE
        info.uid = info.gid = uid
        self.entries[info.name] = (info, None)

    def text(self, path, content, mode=0o644):
        self.data(path, content.encode(), mode)

    def file(self, path, source, mode=None):
        source = pathlib.Path(source)
        self.data(path, source.read_bytes(), source.stat().st_mode & 0o777 if mode is None else mode)

    def data(self, path, content, mode):
        info = self._info(path, mode)
        info.size = len(content)
        self.entries[info.name] = (info, content)

    def link(self, path, target):
        info = self._info(path, 0o777)
        info.type, info.linkname = tarfile.SYMTYPE, target
        self.entries[info.name] = (info, None)

    def _info(self, path, mode):
        name = path.strip("/")
        for parent in list(pathlib.PurePosixPath(name).parents)[:-1]:
            if str(parent) not in self.entries:
                self.directory(str(parent))
        info = tarfile.TarInfo(name)
        info.mode = mode
        return info

    def tar(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for name in sorted(self.entries):
                info, content = self.entries[name]
                archive.addfile(info, io.BytesIO(content) if content is not None else None)
        return out.getvalue()


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def write_image(path, reference, layers, config):
    """Writes `layers` (tar bytes, lowest first) as the image `reference` into the OCI archive `path`."""
    blobs = {}

    def blob(content, media_type):
        blobs[digest(content)] = content
        return {"mediaType": media_type, "digest": digest(content), "size": len(content)}

    def encoded(value):
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

    image = {
        "created": "1970-01-01T00:00:00Z",
        "architecture": ARCHITECTURE,
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": blob(encoded(image), "application/vnd.oci.image.config.v1+json"),
        "layers": [blob(layer, "application/vnd.oci.image.layer.v1.tar") for layer in layers],
    }
    entry = blob(encoded(manifest), manifest["mediaType"])
    entry["platform"] = {"architecture": ARCHITECTURE, "os": "linux"}
    entry["annotations"] = {
        "io.containerd.image.name": reference,
        "org.opencontainers.image.ref.name": reference.rsplit(":", 1)[1],
    }
    archive = Layer()  # an OCI archive is itself a tar with sorted, undated entries
    archive.data("oci-layout", encoded({"imageLayoutVersion": "1.0.0"}), 0o644)
    archive.data("index.json", encoded({"schemaVersion": 2, "manifests": [entry]}), 0o644)
    for name, content in blobs.items():
        archive.data("blobs/" + name.replace(":", "/"), content, 0o644)
    temporary = path.with_suffix(".part")
    temporary.write_bytes(archive.tar())
    temporary.rename(path)
