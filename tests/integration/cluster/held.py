# SPDX-License-Identifier: Apache-2.0
"""A connection that is held: held.py HOST PORT [--udp]. Asks once and prints the answer; then asks again for every line of its
stdin. Prints how the connection ended, if it does: "closed", or the name of the error.
"""

import errno
import select
import socket
import sys


def ask(held, text):
    held.send(text.encode() + b"\n")
    print(held.recv(2048).decode().split()[0], flush=True)


def main():
    kind = socket.SOCK_DGRAM if "--udp" in sys.argv else socket.SOCK_STREAM
    host, port = sys.argv[1], int(sys.argv[2])
    held = socket.socket(socket.getaddrinfo(host, port)[0][0], kind)
    held.settimeout(3)
    held.connect((host, port))
    ask(held, "hello")
    try:
        while True:
            readable = select.select([sys.stdin, held], [], [])[0]
            if held in readable:
                if not held.recv(2048):
                    print("closed", flush=True)
                    return
            elif line := sys.stdin.readline():
                ask(held, line.strip())
            else:
                return
    except OSError as error:
        print(errno.errorcode.get(error.errno, repr(error)), flush=True)


if __name__ == "__main__":
    main()
