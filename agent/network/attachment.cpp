// SPDX-License-Identifier: Apache-2.0
#include "agent/network/attachment.h"

#include <boost/json.hpp>

namespace skiff::network {
namespace {

namespace json = boost::json;

std::string string_of(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return "";
  return std::string(value->get_string());
}

// Zero if it is absent, no number, or out of range.
template <class T>
T number_of(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  boost::system::error_code error;
  return value == nullptr ? T() : value->to_number<T>(error);
}

net::MacAddress mac_of(const json::object& object, const char* name) {
  return net::parse_mac(string_of(object, name)).value_or(net::MacAddress{});
}

json::array encode(const std::vector<PortMapping>& mappings) {
  json::array list;
  for (const PortMapping& mapping : mappings)
    list.push_back({{"hostPort", mapping.host_port},
                    {"containerPort", mapping.container_port},
                    {"protocol", mapping.protocol},
                    {"hostIP", mapping.host_ip}});
  return list;
}

std::vector<PortMapping> decode_mappings(const json::object& object) {
  std::vector<PortMapping> mappings;
  const json::value* list = object.if_contains("portMappings");
  if (list == nullptr || !list->is_array()) return mappings;
  for (const json::value& item : list->get_array()) {
    const json::object* mapping = item.if_object();
    if (mapping == nullptr) continue;
    mappings.push_back({.host_port = number_of<uint16_t>(*mapping, "hostPort"),
                        .container_port = number_of<uint16_t>(*mapping, "containerPort"),
                        .protocol = string_of(*mapping, "protocol"),
                        .host_ip = string_of(*mapping, "hostIP")});
  }
  return mappings;
}

Bandwidth decode_bandwidth(const json::object& object) {
  const json::value* value = object.if_contains("bandwidth");
  const json::object* bandwidth = value == nullptr ? nullptr : value->if_object();
  if (bandwidth == nullptr) return {};
  return {.ingress_rate = number_of<uint64_t>(*bandwidth, "ingressRate"),
          .ingress_burst = number_of<uint64_t>(*bandwidth, "ingressBurst"),
          .egress_rate = number_of<uint64_t>(*bandwidth, "egressRate"),
          .egress_burst = number_of<uint64_t>(*bandwidth, "egressBurst")};
}

}  // namespace

std::string host_interface_of(const std::string& key) {
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char c : key) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  return fmt::format("skiff{:010x}", (hash ^ hash >> 40) & 0xffffffffffu);
}

net::MacAddress host_mac_of(const std::string& key) {
  return net::mac_from_seed("node " + key);
}

net::MacAddress pod_mac_of(const std::string& key) {
  return net::mac_from_seed("pod " + key);
}

std::string encode(const Attachment& a) {
  json::array addresses;
  for (const IpAddress& address : a.addresses) addresses.emplace_back(address.to_string());
  const json::object object = {
      {"containerID", a.container_id},
      {"interface", a.interface},
      {"netns", a.netns},
      {"podNamespace", a.pod_namespace},
      {"podName", a.pod_name},
      {"podUID", a.pod_uid},
      {"addresses", addresses},
      {"hostInterface", a.host_interface},
      {"hostMAC", net::to_string(a.host_mac)},
      {"podMAC", net::to_string(a.pod_mac)},
      {"mtu", a.mtu},
      {"hostIndex", a.host_index},
      {"podIndex", a.pod_index},
      {"portMappings", encode(a.port_mappings)},
      {"bandwidth",
       {{"ingressRate", a.bandwidth.ingress_rate},
        {"ingressBurst", a.bandwidth.ingress_burst},
        {"egressRate", a.bandwidth.egress_rate},
        {"egressBurst", a.bandwidth.egress_burst}}},
      {"createdNanoseconds", Duration(a.created.time_since_epoch()).count()},
      {"attached", a.attached},
  };
  return json::serialize(object) + "\n";
}

Result<Attachment> decode_attachment(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return data_loss("attachment: not a JSON object");
  const json::object& object = value.get_object();
  Attachment a;
  a.container_id = string_of(object, "containerID");
  a.interface = string_of(object, "interface");
  a.netns = string_of(object, "netns");
  a.pod_namespace = string_of(object, "podNamespace");
  a.pod_name = string_of(object, "podName");
  a.pod_uid = string_of(object, "podUID");
  a.host_interface = string_of(object, "hostInterface");
  a.host_mac = mac_of(object, "hostMAC");
  a.pod_mac = mac_of(object, "podMAC");
  a.mtu = number_of<uint32_t>(object, "mtu");
  a.host_index = number_of<int>(object, "hostIndex");
  a.pod_index = number_of<int>(object, "podIndex");
  a.port_mappings = decode_mappings(object);
  a.bandwidth = decode_bandwidth(object);
  a.created = TimePoint(std::chrono::duration_cast<TimePoint::duration>(
      Duration(number_of<int64_t>(object, "createdNanoseconds"))));
  const json::value* attached = object.if_contains("attached");
  a.attached = attached != nullptr && attached->is_bool() && attached->get_bool();
  if (const json::value* list = object.if_contains("addresses"); list && list->is_array())
    for (const json::value& item : list->get_array()) {
      if (!item.is_string()) return data_loss("attachment: addresses: want strings");
      ASSIGN_OR_RETURN(const IpAddress address,
                       IpAddress::parse({item.get_string().data(), item.get_string().size()}),
                       "attachment: addresses");
      a.addresses.push_back(address);
    }
  if (a.container_id.empty() || a.interface.empty() || a.host_interface.empty())
    return data_loss("attachment: containerID, interface or hostInterface missing");
  return a;
}

}  // namespace skiff::network
