// SPDX-License-Identifier: Apache-2.0
#include "agent/network/loopback.h"

#include <algorithm>
#include <sstream>

#include "agent/net/address.h"
#include "agent/net/link.h"
#include "base/file.h"

namespace skiff::network {
namespace {

constexpr const char* kLoopback = "lo";

std::filesystem::path record(const std::filesystem::path& data_directory) {
  return data_directory / "network" / "loopback";
}

// One address a line; what is no address is none of ours.
std::vector<IpAddress> read_record(const std::filesystem::path& file) {
  std::vector<IpAddress> addresses;
  std::istringstream lines(read_file(file).value_or(""));
  for (std::string line; std::getline(lines, line);)
    if (const auto address = IpAddress::parse(line); address.ok()) addresses.push_back(*address);
  return addresses;
}

Status write_record(const std::filesystem::path& file, const std::vector<IpAddress>& addresses) {
  std::string text;
  for (const IpAddress& address : addresses) text += address.to_string() + "\n";
  RETURN_IF_ERROR(make_directories(file.parent_path(), 0700));
  return write_file_atomic(file, text, 0600);
}

template <class T>
bool holds(const std::vector<T>& list, const T& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

Status add_loopback_addresses(const std::vector<IpAddress>& addresses,
                              const std::filesystem::path& data_directory) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  ASSIGN_OR_RETURN(const net::Link loopback, net::get_link(netlink, kLoopback));
  RETURN_IF_ERROR(net::set_up(netlink, kLoopback));
  ASSIGN_OR_RETURN(const auto present, net::list_addresses(netlink, loopback.index));
  std::vector<IpAddress> ours = read_record(record(data_directory));
  const size_t before = ours.size();
  for (const IpAddress& address : addresses)
    if (!holds(present, net::InterfaceAddress::host(address)) && !holds(ours, address))
      ours.push_back(address);
  if (ours.size() != before) RETURN_IF_ERROR(write_record(record(data_directory), ours));
  // The devices of pods have no address: the kernel would take this one for what the node sends
  // there.
  for (const IpAddress& address : addresses)
    RETURN_IF_ERROR(net::add_address(netlink, loopback.index, net::InterfaceAddress::host(address),
                                     {.prefix_route = false, .as_source = false}),
                    "{}", address.to_string());
  return absl::OkStatus();
}

Status remove_loopback_addresses(const std::filesystem::path& data_directory) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  ASSIGN_OR_RETURN(const net::Link loopback, net::get_link(netlink, kLoopback));
  for (const IpAddress& address : read_record(record(data_directory)))
    RETURN_IF_ERROR(
        net::remove_address(netlink, loopback.index, net::InterfaceAddress::host(address)), "{}",
        address.to_string());
  std::error_code ignored;
  std::filesystem::remove(record(data_directory), ignored);
  return absl::OkStatus();
}

}  // namespace skiff::network
