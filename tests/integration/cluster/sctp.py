#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SCTP without the kernel's: usrsctp over raw sockets. sctp.py serve NAME PORT ADDRESS… answers each message with its name and
the client's address; sctp.py ask HOST PORT [HOST PORT]… prints the answer to one association after the other."""

import ctypes
import ipaddress
import os
import signal
import socket
import struct
import sys
import threading

LIBRARY = "libusrsctp.so.2"
STREAM, SCTP, MAXSEG = 1, 132, 0x0e
PACKET, LENGTH = 900, 2700  # bytes, of a packet's part and of a message
PATIENCE = 5  # seconds, for an answer: above three for a lost INIT


def library():
    """OSError where there is none."""
    return ctypes.CDLL(LIBRARY)


def start():
    """The library, which answers every packet of the network namespace from now on."""
    started = library()
    for name in ("usrsctp_socket", "usrsctp_accept"):
        getattr(started, name).restype = ctypes.c_void_p
    started.usrsctp_init(0, None, None)
    return started


def sockaddr(host, port):
    if ":" in host:
        return struct.pack("=H", socket.AF_INET6) + struct.pack("!HI16sI", port, 0, socket.inet_pton(socket.AF_INET6, host), 0)
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", port, socket.inet_aton(host))


def way_out(host):
    """The address by which this network speaks to a host."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((host, 9))
        return probe.getsockname()[0]


class Association:
    """One end; blocks."""

    def __init__(self, stack, handle):
        self.stack, self.handle = stack, ctypes.c_void_p(handle)

    @classmethod
    def bound(cls, stack, host, port):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = cls(stack, stack.usrsctp_socket(int(family), STREAM, SCTP, None, None, 0, None))
        name = sockaddr(host, port)
        if stack.usrsctp_bind(made.handle, name, len(name)) != 0:
            raise OSError(f"bind {host} port {port}")
        # Above raw sockets it knows no path's MTU.
        stack.usrsctp_setsockopt(made.handle, SCTP, MAXSEG, struct.pack("=II", 0, PACKET), 8)
        return made

    def connect(self, host, port):
        name = sockaddr(host, port)
        if self.stack.usrsctp_connect(self.handle, name, len(name)) != 0:
            raise OSError(f"connect to {host} port {port}")

    def accept(self):
        """The next association, and its client."""
        name, length = ctypes.create_string_buffer(64), ctypes.c_uint32(64)
        handle = self.stack.usrsctp_accept(self.handle, name, ctypes.byref(length))
        start, end = (8, 24) if struct.unpack_from("=H", name.raw)[0] == socket.AF_INET6 else (4, 8)
        return Association(self.stack, handle), ipaddress.ip_address(name.raw[start:end])

    def send(self, text):
        data = text.encode()
        self.stack.usrsctp_sendv(self.handle, data, len(data), None, 0, None, 0, 0, 0)

    def receive(self):
        data, name = ctypes.create_string_buffer(65536), ctypes.create_string_buffer(64)
        lengths, kind, flags = [ctypes.c_uint32(64), ctypes.c_uint32(0)], ctypes.c_uint(0), ctypes.c_int(0)
        count = self.stack.usrsctp_recvv(self.handle, data, len(data), name, ctypes.byref(lengths[0]), None,
                                           ctypes.byref(lengths[1]), ctypes.byref(kind), ctypes.byref(flags))
        return data.raw[:max(count, 0)].decode()

    def close(self):
        self.stack.usrsctp_close(self.handle)


def serve(name, port, hosts):
    stack = start()
    def answer(association, client):
        association.send(f"{name} {client} {association.receive()}")
        association.receive()  # its end
        association.close()
    def accept(listening):
        while True:
            threading.Thread(target=answer, args=listening.accept()).start()
    for host in hosts:
        listening = Association.bound(stack, host, port)
        stack.usrsctp_listen(listening.handle, 16)
        threading.Thread(target=accept, args=(listening,)).start()
    print("listening", flush=True)


def ask(targets):
    stack = start()
    for host, port in targets:
        signal.alarm(PATIENCE)
        association = Association.bound(stack, way_out(host), 0)
        association.connect(host, port)
        association.send("x" * LENGTH)
        answer = association.receive()
        if not answer:
            raise OSError(f"{host} port {port} ended without an answer")
        print(answer, flush=True)
        association.close()
    os._exit(0)  # the library's threads go on


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]), sys.argv[4:])
    else:
        ask([(host, int(port)) for host, port in zip(sys.argv[2::2], sys.argv[3::2])])
