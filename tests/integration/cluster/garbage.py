#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Throws garbage at sockets: garbage.py reads a JSON list of [kind, address, port] from stdin, kind tcp, tls, udp or unix (address is
a path then). Prints how many times it was thrown at each.
"""

import concurrent.futures
import json
import random
import socket
import ssl
import sys

PATIENCE = 1  # seconds for an answer, or for the other side to close


def made():
    """Bytes by what they look like; the same in every run."""
    chance = random.Random(1)
    return {
        "nothing": b"",
        "zeros": b"\x00" * 1024,
        "noise": chance.randbytes(65536),
        "endless headers": b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100_000,
        "half a request": b"POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{",
        "a length below zero": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "a chunk that never ends": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        "HTTP/2 frames of noise": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + chance.randbytes(4096),
        "a TLS record of noise": b"\x16\x03\x01\xff\xff" + chance.randbytes(512),
        "a websocket to nowhere": b"GET /api/v1/watch HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\xff\xff",
        "a message longer than it is": b"\xff\xff\xff\xff{",
        "a query that points at itself": b"\x00\x2e\x12\x34\x01\x00\xff\xff\xff\xff\xff\xff\xff\xff" + b"\xc0\x0c" * 17,
        "a query of noise": b"\x00\x40\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + chance.randbytes(50),
    }


def connect(kind, address, port):
    if kind == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(address)
        return connection
    connection = socket.create_connection((address, port), timeout=PATIENCE)
    if kind != "tls":
        return connection
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context.wrap_socket(connection)


def throw(kind, address, port, data):
    """Returns when the other side has closed, or after a moment."""
    if kind == "udp":
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.sendto(data[2:1402], (address, port))
        return
    with connect(kind, address, port) as connection:
        connection.settimeout(PATIENCE)
        try:
            connection.sendall(data)
            if kind != "tls":
                connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        except OSError:
            pass  # what it does with garbage is its own affair


def main():
    targets = [tuple(target) for target in json.load(sys.stdin)]
    thrown = [(target, data) for data in made().values() for target in targets]
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        for result in [pool.submit(throw, *target, data) for target, data in thrown]:
            result.result()
    print(len(made()))


if __name__ == "__main__":
    main()
