# SPDX-License-Identifier: Apache-2.0
"""Rules of the shape that kube-proxy writes, for Services with a ClusterIP and a NodePort each: those of 1.20 in iptables mode, beside
the rules of a kubelet and a CNI, and those of its nftables mode."""

import dataclasses

FILTER = """*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-EXTERNAL-SERVICES - [0:0]
:KUBE-FIREWALL - [0:0]
:KUBE-FORWARD - [0:0]
:KUBE-PROXY-CANARY - [0:0]
:KUBE-SERVICES - [0:0]
-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
-A INPUT -j KUBE-FIREWALL
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -j KUBE-FIREWALL
-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack pod source rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
"""

NAT_HEAD = """*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:CNI-MASQUERADE - [0:0]
:KUBE-MARK-DROP - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-PROXY-CANARY - [0:0]
:KUBE-SERVICES - [0:0]
{chains}
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A POSTROUTING -s {pods} -j CNI-MASQUERADE
-A CNI-MASQUERADE -d {cluster} -j ACCEPT
-A CNI-MASQUERADE ! -d {multicast} -j MASQUERADE
-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE
{rules}
-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
COMMIT
"""


@dataclasses.dataclass
class Service:
    name: str
    protocol: str  # tcp, udp
    cluster_ip: str
    port: int
    node_port: int
    endpoints: list  # (address, port)

    @property
    def chain(self):
        return f"KUBE-SVC-{self.name.upper():A<16}"

    def endpoint_chain(self, number):
        return f"KUBE-SEP-{self.name.upper()}{number:A<{16 - len(self.name)}}"


def join(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def service_rules(service, cluster):
    chains, lines = [f":{service.chain} - [0:0]"], []
    comment = f'-m comment --comment "default/{service.name}"'
    match = f"-p {service.protocol} {comment} -m {service.protocol} --dport"
    bits = 128 if ":" in service.cluster_ip else 32
    for number, (address, port) in enumerate(service.endpoints):
        chain = service.endpoint_chain(number)
        chains.append(f":{chain} - [0:0]")
        left = len(service.endpoints) - number
        chance = f" -m statistic --mode random --probability {1 / left:.11f}" if left > 1 else ""
        lines.append(f"-A {service.chain} {comment}{chance} -j {chain}")
        lines.append(f"-A {chain} -s {address}/{bits} {comment} -j KUBE-MARK-MASQ")
        lines.append(f"-A {chain} -p {service.protocol} {comment} -m {service.protocol} -j DNAT --to-destination {join(address, port)}")
    for target in ("KUBE-MARK-MASQ", service.chain):
        lines.append(f"-A KUBE-NODEPORTS {match} {service.node_port} -j {target}")
        source = f"! -s {cluster} " if target == "KUBE-MARK-MASQ" else ""
        lines.append(f"-A KUBE-SERVICES {source}-d {service.cluster_ip}/{bits} {match} {service.port} -j {target}")
    return chains, lines


def rules(services, pods, cluster):
    """For iptables-restore, or ip6tables-restore where the addresses are IPv6."""
    chains, lines = [], []
    for service in services:
        own_chains, own_lines = service_rules(service, cluster)
        chains += own_chains
        lines += own_lines
    multicast = "ff00::/8" if ":" in pods else "224.0.0.0/4"
    return FILTER + NAT_HEAD.format(chains="\n".join(chains), rules="\n".join(lines), pods=pods, cluster=cluster, multicast=multicast)


NFTABLES = """table {family} kube-proxy {{
  comment "rules for kube-proxy"
  set cluster-ips {{ type {type}; comment "Active ClusterIPs"; elements = {{ {cluster_ips} }} }}
  set nodeport-ips {{ type {type}; comment "IPs that accept NodePort traffic"; elements = {{ {node_ips} }} }}
  map no-endpoint-services {{ type {type} . inet_proto . inet_service : verdict; comment "vmap to drop or reject packets to services with no endpoints"; }}
  map service-ips {{ type {type} . inet_proto . inet_service : verdict; elements = {{ {service_ips} }} }}
  map service-nodeports {{ type inet_proto . inet_service : verdict; elements = {{ {service_nodeports} }} }}
  chain mark-for-masquerade {{ meta mark set meta mark | 0x4000; }}
  chain masquerading {{
    meta mark & 0x4000 == 0 return
    meta mark set meta mark ^ 0x4000
    masquerade fully-random
  }}
  chain cluster-ips-check {{ {family} daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"; }}
  chain service-endpoints-check {{ {family} daddr . meta l4proto . th dport vmap @no-endpoint-services; }}
{chains}
  chain services {{
    {family} daddr . meta l4proto . th dport vmap @service-ips
    {family} daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports
  }}
  chain filter-forward {{ type filter hook forward priority -110; policy accept; ct state new jump cluster-ips-check; }}
  chain filter-output {{ type filter hook output priority -90; policy accept; ct state new jump cluster-ips-check; }}
  chain nat-prerouting {{ type nat hook prerouting priority -100; policy accept; jump services; }}
  chain nat-output {{ type nat hook output priority -100; policy accept; jump services; }}
  chain nat-postrouting {{ type nat hook postrouting priority 100; policy accept; jump masquerading; }}
}}
"""


def nft_chains(service, family, cluster):
    endpoints, choices = [], []
    for number, (address, port) in enumerate(service.endpoints):
        name = f"endpoint-{number}-default/{service.name}/{service.protocol}/__{address.replace(':', '.')}/{port}"
        choices.append(f"{number} : goto {name}")
        endpoints.append(f"  chain {name} {{\n    {family} saddr {address} jump mark-for-masquerade\n"
                         f"    meta l4proto {service.protocol} dnat to {join(address, port)}\n  }}")
    spread = f"numgen random mod {len(choices)} vmap {{ {', '.join(choices)} }}"
    inner, outer = f"service-default/{service.name}/{service.protocol}/", f"external-default/{service.name}/{service.protocol}/"
    own = (f"  chain {inner} {{\n    {family} daddr {service.cluster_ip} {service.protocol} dport {service.port} "
           f"{family} saddr != {cluster} jump mark-for-masquerade\n    {spread}\n  }}\n"
           f"  chain {outer} {{\n    jump mark-for-masquerade\n    goto {inner}\n  }}")
    return inner, outer, "\n".join([*endpoints, own])


def nft_rules(services, node_ip, cluster):
    """For nft -f: kube-proxy's table of one family."""
    family = "ip6" if ":" in node_ip else "ip"
    inner, outer, chains = {}, {}, []
    for service in services:
        inner[service.name], outer[service.name], text = nft_chains(service, family, cluster)
        chains.append(text)
    return NFTABLES.format(
        family=family, type="ipv6_addr" if family == "ip6" else "ipv4_addr", node_ips=node_ip, chains="\n".join(chains),
        cluster_ips=", ".join(s.cluster_ip for s in services),
        service_ips=", ".join(f"{s.cluster_ip} . {s.protocol} . {s.port} : goto {inner[s.name]}" for s in services),
        service_nodeports=", ".join(f"{s.protocol} . {s.node_port} : goto {outer[s.name]}" for s in services))
