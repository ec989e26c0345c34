#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the frames at eth0 that come from a port and that go to it, until its input ends: passing.py PORT → {"from": 0, "to": 0}."""

import json
import select
import socket
import struct
import sys

ALL = 3  # ETH_P_ALL
IPV4, IPV6 = 0x0800, 0x86DD


def ports(frame):
    """Source and destination port of TCP and UDP; nothing for other frames."""
    kind = struct.unpack_from("!H", frame, 12)[0]
    if kind == IPV4 and frame[23] in (6, 17):
        return struct.unpack_from("!HH", frame, 14 + (frame[14] & 15) * 4)
    if kind == IPV6 and frame[20] in (6, 17):
        return struct.unpack_from("!HH", frame, 54)
    return None, None


def main(port):
    counts = {"from": 0, "to": 0}
    frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
    frames.bind(("eth0", ALL))
    print("started", flush=True)
    while True:
        ready = select.select([frames, sys.stdin], [], [])[0]
        if frames in ready:
            source, destination = ports(frames.recv(65535))
            counts["from"] += source == port
            counts["to"] += destination == port
        elif ready:
            print(json.dumps(counts))
            return


if __name__ == "__main__":
    main(int(sys.argv[1]))
