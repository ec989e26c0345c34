// SPDX-License-Identifier: Apache-2.0
// What selectors look at, decoded once per revision of an object however many lists and watches
// ask: labels and the selectable fields.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "controller/apiserver/resource.h"
#include "controller/store/store.h"

namespace skiff::apiserver {

struct Attributes {
  std::map<std::string, std::string> labels;
  std::vector<std::string> fields;  // in the order of Resource::selectable_fields
};

// Entries live as long as their record: the store's current state and its recent past.
class AttributeCache {
 public:
  const Attributes& of(const Resource& resource, const store::RecordPtr& record);
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::weak_ptr<const store::Record> record;
    const Resource* resource = nullptr;  // two may share a record, and differ in their fields
    Attributes attributes;
  };
  void sweep();

  std::unordered_map<const store::Record*, Entry> entries_;
  size_t sweep_at_ = 1024;
};

// Labels and selectable fields of the JSON text of an object.
Attributes read_attributes(const Resource& resource, std::string_view object);

struct RecordName {
  std::string_view namespace_;  // empty for cluster-scoped objects
  std::string_view name;
};
// The parts of `/registry/pods/default/nginx`.
RecordName record_name(std::string_view key);

}  // namespace skiff::apiserver
