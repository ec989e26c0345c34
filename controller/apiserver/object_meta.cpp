// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/object_meta.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "controller/apiserver/json_text.h"

namespace skiff::apiserver {
namespace {

std::mt19937_64& random() {
  static std::mt19937_64 engine = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return engine;
}

constexpr size_t kMaxGeneratedBase = 58;  // 63 for a DNS label, less the suffix

}  // namespace

std::string new_uid() {
  const uint64_t high = (random()() & ~0xf000ULL) | 0x4000ULL;
  const uint64_t low = (random()() & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff,
                     high & 0xffff, low >> 48, low & 0xffffffffffffULL);
}

std::string random_suffix() {
  constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  std::string suffix;
  for (int i = 0; i < 5; ++i) suffix += kLetters[random()() % kLetters.size()];
  return suffix;
}

void generate_name(Object& object) {
  api::ObjectMeta& metadata = object.metadata();
  metadata.name = metadata.generateName.substr(0, kMaxGeneratedBase) + random_suffix();
}

Status adopt_new(Object& object, const Call& call, TimePoint now) {
  api::ObjectMeta& metadata = object.metadata();
  const std::string_view namespace_ = call.namespace_();
  if (call.resource->kind->namespaced) {
    if (!metadata.namespace_.empty() && metadata.namespace_ != namespace_)
      return errors::bad_request(
          "the namespace of the provided object does not match the namespace sent on the request");
    metadata.namespace_ = namespace_;
  } else {
    metadata.namespace_.clear();
  }
  if (!metadata.resourceVersion.empty() && metadata.resourceVersion != "0")
    return errors::bad_request("resourceVersion should not be set on objects to be created");
  if (!call.resource->stored) return absl::OkStatus();
  metadata.uid = new_uid();
  metadata.creationTimestamp = now;
  metadata.deletionTimestamp = {};
  metadata.deletionGracePeriodSeconds.reset();
  metadata.selfLink.clear();
  if (!call.applies) metadata.managedFields.clear();
  metadata.resourceVersion = "0";  // the store writes the real one in its place
  metadata.generation = call.resource->tracks_generation ? 1 : 0;
  return absl::OkStatus();
}

void restore_owned(Object& object, const Object& current) {
  api::ObjectMeta& metadata = object.metadata();
  const api::ObjectMeta& owned = current.metadata();
  metadata.name = owned.name;
  metadata.namespace_ = owned.namespace_;
  metadata.generateName = owned.generateName;
  metadata.uid = owned.uid;
  metadata.resourceVersion = owned.resourceVersion;
  metadata.generation = owned.generation;
  metadata.creationTimestamp = owned.creationTimestamp;
  metadata.deletionTimestamp = owned.deletionTimestamp;
  metadata.deletionGracePeriodSeconds = owned.deletionGracePeriodSeconds;
  metadata.selfLink.clear();
}

Status check_change(const Object& object, const Object& current, const Resource& resource) {
  const api::ObjectMeta& next = object.metadata();
  const api::ObjectMeta& now = current.metadata();
  if (!next.uid.empty() && next.uid != now.uid)
    return errors::conflict(
        resource.qualified(), now.name,
        fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}",
                    next.uid, now.uid));
  if (next.resourceVersion.empty() || next.resourceVersion == "0") {
    if (!resource.unconditional_update)
      return errors::invalid(
          resource.qualified_kind(), now.name,
          {cause::invalid("metadata.resourceVersion", "0x0", "must be specified for an update")});
  } else if (next.resourceVersion != now.resourceVersion) {
    return errors::modified(resource.qualified(), now.name);
  }
  if (now.deletionTimestamp.is_zero()) return absl::OkStatus();
  for (const std::string& finalizer : next.finalizers)
    if (std::find(now.finalizers.begin(), now.finalizers.end(), finalizer) == now.finalizers.end())
      return errors::invalid(
          resource.qualified_kind(), now.name,
          {cause::forbidden(
              "metadata.finalizers",
              fmt::format(
                  "no new finalizers can be added if the object is being deleted, found new "
                  "finalizers []string{{{}}}",
                  json_quoted(finalizer)))});
  return absl::OkStatus();
}

}  // namespace skiff::apiserver
