// SPDX-License-Identifier: Apache-2.0
// Rules of the kinds that need only a few.
#include <set>

#include "api/compare.h"
#include "api/core/rules.h"
#include "api/core/template_rules.h"
#include "api/names.h"
#include "api/text.h"
#include "base/ip.h"

namespace skiff::api::rules {
namespace {

constexpr size_t kMaxDataBytes = 1 << 20;
constexpr std::string_view kImmutable = "field is immutable when `immutable` is set";

size_t size_of(const std::string& text) {
  return text.size();
}
size_t size_of(const Bytes& bytes) {
  return bytes.value.size();
}

// Returns the bytes of all values.
template <class Map>
size_t keys(std::string_view name, const Map& map, FieldErrors& errors) {
  const auto field = errors.at(name);
  size_t bytes = 0;
  for (const auto& [key, value] : map) {
    const auto scope = errors.at_key(key);
    errors.unless_empty(key, check_config_key(key));
    bytes += size_of(value);
  }
  return bytes;
}

template <class T>
void unchanged(std::string_view name, const T& now, const T& before, FieldErrors& errors) {
  const auto field = errors.at(name);
  if (!equal(now, before)) errors.forbidden(kImmutable);
}

// Once immutable, the flag itself stays, too.
template <class T>
bool was_immutable(const T& now, const T& old, FieldErrors& errors) {
  if (!old.immutable.value_or(false)) return false;
  const auto field = errors.at("immutable");
  if (!now.immutable.value_or(false)) errors.forbidden(kImmutable);
  return true;
}

}  // namespace

void config_map(const ConfigMap& map, FieldErrors& errors) {
  const size_t bytes = keys("data", map.data, errors) + keys("binaryData", map.binaryData, errors);
  if (bytes > kMaxDataBytes) errors.too_long(kMaxDataBytes);
  const auto field = errors.at("data");
  for (const auto& [key, value] : map.data) {
    const auto scope = errors.at_key(key);
    if (map.binaryData.contains(key)) errors.invalid(key, "duplicate of key present in binaryData");
  }
}

void config_map_update(const ConfigMap& map, const ConfigMap& old, FieldErrors& errors) {
  if (!was_immutable(map, old, errors)) return;
  unchanged("data", map.data, old.data, errors);
  unchanged("binaryData", map.binaryData, old.binaryData, errors);
}

void secret(const Secret& secret, FieldErrors& errors) {
  const size_t bytes = keys("data", secret.data, errors);
  const auto data = errors.at("data");
  if (bytes > kMaxDataBytes) errors.too_long(kMaxDataBytes);
  const auto needs = [&](std::string_view type, std::initializer_list<std::string_view> wanted) {
    if (secret.type != type) return;
    for (const std::string_view key : wanted) {
      const auto scope = errors.at_key(key);
      if (!secret.data.contains(std::string(key))) errors.required();
    }
  };
  needs("kubernetes.io/dockercfg", {".dockercfg"});
  needs("kubernetes.io/dockerconfigjson", {".dockerconfigjson"});
  needs("kubernetes.io/ssh-auth", {"ssh-privatekey"});
  needs("kubernetes.io/tls", {"tls.crt", "tls.key"});
}

void secret_update(const Secret& secret, const Secret& old, FieldErrors& errors) {
  if (was_immutable(secret, old, errors)) unchanged("data", secret.data, old.data, errors);
}

void node_spec(const NodeSpec& spec, FieldErrors& errors) {
  std::set<std::string> seen;
  each(errors, "taints", spec.taints, [&](const Taint& taint) {
    if (!taint.key.empty()) {
      const auto field = errors.at("key");
      errors.unless_empty(taint.key, check_qualified_name(taint.key));
    }
    {
      const auto field = errors.at("value");
      errors.unless_empty(taint.value, check_label_value(taint.value));
    }
    if (!seen.insert(taint.key + ":" + taint.effect).second)
      errors.duplicate(taint.key + ":" + taint.effect);
  });
  each(errors, "podCIDRs", spec.podCIDRs, [&](const std::string& range) {
    if (!Cidr::parse(range).ok())
      errors.invalid(range, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
  });
}

void node_update(const Node& node, const Node& old, FieldErrors& errors) {
  const auto spec = errors.at("spec");
  if (!old.spec.podCIDRs.empty() && node.spec.podCIDRs != old.spec.podCIDRs) {
    const auto field = errors.at("podCIDRs");
    errors.forbidden("node updates may not change podCIDR except from \"\" to valid");
  }
  if (!old.spec.providerID.empty() && node.spec.providerID != old.spec.providerID) {
    const auto field = errors.at("providerID");
    errors.forbidden("node updates may not change providerID except from \"\" to valid");
  }
}

void replication_controller_spec(const ReplicationControllerSpec& spec, FieldErrors& errors) {
  if (spec.selector.empty()) at(errors, "selector", [&] { errors.required(); });
  if (!spec.template_) return at(errors, "template", [&] { errors.required(); });
  LabelSelector selector;
  selector.matchLabels = spec.selector;
  if (!spec.selector.empty())
    selector_and_template(selector, *spec.template_, "replicationcontroller", errors);
  template_mounts(*spec.template_, {}, errors);
  template_that_restarts(*spec.template_, "ReplicationController", errors);
}

void event(const Event& event, FieldErrors& errors) {
  // Events about what has no namespace live in `default`.
  const std::string& about = event.involvedObject.namespace_;
  if (event.metadata.namespace_.empty() || about == event.metadata.namespace_ ||
      (about.empty() && is_one_of(event.metadata.namespace_, "default,kube-system")))
    return;
  const auto object = errors.at("involvedObject");
  const auto field = errors.at("namespace");
  errors.invalid(about, "does not match event.namespace");
}

}  // namespace skiff::api::rules
