// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni_answer.h"

#include "agent/network/cni_error.h"
#include "agent/network/pod_link.h"

namespace skiff::network {
namespace {

namespace json = boost::json;

json::array list_in(const json::value& previous, const char* name) {
  const json::object* object = previous.if_object();
  const json::value* list = object == nullptr ? nullptr : object->if_contains(name);
  return list != nullptr && list->is_array() ? list->get_array() : json::array();
}

json::object interface_entry(const std::string& name, const net::MacAddress& mac) {
  return {{"name", name}, {"mac", net::to_string(mac)}};
}

json::object address_entry(const IpAddress& ip, size_t interface, std::string_view version) {
  json::object entry;
  if (!at_least(version, "1.0.0")) entry["version"] = ip.is_v4() ? "4" : "6";
  entry["interface"] = interface;
  entry["address"] = fmt::format("{}/{}", ip.to_string(), ip.is_v4() ? 32 : 128);
  entry["gateway"] = gateway_of(ip).to_string();
  return entry;
}

}  // namespace

CniAnswer added(const Attachment& attachment, const CniRequest& request) {
  json::object result;
  if (request.previous_result.is_object()) result = request.previous_result.get_object();
  result["cniVersion"] = request.version;

  json::array interfaces = list_in(request.previous_result, "interfaces");
  json::object outside = interface_entry(attachment.host_interface, attachment.host_mac);
  json::object inside = interface_entry(attachment.interface, attachment.pod_mac);
  if (at_least(request.version, "1.1.0")) {
    outside["mtu"] = attachment.mtu;
    inside["mtu"] = attachment.mtu;
  }
  inside["sandbox"] = attachment.netns;
  interfaces.push_back(std::move(outside));
  const size_t index = interfaces.size();
  interfaces.push_back(std::move(inside));

  json::array addresses = list_in(request.previous_result, "ips");
  json::array routes = list_in(request.previous_result, "routes");
  for (const IpAddress& ip : attachment.addresses) {
    addresses.push_back(address_entry(ip, index, request.version));
    routes.push_back(
        {{"dst", ip.is_v4() ? "0.0.0.0/0" : "::/0"}, {"gw", gateway_of(ip).to_string()}});
  }
  result["interfaces"] = std::move(interfaces);
  result["ips"] = std::move(addresses);
  result["routes"] = std::move(routes);
  if (!result.contains("dns")) result["dns"] = json::object();
  return {.output = json::serialize(result) + "\n"};
}

CniAnswer failed(const Status& status, const std::string& version) {
  const json::object error = {{"cniVersion", version},
                              {"code", static_cast<int>(cni_code(status))},
                              {"msg", message(status)},
                              {"details", ""}};
  return {.exit_code = 1, .output = json::serialize(error) + "\n"};
}

CniAnswer versions(const CniRequest& request) {
  json::array supported;
  for (const std::string_view version : kCniVersions) supported.emplace_back(version);
  const std::string version(std::end(kCniVersions)[-1]);
  const json::object answer = {{"cniVersion", request.version.empty() ? version : request.version},
                               {"supportedVersions", std::move(supported)}};
  return {.output = json::serialize(answer) + "\n"};
}

}  // namespace skiff::network
