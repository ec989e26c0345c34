#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client that never stops: traffic.py HOST PORT [--keep | --udp] [--timeout=SECONDS] [--every=SECONDS]. Prints what it saw as
JSON for each line `look` on its stdin, and when that ends.

Without --keep a new connection for every request; with it one connection for all of them. With --udp a datagram from one socket
for every request: one without an answer is a failure, as is an answer to another request.
"""

import argparse
import collections
import datetime
import http.client
import json
import select
import socket
import sys
import time


class Datagrams:
    """What HTTPConnection is, over UDP: one answer for each request."""

    def __init__(self, host, port, timeout):
        family = socket.getaddrinfo(host, port)[0][0]
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.settimeout(timeout)
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

    def __init__(self, host, port, timeout):
        self.connection = http.client.HTTPConnection(host, port, timeout=timeout)

    def ask(self):
        self.connection.request("GET", "/")
        return self.connection.getresponse().read().decode().splitlines()[0]

    def close(self):
        self.connection.close()


class Seen:
    """What came of the requests."""

    def __init__(self):
        self.answered, self.hosts, self.failures, self.slowest = 0, collections.Counter(), [], 0.0

    def answer(self, host, seconds):
        self.answered += 1
        self.hosts[host] += 1
        self.slowest = max(self.slowest, seconds)

    def failure(self, error):
        self.failures.append(f"{datetime.datetime.now().strftime('%H:%M:%S.%f')[:-3]} {error!r}")

    def tell(self):
        print(json.dumps({"answered": self.answered, "hosts": self.hosts, "failures": self.failures[:20],
                          "failed": len(self.failures), "slowest": round(self.slowest, 3)}), flush=True)


def goes_on(seen):
    """Whether stdin is still open; tells what was seen so far if asked."""
    if select.select([sys.stdin], [], [], 0)[0]:
        if sys.stdin.readline() != "look\n":
            return False
        seen.tell()
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--udp", action="store_true")
    parser.add_argument("--timeout", type=float, default=3)
    parser.add_argument("--every", type=float, default=0.005)
    options = parser.parse_args()
    connect = Datagrams if options.udp else Requests
    connection, seen = None, Seen()
    print("started", flush=True)
    while goes_on(seen):
        begun = time.monotonic()
        try:
            connection = connection or connect(options.host, options.port, options.timeout)
            seen.answer(connection.ask(), time.monotonic() - begun)
        except (OSError, http.client.HTTPException) as error:
            seen.failure(error)
            connection = None
        if connection and not options.keep and not options.udp:
            connection.close()
            connection = None
        time.sleep(options.every)
    seen.tell()


if __name__ == "__main__":
    main()
