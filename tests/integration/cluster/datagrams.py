#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A sender of datagrams that never waits and never closes its socket: datagrams.py HOST PORT. Prints the name of who answers each
time it is another one than before, until it is killed."""

import socket
import sys
import time


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    last = ""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(0.01)
        while True:
            try:
                sender.sendto(b"x", (host, port))
                name = sender.recv(100).decode().split()[0]
            except OSError:
                time.sleep(0.01)
                continue
            if name != last:
                print(name, flush=True)
            last = name


if __name__ == "__main__":
    main()
