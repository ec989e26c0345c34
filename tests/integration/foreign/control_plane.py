# SPDX-License-Identifier: Apache-2.0
"""A real Kubernetes control plane in a network namespace of the tests: etcd, kube-apiserver, kube-controller-manager and
kube-scheduler, as ../peers builds them. Nothing here is part of skiff."""

import json
import os
import pathlib
import shutil
import ssl
import urllib.error
import urllib.request

from machine import run, until

PORT = 6443
SERVICES, PODS = "10.96.0.0/16", "10.244.0.0/16"
OPENSSL = """[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
[server]
subjectAltName = {names}
"""


def peers():
    """Where the programs are, or nothing: the directory of SKIFF_PEERS, or what ../peers made below build/."""
    source = pathlib.Path(os.environ.get("SKIFF_SOURCE", pathlib.Path(__file__).resolve().parents[3]))
    for base in (os.environ.get("SKIFF_PEERS"), source / "build/peers"):
        for directory in (base and pathlib.Path(base), base and pathlib.Path(base) / "kubernetes"):
            if directory and (directory / "bin/kube-apiserver").exists():
                return directory / "bin"
    return None


class Certificates:
    """A CA, and what it signs."""

    def __init__(self, directory, names):
        self.directory = directory
        self.config = directory / "openssl.cnf"
        self.config.write_text(OPENSSL.format(names=names))
        self.key("ca")
        run("openssl", "req", "-x509", "-new", "-key", self.path("ca.key"), "-days", "2", "-subj", "/CN=kubernetes-ca",
            "-config", self.config, "-extensions", "ca", "-out", self.path("ca.crt"))
        self.sign("server", "/CN=kube-apiserver", "-extfile", self.config, "-extensions", "server")
        self.sign("admin", "/O=system:masters/CN=admin")
        run("openssl", "genrsa", "-out", self.path("sa.key"), "2048")
        run("openssl", "rsa", "-in", self.path("sa.key"), "-pubout", "-out", self.path("sa.pub"))

    def path(self, name):
        return self.directory / name

    def key(self, name):
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.path(name + ".key"))

    def sign(self, name, subject, *options):
        self.key(name)
        request = run("openssl", "req", "-new", "-key", self.path(name + ".key"), "-subj", subject, "-config", self.config)
        run("openssl", "x509", "-req", "-days", "2", "-CA", self.path("ca.crt"), "-CAkey", self.path("ca.key"), "-CAcreateserial",
            "-out", self.path(name + ".crt"), *options, input=request)

    def kubeconfig(self, user, server):
        """A kubeconfig for a signed certificate."""
        return self.write_kubeconfig(user, server, {"client-certificate": f"{self.path(user)}.crt",
                                                    "client-key": f"{self.path(user)}.key"})

    def write_kubeconfig(self, name, server, user):
        path = self.path(name + ".kubeconfig")
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "it",
            "clusters": [{"name": "it", "cluster": {"server": server, "certificate-authority": str(self.path("ca.crt"))}}],
            "users": [{"name": name, "user": user}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": name}}]}))
        return path


class Api:
    """The API as its administrator asks it."""

    def __init__(self, server, certificates):
        self.server = server
        self.context = ssl.create_default_context(cafile=certificates.path("ca.crt"))
        self.context.load_cert_chain(certificates.path("admin.crt"), certificates.path("admin.key"))

    def __call__(self, method, path, document=None, content="application/json"):
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(self.server + path, body, {"content-type": content}, method=method)
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=30) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from None
        return json.loads(text) if text.startswith("{") else text

    def get(self, path):
        return self("GET", path)

    def create(self, path, document):
        return self("POST", path, document)

    def patch(self, path, document):
        return self("PATCH", path, document, "application/merge-patch+json")

    def delete(self, path):
        return self("DELETE", path)


class ControlPlane:
    """Runs at `address` of namespace `netns`, whose processes `start(command)` starts."""

    def __init__(self, directory, address, start):
        self.bin = peers()
        self.directory = directory
        self.server = f"https://{address}:{PORT}"
        names = f"IP:{address},IP:127.0.0.1,IP:10.96.0.1,DNS:kubernetes.default.svc"
        self.certificates = Certificates(directory, names)
        self.admin = self.certificates.kubeconfig("admin", self.server)
        self.api = Api(self.server, self.certificates)
        path = self.certificates.path
        etcd = "http://127.0.0.1:2379"
        start("etcd", shutil.which("etcd"), "--data-dir", directory / "etcd", "--listen-client-urls", etcd, "--advertise-client-urls",
              etcd, "--listen-peer-urls", "http://127.0.0.1:2380", "--unsafe-no-fsync", "--log-level", "error")
        start("apiserver", self.bin / "kube-apiserver", f"--etcd-servers={etcd}", "--bind-address=0.0.0.0", f"--secure-port={PORT}",
              "--insecure-port=0", f"--advertise-address={address}", f"--tls-cert-file={path('server.crt')}",
              f"--tls-private-key-file={path('server.key')}", f"--client-ca-file={path('ca.crt')}",
              f"--kubelet-client-certificate={path('admin.crt')}", f"--kubelet-client-key={path('admin.key')}",
              f"--service-account-key-file={path('sa.pub')}", f"--service-account-signing-key-file={path('sa.key')}",
              "--service-account-issuer=https://kubernetes.default.svc.cluster.local", f"--service-cluster-ip-range={SERVICES}",
              "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--allow-privileged=true")
        until("the API server is ready", lambda: self.api.get("/readyz") == "ok", 240)
        start("controller-manager", self.bin / "kube-controller-manager", f"--kubeconfig={self.admin}", "--port=0",
              "--leader-elect=false", f"--service-account-private-key-file={path('sa.key')}", f"--root-ca-file={path('ca.crt')}",
              "--use-service-account-credentials", f"--cluster-cidr={PODS}", "--allocate-node-cidrs",
              f"--service-cluster-ip-range={SERVICES}", "--node-monitor-grace-period=10m", "--concurrent-endpoint-syncs=2")
        start("scheduler", self.bin / "kube-scheduler", f"--kubeconfig={self.admin}", "--port=0", "--leader-elect=false")

    def kubectl(self, *arguments, kubeconfig=None, **options):
        cache = self.directory / "kubectl-cache"
        return run(self.bin / "kubectl", f"--cache-dir={cache}", f"--kubeconfig={kubeconfig or self.admin}", *arguments, **options)
