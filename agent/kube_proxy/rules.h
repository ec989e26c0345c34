// SPDX-License-Identifier: Apache-2.0
// kube-proxy's iptables rules, by the names of its chains: what to remove of what iptables-save
// shows. Connections live on: their translation is in the kernel's connection tracking, not in the
// rules.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace skiff::kube_proxy {

struct Cleanup {
  std::string script;          // for `iptables-restore --noflush`
  int chains = 0;              // removed
  bool keeps_forward = false;  // KUBE-FORWARD stays, because the node forwards nothing by default
};

// A chain that kube-proxy makes. Not those of the kubelet (KUBE-FIREWALL, KUBE-MARK-DROP,
// canaries).
bool is_kube_proxy_chain(std::string_view chain);

// Pure. Nothing if `saved` (the output of iptables-save) holds no Service of kube-proxy's. Chains
// that others still refer to stay, with all they need.
std::optional<Cleanup> plan_cleanup(std::string_view saved);

}  // namespace skiff::kube_proxy
