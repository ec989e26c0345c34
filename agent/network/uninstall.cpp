// SPDX-License-Identifier: Apache-2.0
#include "agent/network/uninstall.h"

#include <algorithm>
#include <sstream>

#include "agent/net/link.h"
#include "agent/net/route.h"
#include "agent/net/sysctl.h"
#include "agent/network/loopback.h"
#include "agent/network/overlay.h"
#include "agent/network/shaping.h"
#include "base/file.h"

namespace skiff::network {
namespace {

// "skiff" and ten hexadecimal digits, as host_interface_of makes them.
bool is_pod_link(const net::Link& link) {
  constexpr std::string_view kPrefix = "skiff";
  if (link.kind != "veth" || link.name.size() != 15 || !link.name.starts_with(kPrefix))
    return false;
  return link.name.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string::npos;
}

Status remove_links(net::Netlink& netlink) {
  ASSIGN_OR_RETURN(const auto links, net::list_links(netlink));
  for (const net::Link& link : links) {
    if (!is_pod_link(link)) continue;
    const Status status = net::delete_link(netlink, link.name);
    if (!status.ok() && status.code() != StatusCode::kNotFound) return status;
  }
  return remove_overlay_link(netlink);
}

Status remove_routes(net::Netlink& netlink) {
  ASSIGN_OR_RETURN(const auto routes, net::list_routes(netlink, {.protocol = net::kProtocolSkiff}));
  for (const net::Route& route : routes) RETURN_IF_ERROR(net::delete_route(netlink, route));
  return absl::OkStatus();
}

}  // namespace

SavedSettings::SavedSettings(const std::filesystem::path& data_directory)
    : file_(data_directory / "network" / "settings") {}

Status SavedSettings::write(const std::string& key, const std::string& value) const {
  ASSIGN_OR_RETURN(const std::string present, net::read_sysctl(key));
  if (present == value) return absl::OkStatus();
  std::string text = read_file(file_).value_or("");
  if (("\n" + text).find("\n" + key + " ") == std::string::npos) {
    RETURN_IF_ERROR(make_directories(file_.parent_path(), 0700));
    text += key + " " + present + "\n";
    RETURN_IF_ERROR(write_file_atomic(file_, text, 0600));
  }
  return net::write_sysctl(key, value);
}

Status SavedSettings::restore() const {
  std::istringstream lines(read_file(file_).value_or(""));
  std::vector<std::pair<std::string, std::string>> settings;
  for (std::string line; std::getline(lines, line);)  // "KEY VALUE", the value may be empty
    if (const size_t space = line.find(' '); space != std::string::npos)
      settings.emplace_back(line.substr(0, space), line.substr(space + 1));
  // Backwards: settings of all devices reset those of one.
  for (auto it = settings.rbegin(); it != settings.rend(); ++it) {
    const Status status = net::write_sysctl(it->first, it->second);
    if (!status.ok() && status.code() != StatusCode::kNotFound) return status;
  }
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
  return absl::OkStatus();
}

Status remove_node_network(const std::filesystem::path& data_directory) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  RETURN_IF_ERROR(remove_links(netlink), "remove links of pods");
  RETURN_IF_ERROR(remove_routes(netlink), "remove routes");
  RETURN_IF_ERROR(remove_uplink_queues(netlink), "remove queues");
  RETURN_IF_ERROR(remove_loopback_addresses(data_directory), "remove addresses of lo");
  RETURN_IF_ERROR(SavedSettings(data_directory).restore(), "restore settings");
  std::error_code error;
  std::filesystem::remove_all(data_directory / "network", error);
  if (error) return errno_status(error.value(), "remove records of the pod network");
  return absl::OkStatus();
}

}  // namespace skiff::network
