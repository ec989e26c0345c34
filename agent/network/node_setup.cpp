// SPDX-License-Identifier: Apache-2.0
#include "agent/network/node_setup.h"

#include <unistd.h>

#include <boost/json.hpp>

#include <cerrno>

#include "agent/net/link.h"
#include "agent/net/route.h"
#include "agent/net/sysctl.h"
#include "base/file.h"

namespace skiff::network {
namespace {

Status keep_router_advertisements(const Uplink& uplink, const SavedSettings& settings) {
  if (uplink.name.empty()) return absl::OkStatus();
  const std::string key = fmt::format("ipv6/conf/{}/accept_ra", uplink.name);
  const auto present = net::read_sysctl(key);
  if (present.ok() && *present == "1") return settings.write(key, "2");
  return absl::OkStatus();
}

}  // namespace

Result<Uplink> resolve_uplink(const std::string& name) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  net::Link link;
  if (!name.empty()) {
    ASSIGN_OR_RETURN(link, net::get_link(netlink, name), "uplink");
  } else {
    const Result<int> index = net::find_uplink(netlink);
    if (index.status().code() == StatusCode::kNotFound) return Uplink{};
    RETURN_IF_ERROR(index);
    ASSIGN_OR_RETURN(link, net::get_link(netlink, *index), "uplink");
  }
  return Uplink{
      .name = link.name, .index = link.index, .mtu = link.mtu, .kind = std::move(link.kind)};
}

Status prepare_node(const Uplink& uplink, const SavedSettings& settings) {
  RETURN_IF_ERROR(settings.write("ipv4/ip_forward", "1"), "prepare node");
  // The larger of this and a device's own value holds, so the devices' zeros need this zero.
  RETURN_IF_ERROR(settings.write("ipv4/conf/all/rp_filter", "0"), "prepare node");
  RETURN_IF_ERROR(keep_router_advertisements(uplink, settings), "prepare node");
  const Status v6 = settings.write("ipv6/conf/all/forwarding", "1");
  if (v6.code() == StatusCode::kNotFound) return absl::OkStatus();  // a kernel without IPv6
  return annotate(v6, "prepare node");
}

std::string conflist(const std::filesystem::path& socket) {
  namespace json = boost::json;
  const json::object plugin = {
      {"type", "skiff-cni"},
      {"socket", socket.string()},
      {"capabilities", {{"portMappings", true}, {"bandwidth", true}}},
  };
  const json::object list = {
      {"cniVersion", "1.0.0"}, {"name", "skiff"}, {"plugins", json::array({plugin})}};
  return json::serialize(list) + "\n";
}

std::filesystem::path conflist_path(const std::filesystem::path& directory) {
  return directory / "10-skiff.conflist";
}

Status write_conflist(const std::filesystem::path& directory, const std::filesystem::path& socket) {
  const std::filesystem::path path = conflist_path(directory);
  const std::string text = conflist(socket);
  if (const auto present = read_file(path); present.ok() && *present == text)
    return absl::OkStatus();
  RETURN_IF_ERROR(make_directories(directory));
  return write_file_atomic(path, text, 0600);
}

Status remove_conflist(const std::filesystem::path& directory) {
  const std::filesystem::path path = conflist_path(directory);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return errno_status(errno, fmt::format("remove {}", path.string()));
  return absl::OkStatus();
}

}  // namespace skiff::network
