// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/attributes.h"

#include <algorithm>

#include "api/codec.h"
#include "api/scalars.h"
#include "kube/json_scan.h"

namespace skiff::apiserver {
namespace {

// The text at the dotted `path`; strings without quotes, numbers and booleans as they are.
std::string field_at(std::string_view object, std::string_view path, const std::string& absent) {
  std::optional<std::string_view> value = object;
  while (!path.empty() && value) {
    const size_t dot = path.find('.');
    value = kube::json_member(*value, path.substr(0, dot));
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  if (!value || *value == "null") return absent;
  return kube::json_string(*value).value_or(std::string(*value));
}

}  // namespace

Attributes read_attributes(const Resource& resource, std::string_view object) {
  Attributes attributes;
  const auto metadata = kube::json_member(object, "metadata");
  if (const auto labels = metadata ? kube::json_member(*metadata, "labels") : std::nullopt) {
    const Status decoded =
        api::decode(api::type_of<decltype(attributes.labels)>(), &attributes.labels, *labels);
    if (!decoded.ok()) attributes.labels.clear();  // our own encoding: cannot happen
  }
  attributes.fields.reserve(resource.selectable_fields.size());
  for (const SelectableField& field : resource.selectable_fields)
    attributes.fields.push_back(field.path.empty() ? ""
                                                   : field_at(object, field.path, field.absent));
  return attributes;
}

const Attributes& AttributeCache::of(const Resource& resource, const store::RecordPtr& record) {
  const auto found = entries_.find(record.get());
  if (found != entries_.end() && found->second.resource == &resource &&
      found->second.record.lock() == record)
    return found->second.attributes;
  if (entries_.size() >= sweep_at_) sweep();
  Entry& entry = entries_[record.get()];
  entry = {record, &resource, read_attributes(resource, *record->value)};
  return entry.attributes;
}

void AttributeCache::sweep() {
  std::erase_if(entries_, [](const auto& item) { return item.second.record.expired(); });
  sweep_at_ = std::max<size_t>(1024, entries_.size() * 2);
}

RecordName record_name(std::string_view key) {
  constexpr std::string_view kRoot = "/registry/";
  key.remove_prefix(std::min(key.size(), kRoot.size()));
  key.remove_prefix(std::min(key.size(), key.find('/') + 1));
  const size_t slash = key.rfind('/');
  if (slash == std::string_view::npos) return {"", key};
  return {key.substr(0, slash), key.substr(slash + 1)};
}

}  // namespace skiff::apiserver
