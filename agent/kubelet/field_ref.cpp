// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/field_ref.h"

#include <fmt/ranges.h>

#include "agent/kubelet/pod_names.h"
#include "agent/kubelet/resources.h"

namespace skiff::kubelet {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out + '"';
}

std::string map_text(const std::map<std::string, std::string>& map) {
  std::string text;
  for (const auto& [key, value] : map) {
    if (!text.empty()) text += '\n';
    text += key + "=" + quoted(value);
  }
  return text;
}

// The key in `prefix['key']`, or nothing.
std::optional<std::string> subscript(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  if (!path.starts_with("['") || !path.ends_with("']") || path.size() < 4) return std::nullopt;
  return std::string(path.substr(2, path.size() - 4));
}

std::string entry(const std::map<std::string, std::string>& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? "" : found->second;
}

int64_t divide_up(int64_t value, int64_t by) {
  return by <= 0 ? value : (value + by - 1) / by;
}

}  // namespace

Result<std::string> field_value(const api::Pod& pod, const std::string& path,
                                const FieldContext& context) {
  const api::ObjectMeta& meta = pod.metadata;
  const auto& hosts = context.options.node_ips;
  if (path == "metadata.name") return meta.name;
  if (path == "metadata.namespace") return meta.namespace_;
  if (path == "metadata.uid") return meta.uid;
  if (path == "metadata.labels") return map_text(meta.labels);
  if (path == "metadata.annotations") return map_text(meta.annotations);
  if (auto key = subscript(path, "metadata.labels")) return entry(meta.labels, *key);
  if (auto key = subscript(path, "metadata.annotations")) return entry(meta.annotations, *key);
  if (path == "spec.nodeName") return context.options.node_name;
  if (path == "spec.serviceAccountName") return pod.spec.serviceAccountName;
  if (path == "status.hostIP") return hosts.empty() ? "" : hosts[0];
  if (path == "status.hostIPs") return fmt::format("{}", fmt::join(hosts, ","));
  if (path == "status.podIP") return context.pod_ips.empty() ? "" : context.pod_ips[0];
  if (path == "status.podIPs") return fmt::format("{}", fmt::join(context.pod_ips, ","));
  return invalid_argument("fieldPath \"{}\" is not supported", path);
}

Result<std::string> resource_value(const api::Pod& pod, const api::ResourceFieldSelector& selector,
                                   const api::Container* container, const Options& options) {
  if (!selector.containerName.empty()) container = find_container(pod, selector.containerName);
  if (!container)
    return invalid_argument("resourceFieldRef: container \"{}\" not found", selector.containerName);
  const std::string& name = selector.resource;
  const size_t dot = name.find('.');
  const std::string list = name.substr(0, dot);
  const std::string resource = dot == std::string::npos ? "" : name.substr(dot + 1);
  if ((list != "limits" && list != "requests") || resource.empty())
    return invalid_argument("resourceFieldRef: resource \"{}\" is not supported", name);
  const auto& amounts =
      list == "limits" ? container->resources.limits : container->resources.requests;
  const auto set = amounts.find(resource);
  const bool limit_of_node = list == "limits" && (set == amounts.end() || set->second.is_zero());
  if (resource == "cpu") {
    const int64_t milli =
        limit_of_node ? options.allocatable_millicores : api::milli_amount(amounts, resource);
    const int64_t by = selector.divisor.is_zero() ? 1000 : selector.divisor.milli_value();
    return std::to_string(divide_up(milli, by));
  }
  int64_t whole = amount(amounts, resource);
  if (limit_of_node && resource == "memory") whole = options.allocatable_memory_bytes;
  if (limit_of_node && resource == "ephemeral-storage") whole = options.allocatable_disk_bytes;
  const int64_t by = selector.divisor.is_zero() ? 1 : selector.divisor.value();
  return std::to_string(divide_up(whole, by));
}

}  // namespace skiff::kubelet
