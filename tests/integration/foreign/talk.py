#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Both ends of the connections that a take-over must not end.

talk.py serve PORT NAME     answers every line with NAME
talk.py hold HOST PORT N    keeps N connections, asks on each of them all the time; on a line of stdin reports as JSON
talk.py ask HOST PORT N     N new connections, one after the other; prints who answered as JSON

The same with datagrams: serve-udp HOST PORT NAME (answers leave from where they were asked); hold-udp (N connected sockets; `lost` counts what was not answered); ask-udp (N datagrams of
one socket that is not connected).
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


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        _, sock = self.request
        sock.sendto((sys.argv[4] + "\n").encode(), self.client_address)


class UdpServer(socketserver.UDPServer):
    allow_reuse_address = True


def family():
    return socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET


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


def connect_udp():
    sock = socket.socket(family(), socket.SOCK_DGRAM)
    sock.settimeout(0.5)
    sock.connect((sys.argv[2], int(sys.argv[3])))
    return sock


def hold_udp():
    held = [{"socket": connect_udp(), "answers": 0, "lost": 0, "in_a_row": 0, "aborted": 0, "first": None, "last": None} for _ in range(int(sys.argv[4]))]

    def keep_asking(one):
        while True:
            try:
                one["socket"].send(b"who?")
                one["last"] = one["socket"].recv(100).decode().strip()
                one["first"] = one["first"] or one["last"]
                one["answers"] += 1
                one["in_a_row"] = 0
            except TimeoutError:
                one["lost"] += 1
                one["in_a_row"] += 1
            except OSError:  # told that its peer has gone: as every program does, it asks anew
                one["aborted"] += 1
                one["socket"].close()
                one["socket"] = connect_udp()
            time.sleep(0.05)

    for one in held:
        threading.Thread(target=keep_asking, args=(one,), daemon=True).start()
    print("holding", flush=True)
    while select.select([sys.stdin], [], [])[0] and sys.stdin.readline():
        print(json.dumps([{key: one[key] for key in ("answers", "lost", "in_a_row", "aborted", "first", "last")} for one in held]), flush=True)


def ask_udp():
    names = []
    sock = socket.socket(family(), socket.SOCK_DGRAM)
    sock.settimeout(2)
    for _ in range(int(sys.argv[4])):
        try:
            sock.sendto(b"who?", (sys.argv[2], int(sys.argv[3])))
            names.append(sock.recv(100).decode().strip())
        except OSError as error:
            names.append(repr(error))
    print(json.dumps(names))


if sys.argv[1] == "serve":
    Server.address_family = socket.AF_INET6  # and IPv4
    Server(("", int(sys.argv[2])), Answer).serve_forever()
elif sys.argv[1] == "serve-udp":
    UdpServer.address_family = family()
    UdpServer((sys.argv[2], int(sys.argv[3])), Echo).serve_forever()
else:
    {"hold": hold, "ask": ask_anew, "hold-udp": hold_udp, "ask-udp": ask_udp}[sys.argv[1]]()
