#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Connections whose client has said all it has to say. half_closed.py serve PORT hears each client out ("end" for each), answers
all of them once its stdin says so; half_closed.py ask HOST PORT speaks, closes its half ("waits") and prints the answer."""

import socket
import sys
import threading


def serve(port):
    server = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    print("listening", flush=True)
    clients = []
    def hear():
        while True:
            client, _ = server.accept()
            while client.recv(100):
                pass
            clients.append(client)
            print("end", flush=True)
    threading.Thread(target=hear, daemon=True).start()
    sys.stdin.readline()
    for client in clients:
        client.sendall(b"late answer\n")
        client.close()


def ask(host, port):
    with socket.create_connection((host, port), timeout=5) as connection:
        connection.sendall(b"all I have to say\n")
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(90)
        print("waits", flush=True)
        print(connection.recv(100).decode().strip(), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        ask(sys.argv[2], int(sys.argv[3]))
