// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "api/compare.h"
#include "api/groups.h"
#include "api/names.h"
#include "api/rules.h"
#include "api/storage/classes.h"
#include "api/storage/csi.h"

namespace skiff::api::storage {
namespace {

using rules::at;
using rules::each;
using rules::name_at;

using Texts = std::map<std::string, std::string>;

constexpr size_t kMaxParameters = 512;
constexpr size_t kMaxParameterBytes = 256 << 10;
constexpr size_t kMaxDriverName = 63, kMaxNodeId = 192;
constexpr int64_t kShortestToken = 600, kLongestToken = int64_t{1} << 32;

std::string check_provisioner(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return check_qualified_name(lower);
}

void parameters(const Texts& all, FieldErrors& errors) {
  const auto field = errors.at("parameters");
  if (all.size() > kMaxParameters) errors.too_many(all.size(), kMaxParameters);
  size_t bytes = 0;
  for (const auto& [key, value] : all) {
    if (key.empty()) errors.invalid(key, "field can not be empty.");
    bytes += key.size() + value.size();
  }
  if (bytes > kMaxParameterBytes) errors.too_long(kMaxParameterBytes);
}

template <class T>
void same(std::string_view name, const T& now, const T& old, FieldErrors& errors) {
  if (!equal(now, old))
    at(errors, name, [&] { errors.forbidden(fmt::format("updates to {} are forbidden.", name)); });
}

void driver_name(std::string_view field, const std::string& name, FieldErrors& errors) {
  if (name.size() > kMaxDriverName) at(errors, field, [&] { errors.too_long(kMaxDriverName); });
  name_at(errors, field, name, check_dns1123_subdomain);
}

void storage_class(const StorageClass& one, FieldErrors& errors) {
  name_at(errors, "provisioner", one.provisioner, check_provisioner);
  parameters(one.parameters, errors);
}
void storage_class_update(const StorageClass& now, const StorageClass& old, FieldErrors& errors) {
  same("parameters", now.parameters, old.parameters, errors);
  same("provisioner", now.provisioner, old.provisioner, errors);
  same("reclaimPolicy", now.reclaimPolicy, old.reclaimPolicy, errors);
}

void topology(const TopologySelectorTerm& term, FieldErrors& errors) {
  std::set<std::string> keys;
  each(errors, "matchLabelExpressions", term.matchLabelExpressions, [&](const auto& label) {
    name_at(errors, "key", label.key, check_qualified_name);
    if (!keys.insert(label.key).second) at(errors, "key", [&] { errors.duplicate(label.key); });
    std::set<std::string> values;
    if (label.values.empty()) at(errors, "values", [&] { errors.required(); });
    each(errors, "values", label.values, [&](const std::string& value) {
      if (!values.insert(value).second) errors.duplicate(value);
    });
  });
}

void attributes_class(const VolumeAttributesClass& one, FieldErrors& errors) {
  name_at(errors, "driverName", one.driverName, check_provisioner);
  parameters(one.parameters, errors);
  if (one.parameters.empty())
    at(errors, "parameters", [&] { errors.required("must contain at least one key/value pair"); });
}
void attributes_class_update(const VolumeAttributesClass& now, const VolumeAttributesClass& old,
                             FieldErrors& errors) {
  same("driverName", now.driverName, old.driverName, errors);
  same("parameters", now.parameters, old.parameters, errors);
}

void attachment_spec(const VolumeAttachmentSpec& spec, FieldErrors& errors) {
  driver_name("attacher", spec.attacher, errors);
  name_at(errors, "nodeName", spec.nodeName, check_dns1123_subdomain);
  const auto field = errors.at("source");
  constexpr const char* kOne =
      "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
  const bool by_name = spec.source.persistentVolumeName.has_value();
  const bool in_line = spec.source.inlineVolumeSpec.has_value();
  if (by_name && in_line) errors.forbidden(kOne);
  if (!by_name && !in_line) errors.required(kOne);
  if (by_name && spec.source.persistentVolumeName->empty())
    at(errors, "persistentVolumeName",
       [&] { errors.required("must specify non empty persistentVolumeName"); });
}

void csi_driver(const CSIDriver& driver, FieldErrors& errors) {
  const auto spec = errors.at("spec");
  std::set<std::string> audiences;
  each(errors, "tokenRequests", driver.spec.tokenRequests, [&](const StorageTokenRequest& token) {
    if (!audiences.insert(token.audience).second)
      at(errors, "audience", [&] { errors.duplicate(token.audience); });
    if (!token.expirationSeconds) return;
    const auto seconds = errors.at("expirationSeconds");
    if (*token.expirationSeconds < kShortestToken)
      errors.invalid(*token.expirationSeconds, "may not specify a duration less than 10 minutes");
    if (*token.expirationSeconds > kLongestToken)
      errors.invalid(*token.expirationSeconds,
                     "may not specify a duration larger than 2^32 seconds");
  });
}

void csi_node_spec(const CSINodeSpec& spec, FieldErrors& errors) {
  std::set<std::string> names;
  each(errors, "drivers", spec.drivers, [&](const CSINodeDriver& driver) {
    driver_name("name", driver.name, errors);
    if (!names.insert(driver.name).second)
      at(errors, "name", [&] { errors.duplicate(driver.name); });
    if (driver.nodeID.size() > kMaxNodeId)
      at(errors, "nodeID", [&] {
        errors.invalid(driver.nodeID, fmt::format("must be {} characters or less", kMaxNodeId));
      });
    std::set<std::string> keys;
    each(errors, "topologyKeys", driver.topologyKeys, [&](const std::string& key) {
      errors.unless_empty(key, check_qualified_name(key));
      if (!keys.insert(key).second) errors.duplicate(key);
    });
  });
}

void csi_node_update(const CSINode& now, const CSINode& old, FieldErrors& errors) {
  for (const CSINodeDriver& driver : now.spec.drivers)
    for (const CSINodeDriver& before : old.spec.drivers)
      if (driver.name == before.name && !equal(driver, before))
        at(errors, "CSINodeDriver",
           [&] { errors.invalid_json(encode_json(driver), "field is immutable"); });
}

void storage_capacity(const CSIStorageCapacity& one, FieldErrors& errors) {
  name_at(errors, "storageClassName", one.storageClassName, check_dns1123_subdomain);
  const auto not_negative = [&](std::string_view name, const std::optional<Quantity>& amount) {
    if (amount && amount->is_negative())
      at(errors, name,
         [&] { errors.invalid(amount->to_string(), "must be greater than or equal to 0"); });
  };
  not_negative("capacity", one.capacity);
  not_negative("maximumVolumeSize", one.maximumVolumeSize);
}

constexpr Rule kRules[] = {
    rule<storage_class>(), rule<topology>(),      rule<attributes_class>(), rule<attachment_spec>(),
    rule<csi_driver>(),    rule<csi_node_spec>(), rule<storage_capacity>(),
};

constexpr UpdateRule kUpdates[] = {
    update_rule<storage_class_update>(),
    update_rule<attributes_class_update>(),
    update_rule<csi_node_update>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return kUpdates;
}

}  // namespace skiff::api::storage
