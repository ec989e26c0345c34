#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An API server of Kubernetes 1.20 as far as a service proxy sees it: Services, Nodes, discovery.k8s.io/v1beta1.

Objects and the one accepted token are read from files again and again; changes are told to watches. HTTP/1.1 over TLS.
Usage: fake_api.py PORT DIRECTORY   (DIRECTORY: tls.crt, tls.key, accepted-token, objects.json)
"""

import http.server
import json
import pathlib
import ssl
import sys
import time

DIRECTORY = pathlib.Path(sys.argv[2])
PATHS = {"/api/v1/services": "services", "/api/v1/nodes": "nodes",
         "/apis/discovery.k8s.io/v1beta1/endpointslices": "slices"}
GROUP = {"kind": "APIGroup", "apiVersion": "v1", "name": "discovery.k8s.io",
         "versions": [{"groupVersion": "discovery.k8s.io/v1beta1", "version": "v1beta1"}]}
WATCH_SECONDS = 12


def accepted():
    return "Bearer " + (DIRECTORY / "accepted-token").read_text().strip()


def objects(kind):
    """The file's objects by name; its moment is their version."""
    file = DIRECTORY / "objects.json"
    version = str(file.stat().st_mtime_ns // 1000)
    listed = json.loads(file.read_text())[kind]
    for one in listed:
        one["metadata"]["resourceVersion"] = version
    return version, {one["metadata"]["name"]: one for one in listed}


class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if self.headers.get("authorization") != accepted():
            return self.answer(401, {"kind": "Status", "status": "Failure", "code": 401, "reason": "Unauthorized"})
        if path == "/apis/discovery.k8s.io":
            return self.answer(200, GROUP)
        if path not in PATHS:
            return self.answer(404, {"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound"})
        if "watch=1" in query:
            return self.watch(PATHS[path])
        version, listed = objects(PATHS[path])
        return self.answer(200, {"kind": "List", "metadata": {"resourceVersion": version}, "items": list(listed.values())})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.answer(201, {})

    def watch(self, kind):
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        version, known = objects(kind)
        end = time.monotonic() + WATCH_SECONDS
        for name, one in known.items():  # whoever asks may have missed a change
            self.chunk({"type": "MODIFIED", "object": one})
        while time.monotonic() < end and self.headers.get("authorization") == accepted():
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
