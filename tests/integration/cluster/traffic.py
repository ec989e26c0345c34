#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client that never stops: traffic.py HOST PORT [--keep | --udp]. Prints what it saw as JSON when its stdin ends.

Without --keep a new connection for every request; with it one connection for all of them. With --udp a datagram from one socket
for every request: one without an answer is a failure, as is an answer to another request.
"""

import collections
import datetime
import http.client
import json
import select
import socket
import sys
import time

INTERVAL = 0.005
TIMEOUT = 3


class Datagrams:
    """What HTTPConnection is, over UDP: one answer for each request."""

    def __init__(self, host, port):
        family = socket.getaddrinfo(host, port)[0][0]
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect((host, port))
        self.sent = 0

    def ask(self):
        self.sent += 1
        self.socket.send(f"request-{self.sent}".encode())
        answer = self.socket.recv(2048).decode()
        if not answer.rstrip().endswith(f"request-{self.sent}"):
            raise OSError(f"answer to another request: {answer!r}")
        return answer.split()[0]

    def close(self):
        self.socket.close()


class Requests:
    """HTTP requests on one connection."""

    def __init__(self, host, port):
        self.connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)

    def ask(self):
        self.connection.request("GET", "/")
        return self.connection.getresponse().read().decode().splitlines()[0]

    def close(self):
        self.connection.close()


def main():
    host, port, udp = sys.argv[1], int(sys.argv[2]), "--udp" in sys.argv
    keep = udp or "--keep" in sys.argv
    connection, answered, hosts, failures = None, 0, collections.Counter(), []
    slowest = 0.0
    print("started", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        begun = time.monotonic()
        try:
            connection = connection or (Datagrams if udp else Requests)(host, port)
            hosts[connection.ask()] += 1
            answered += 1
        except OSError as error:
            failures.append(f"{datetime.datetime.now().strftime('%H:%M:%S.%f')[:-3]} {error!r}")
            connection = None
        except http.client.HTTPException as error:
            failures.append(f"{datetime.datetime.now().strftime('%H:%M:%S.%f')[:-3]} {error!r}")
            connection = None
        slowest = max(slowest, time.monotonic() - begun)
        if connection and not keep:
            connection.close()
            connection = None
        time.sleep(INTERVAL)
    print(json.dumps({"answered": answered, "hosts": hosts, "failures": failures[:20], "failed": len(failures),
                      "slowest": round(slowest, 3)}))


if __name__ == "__main__":
    main()
