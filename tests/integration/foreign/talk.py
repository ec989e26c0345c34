#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Both ends of the connections that a take-over must not end.

talk.py serve PORT NAME     answers every line with NAME
talk.py hold HOST PORT N    keeps N connections, asks on each of them all the time; on a line of stdin reports as JSON
talk.py ask HOST PORT N     N new connections, one after the other; prints who answered as JSON
"""

import contextlib
import json
import select
import socket
import socketserver
import sys
import threading
import time


class Answer(socketserver.StreamRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):  # the test has ended its client
            while self.rfile.readline():
                self.wfile.write((sys.argv[3] + "\n").encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


def connect():
    peer = socket.create_connection((sys.argv[2], int(sys.argv[3])), timeout=3)
    return peer, peer.makefile("rwb", buffering=0)


def ask(stream):
    stream.write(b"who?\n")
    name = stream.readline().decode().strip()
    if not name:
        raise ConnectionError("closed")
    return name


def hold():
    held = []
    for _ in range(int(sys.argv[4])):
        _, stream = connect()
        held.append({"stream": stream, "first": ask(stream), "answers": 1, "error": None})

    def keep_asking(one):
        while one["error"] is None:
            try:
                name = ask(one["stream"])
                if name != one["first"]:
                    one["error"] = f"{one['first']} became {name}"
                one["answers"] += 1
            except OSError as error:
                one["error"] = repr(error)
            time.sleep(0.02)

    for one in held:
        threading.Thread(target=keep_asking, args=(one,), daemon=True).start()
    print("holding", flush=True)
    while select.select([sys.stdin], [], [])[0] and sys.stdin.readline():
        print(json.dumps([{key: one[key] for key in ("first", "answers", "error")} for one in held]), flush=True)


def ask_anew():
    names = []
    for _ in range(int(sys.argv[4])):
        try:
            peer, stream = connect()
            names.append(ask(stream))
            peer.close()
        except OSError as error:
            names.append(repr(error))
    print(json.dumps(names))


if sys.argv[1] == "serve":
    Server(("", int(sys.argv[2])), Answer).serve_forever()
elif sys.argv[1] == "hold":
    hold()
else:
    ask_anew()
