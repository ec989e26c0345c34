#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One TCP stream that is as fast as it may be: stream.py receive SECONDS [PORT] prints the bits a second that arrived, after a
first second in which what may go at once has gone; stream.py send HOST [PORT] sends until nobody receives any more."""

import socket
import sys
import time

PORT = 5001
WARM_UP = 1.0


def receive(seconds, port):
    server = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    print("listening", flush=True)
    connection, _ = server.accept()
    connection.settimeout(10)
    started, counted, mark = time.monotonic(), 0, None
    while True:
        counted += len(connection.recv(1 << 18))
        now = time.monotonic()
        if mark is None and now - started >= WARM_UP:
            mark = (now, counted)
        elif mark and now - mark[0] >= seconds:
            print((counted - mark[1]) * 8 / (now - mark[0]), flush=True)
            return


def send(host, port):
    with socket.create_connection((host, port), timeout=10) as connection:
        data = b"x" * 65536
        try:
            while True:
                connection.sendall(data)
        except OSError:
            pass


if __name__ == "__main__":
    given_port = int(sys.argv[3]) if len(sys.argv) > 3 else PORT
    if sys.argv[1] == "receive":
        receive(float(sys.argv[2]), given_port)
    else:
        send(sys.argv[2], given_port)
