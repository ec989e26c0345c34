#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client that never stops: traffic.py HOST PORT [--keep]. Prints what it saw as JSON when its stdin ends.

Without --keep a new connection for every request; with it one connection for all of them.
"""

import collections
import datetime
import http.client
import json
import select
import sys
import time

INTERVAL = 0.005
TIMEOUT = 3


def main():
    host, port, keep = sys.argv[1], int(sys.argv[2]), "--keep" in sys.argv
    connection, answered, hosts, failures = None, 0, collections.Counter(), []
    slowest = 0.0
    print("started", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        begun = time.monotonic()
        try:
            connection = connection or http.client.HTTPConnection(host, port, timeout=TIMEOUT)
            connection.request("GET", "/")
            body = connection.getresponse().read().decode()
            hosts[body.splitlines()[0]] += 1
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
