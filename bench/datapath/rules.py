# SPDX-License-Identifier: Apache-2.0
"""Rule sets of the shape that kube-proxy writes for many Services: iptables mode (1.20 to 1.34) and nftables mode (1.33).

Facts: the chains and their order are kube-proxy's own; names are shortened hashes as there. A Service is (address, port, node_port or
0, [endpoint address]); endpoints serve on SERVE_PORT.
"""

import hashlib

SERVE_PORT = 9000


def chain_name(prefix, *parts):
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest().upper()
    return f"{prefix}{digest[:16]}"


def iptables(services, pods):
    """The text for iptables-restore: nat and filter."""
    chains, jumps, node_ports, bodies = [], [], [], []
    for number, (address, port, node_port, endpoints) in enumerate(services):
        name = f'-m comment --comment "bench/service-{number}"'
        service = chain_name("KUBE-SVC-", number)
        chains.append(f":{service} - [0:0]")
        jumps.append(f"-A KUBE-SERVICES ! -s {pods} -d {address}/32 -p tcp {name} -m tcp --dport {port} -j KUBE-MARK-MASQ")
        jumps.append(f"-A KUBE-SERVICES -d {address}/32 -p tcp {name} -m tcp --dport {port} -j {service}")
        if node_port:
            node_ports.append(f"-A KUBE-NODEPORTS -p tcp {name} -m tcp --dport {node_port} -j KUBE-MARK-MASQ")
            node_ports.append(f"-A KUBE-NODEPORTS -p tcp {name} -m tcp --dport {node_port} -j {service}")
        for index, endpoint in enumerate(endpoints):
            chain = chain_name("KUBE-SEP-", number, endpoint)
            chains.append(f":{chain} - [0:0]")
            left = len(endpoints) - index
            chance = f" -m statistic --mode random --probability {1 / left:.11f}" if left > 1 else ""
            bodies.append(f"-A {service} {name}{chance} -j {chain}")
            bodies.append(f"-A {chain} -s {endpoint}/32 {name} -j KUBE-MARK-MASQ")
            bodies.append(f"-A {chain} -p tcp {name} -m tcp -j DNAT --to-destination {endpoint}:{SERVE_PORT}")
    return "\n".join([
        "*filter", ":KUBE-SERVICES - [0:0]", ":KUBE-FORWARD - [0:0]",
        "-A INPUT -m conntrack --ctstate NEW -j KUBE-SERVICES", "-A FORWARD -j KUBE-FORWARD",
        "-A FORWARD -m conntrack --ctstate NEW -j KUBE-SERVICES", "-A OUTPUT -m conntrack --ctstate NEW -j KUBE-SERVICES",
        "-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP", "-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT",
        "-A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "COMMIT",
        "*nat", ":KUBE-SERVICES - [0:0]", ":KUBE-NODEPORTS - [0:0]", ":KUBE-POSTROUTING - [0:0]", ":KUBE-MARK-MASQ - [0:0]",
        *chains,
        "-A PREROUTING -j KUBE-SERVICES", "-A OUTPUT -j KUBE-SERVICES", "-A POSTROUTING -j KUBE-POSTROUTING",
        "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000", "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
        "-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0", "-A KUBE-POSTROUTING -j MASQUERADE --random-fully",
        *jumps, "-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS", *node_ports, *bodies, "COMMIT", ""])


NFTABLES_LOT = 250  # Services a transaction: nft takes longer than in proportion for larger ones


def nftables(services, pods, node_address):
    """The texts for `nft -f`, one after the other: the chains every packet meets, then the Services in lots."""
    yield "\n".join([
        "flush ruleset", "table ip kube-proxy {",
        "chain mark-for-masquerade { meta mark set meta mark or 0x4000; }",
        "chain masquerading { meta mark and 0x4000 == 0 return; meta mark set meta mark xor 0x4000; masquerade fully-random; }",
        "map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }",
        "map service-nodeports { type inet_proto . inet_service : verdict; }",
        f"set nodeport-ips {{ type ipv4_addr; elements = {{ {node_address} }}; }}",
        "chain services { ip daddr . meta l4proto . th dport vmap @service-ips;"
        " ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports; }",
        "chain nat-prerouting { type nat hook prerouting priority dstnat; jump services; }",
        "chain nat-output { type nat hook output priority -100; jump services; }",
        "chain nat-postrouting { type nat hook postrouting priority srcnat; jump masquerading; }",
        "chain filter-forward { type filter hook forward priority -110; ct state new jump filter-services; }",
        "chain filter-services { }", "}", ""])
    for begin in range(0, len(services), NFTABLES_LOT):
        yield nftables_lot(services[begin:begin + NFTABLES_LOT], begin, pods)


def nftables_lot(services, first, pods):
    verdicts, node_ports, chains = [], [], []
    for number, (address, port, node_port, endpoints) in enumerate(services, first):
        service = chain_name("service-", number)
        verdicts.append(f"{address} . tcp . {port} : goto {service}")
        goto = []
        for index, endpoint in enumerate(endpoints):
            chain = chain_name("endpoint-", number, endpoint)
            chains.append(f"chain {chain} {{ ip saddr {endpoint} jump mark-for-masquerade; "
                          f"meta l4proto tcp dnat to {endpoint}:{SERVE_PORT}; }}")
            goto.append(f"{index} : goto {chain}")
        chains.append(f"chain {service} {{ ip daddr {address} tcp dport {port} ip saddr != {pods} jump mark-for-masquerade; "
                      f"numgen random mod {len(endpoints)} vmap {{ {', '.join(goto)} }}; }}")
        if node_port:
            outside = chain_name("external-", number)
            chains.append(f"chain {outside} {{ jump mark-for-masquerade; goto {service}; }}")
            node_ports.append(f"tcp . {node_port} : goto {outside}")
    added = [f"add element ip kube-proxy {name} {{ {', '.join(elements)} }}"
             for name, elements in (("service-ips", verdicts), ("service-nodeports", node_ports)) if elements]
    return "\n".join(["table ip kube-proxy {", *chains, "}", *added, ""])
