// SPDX-License-Identifier: Apache-2.0
#include "agent/trim.h"

namespace skiff::agent {
namespace {

constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

}  // namespace

void trim(api::ObjectMeta& metadata) {
  metadata.managedFields.clear();
  metadata.ownerReferences.clear();
  metadata.finalizers.clear();
  metadata.generateName.clear();
  metadata.generation = 0;
  metadata.creationTimestamp = {};
  metadata.annotations.erase(kLastApplied);
}

void trim(api::Service& service) {
  trim(service.metadata);
  service.spec.selector.clear();
}

void trim(api::EndpointSlice& slice) {
  trim(slice.metadata);
  std::erase_if(slice.metadata.labels, [](const auto& label) {
    return label.first != api::kServiceNameLabel && label.first != api::kHeadlessLabel;
  });
}

}  // namespace skiff::agent
