#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An API server as far as skiff-agent on somebody else's cluster sees it: Services, Nodes, Pods, EndpointSlices of one version, and
questions about tokens.

Objects, the version and the accepted tokens are read from files again and again; changes are told to watches. HTTP/1.1 over TLS.
Usage: fake_api.py PORT DIRECTORY

DIRECTORY: tls.crt, tls.key; accepted-token: of the agent; objects.json; slices-version: v1beta1 (Kubernetes 1.20) or v1;
visitor-token: one that TokenReview knows for the audience skiff-agent; visitor-may: the subresources of nodes it may get.
"""

import http.server
import json
import pathlib
import ssl
import sys
import time

DIRECTORY = pathlib.Path(sys.argv[2])
PATHS = {"/api/v1/services": "services", "/api/v1/nodes": "nodes", "/api/v1/pods": "pods"}
SLICES = "/apis/discovery.k8s.io/{}/endpointslices"
WATCH_SECONDS = 12


def text(name):
    file = DIRECTORY / name
    return file.read_text().strip() if file.exists() else ""


def accepted():
    return "Bearer " + text("accepted-token")


def kind_of(path):
    return "slices" if path == SLICES.format(text("slices-version")) else PATHS.get(path)


def objects(kind):
    """The file's objects by name; its moment is their version."""
    file = DIRECTORY / "objects.json"
    version = str(file.stat().st_mtime_ns // 1000)
    listed = json.loads(file.read_text()).get(kind, [])
    for one in listed:
        one["metadata"]["resourceVersion"] = version
        if kind == "slices" and text("slices-version") == "v1":
            for endpoint in one["endpoints"]:
                endpoint["nodeName"] = endpoint.pop("topology")["kubernetes.io/hostname"]
    return version, {one["metadata"]["name"]: one for one in listed}


def group():
    version = text("slices-version")
    return {"kind": "APIGroup", "apiVersion": "v1", "name": "discovery.k8s.io",
            "versions": [{"groupVersion": f"discovery.k8s.io/{version}", "version": version}]}


def token_review(spec):
    known = spec["token"] == text("visitor-token") and spec["audiences"] == ["skiff-agent"]
    return {"authenticated": known, **({"user": {"username": "visitor"}, "audiences": spec["audiences"]} if known else {})}


def access_review(spec):
    wanted = spec["resourceAttributes"]
    return {"allowed": spec["user"] == "visitor" and wanted["resource"] == "nodes" and wanted["verb"] == "get" and
            wanted["subresource"] in text("visitor-may").split()}


REVIEWS = {"/apis/authentication.k8s.io/v1/tokenreviews": token_review,
           "/apis/authorization.k8s.io/v1/subjectaccessreviews": access_review}


class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def refused(self):
        if self.headers.get("authorization") == accepted():
            return False
        self.answer(401, {"kind": "Status", "status": "Failure", "code": 401, "reason": "Unauthorized"})
        return True

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if self.refused():
            return None
        if path == "/apis/discovery.k8s.io":
            return self.answer(200, group())
        kind = kind_of(path)
        if not kind:
            return self.answer(404, {"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound"})
        if "watch=1" in query:
            return self.watch(path, kind)
        version, listed = objects(kind)
        return self.answer(200, {"kind": "List", "metadata": {"resourceVersion": version}, "items": list(listed.values())})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.refused():
            return None
        if self.path not in REVIEWS:
            return self.answer(201, {})
        asked = json.loads(body)
        return self.answer(201, {**asked, "status": REVIEWS[self.path](asked["spec"])})

    def watch(self, path, kind):
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        version, known = objects(kind)
        end = time.monotonic() + WATCH_SECONDS
        for one in known.values():  # whoever asks may have missed a change
            self.chunk({"type": "MODIFIED", "object": one})
        while time.monotonic() < end and self.headers.get("authorization") == accepted() and kind_of(path):
            time.sleep(0.05)
            now, seen = objects(kind)
            if now == version:
                continue
            for name, one in seen.items():
                self.chunk({"type": "MODIFIED" if name in known else "ADDED", "object": one})
            for name in known.keys() - seen.keys():
                self.chunk({"type": "DELETED", "object": known[name]})
            version, known = now, seen
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, event):
        line = json.dumps(event).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()

    def answer(self, code, document):
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(DIRECTORY / "tls.crt", DIRECTORY / "tls.key")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Api)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


main()
