// SPDX-License-Identifier: Apache-2.0
#include "cli/local/readiness.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <resolv.h>

#include <array>
#include <filesystem>
#include <functional>
#include <thread>

#include "agent/net/netns.h"
#include "cli/api.h"
#include "cli/local/supervisor.h"

namespace skiff::cli {
namespace {

using std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(60);
constexpr auto kInterval = std::chrono::milliseconds(20);

// Asks `check` until it is OK. Its last error is the reason if that does not happen.
Status wait_until(const Layout& layout, const Programs& programs,
                  const std::function<Status()>& check) {
  const auto deadline = steady_clock::now() + kPatience;
  for (;;) {
    const Status status = check();
    if (status.ok()) return status;
    if (std::string why = first_failure(layout, programs); !why.empty()) {
      return unavailable("{}", why);
    }
    if (steady_clock::now() > deadline) {
      return deadline_exceeded("not after {} s: {}", kPatience.count(), message(status));
    }
    std::this_thread::sleep_for(kInterval);
  }
}

Status all_ready(Api& api, const Layout& layout) {
  ASSIGN_OR_RETURN(auto nodes, api.list<api::Node>());
  for (const NodeLayout& wanted : layout.nodes) {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const api::Node& node) {
      return node.metadata.name == wanted.name;
    });
    if (found == nodes.end()) return unavailable("{} is not registered", wanted.name);
    if (is_ready(*found)) continue;
    for (const api::NodeCondition& condition : found->status.conditions) {
      if (condition.type == "Ready") {
        return unavailable("{} is not ready: {}", wanted.name, condition.message);
      }
    }
    return unavailable("{} has no status", wanted.name);
  }
  return absl::OkStatus();
}

// In the namespace of the calling thread: one question to one server, over UDP.
Status resolve(const IpAddress& server, const char* name) {
  struct __res_state resolver{};
  if (::res_ninit(&resolver) != 0) return internal_error("res_ninit");
  resolver.nscount = 1;
  resolver.retrans = 1;
  resolver.retry = 1;
  resolver.options &= ~static_cast<unsigned long>(RES_DNSRCH | RES_DEFNAMES);
  sockaddr_in& address = resolver.nsaddr_list[0];
  address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(53);
  address.sin_addr.s_addr = htonl(server.v4_host_order());
  std::array<unsigned char, 512> answer;
  const int size = ::res_nquery(&resolver, name, ns_c_in, ns_t_a, answer.data(),
                                static_cast<int>(answer.size()));
  ::res_nclose(&resolver);
  if (size <= 0) return unavailable("{} does not answer for {}", server.to_string(), name);
  return absl::OkStatus();
}

}  // namespace

Status wait_for_api(const Layout& layout, const Programs& programs) {
  RETURN_IF_ERROR(wait_until(layout, programs, [&] {
    return std::filesystem::exists(layout.admin_kubeconfig)
               ? absl::OkStatus()
               : unavailable("the controller wrote no {}", layout.admin_kubeconfig);
  }));
  ASSIGN_OR_RETURN(auto api, Api::connect(layout.admin_kubeconfig));
  return wait_until(layout, programs, [&] { return api->ready(); });
}

Status wait_for_nodes(const Layout& layout, const Programs& programs) {
  ASSIGN_OR_RETURN(auto api, Api::connect(layout.admin_kubeconfig));
  return wait_until(layout, programs, [&] { return all_ready(*api, layout); });
}

Status wait_for_dns(const Layout& layout, const Programs& programs) {
  for (const NodeLayout& node : layout.nodes) {
    ASSIGN_OR_RETURN(auto netns, net::Netns::open(net::Netns::named_path(node.netns)));
    RETURN_IF_ERROR(wait_until(layout, programs,
                               [&] {
                                 return netns.run([&] {
                                   return resolve(layout.dns.front(),
                                                  "kubernetes.default.svc.cluster.local.");
                                 });
                               }),
                    "{}", node.name);
  }
  return absl::OkStatus();
}

}  // namespace skiff::cli
