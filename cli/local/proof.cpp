// SPDX-License-Identifier: Apache-2.0
#include "cli/local/proof.h"

#include <filesystem>
#include <sstream>

#include "agent/net/netlink.h"
#include "agent/net/route.h"
#include "agent/net/sysctl.h"
#include "base/file.h"
#include "cli/local/layout.h"

namespace skiff::cli {
namespace {

// What an agent sets in its node's namespace, and would leave here if it ever ran in the machine's.
constexpr const char* kSysctls[] = {"ipv4/ip_forward", "ipv4/conf/all/rp_filter",
                                    "ipv4/conf/default/rp_filter", "ipv6/conf/all/forwarding",
                                    "ipv6/conf/default/forwarding"};

std::string noted() {
  return fmt::format("{}/.sysctls", kRunRoot);
}

}  // namespace

Status note_sysctls() {
  if (std::filesystem::exists(noted())) return absl::OkStatus();
  std::string lines;
  for (const char* key : kSysctls) {
    if (const auto value = net::read_sysctl(key); value.ok())
      lines += fmt::format("{} {}\n", key, *value);
  }
  return write_file_atomic(noted(), lines);
}

std::vector<std::string> changed_sysctls() {
  std::istringstream lines(read_file(noted()).value_or(""));
  std::vector<std::string> changed;
  for (std::string key, before; lines >> key >> before;) {
    const std::string now = net::read_sysctl(key).value_or("gone");
    if (now != before)
      changed.push_back(fmt::format(
          "/proc/sys/net/{} is {} and was {} before the first cluster: not set by skiff", key, now,
          before));
  }
  return changed;
}

Result<std::vector<std::string>> skiff_routes() {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  ASSIGN_OR_RETURN(const auto routes, net::list_routes(netlink, {.protocol = net::kProtocolSkiff}));
  std::vector<std::string> found;
  for (const net::Route& route : routes) found.push_back("route " + route.to_string());
  return found;
}

}  // namespace skiff::cli
