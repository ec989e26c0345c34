// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/admission.h"

#include <fmt/format.h>

#include "api/defaults.h"
#include "api/validation.h"
#include "controller/apiserver/managed_fields.h"
#include "kube/json_scan.h"

namespace skiff::apiserver {
namespace {

void add_field_errors(const std::vector<api::FieldError>& errors, Causes& causes) {
  for (const api::FieldError& error : errors)
    causes.push_back({error.reason, error.message, error.field});
}

Status invalid_if_any(const Object& object, const Resource& resource, Causes causes) {
  if (causes.empty()) return absl::OkStatus();
  return errors::invalid(resource.qualified_kind(), object.metadata().name, std::move(causes));
}

bool is_terminating(std::string_view namespace_json) {
  const auto status = kube::json_member(namespace_json, "status");
  const auto phase = status ? kube::json_member(*status, "phase") : std::nullopt;
  return phase == "\"Terminating\"";
}

}  // namespace

Status check_namespace(const store::Store& store, const Call& call, std::string_view name) {
  if (!call.resource->kind->namespaced) return absl::OkStatus();
  const std::string_view namespace_ = call.namespace_();
  const auto record = store.get(store::registry_key("namespaces", "", namespace_));
  if (!record.ok()) return errors::not_found({"", "namespaces"}, namespace_);
  if (!is_terminating(*(*record)->value)) return absl::OkStatus();
  return errors::forbidden(
      call.resource->qualified(), name,
      fmt::format("unable to create new content in namespace {} because it is being terminated",
                  namespace_),
      {{"NamespaceTerminating", fmt::format("namespace {} is being terminated", namespace_),
        "metadata.namespace"}});
}

Status admit_create(Object& object, const Call& call, WriteContext& context) {
  const Resource& resource = *call.resource;
  if (!resource.keeps_status_on_create && resource.stored) clear_field(object, "status");
  api::set_defaults(object.kind(), object.data());
  if (resource.stored) record_owners(call, nullptr, object, context.now);
  RETURN_IF_ERROR(resource.strategy->prepare_create(object, context));
  if (!resource.stored) return absl::OkStatus();
  Causes causes;
  add_field_errors(api::validate(object.kind(), object.data()), causes);
  resource.strategy->validate(object, causes);
  return invalid_if_any(object, resource, std::move(causes));
}

Status admit_update(Object& object, const Object& current, const Call& call,
                    WriteContext& context) {
  const Resource& resource = *call.resource;
  api::set_defaults(object.kind(), object.data());
  record_owners(call, &current, object, context.now);
  RETURN_IF_ERROR(resource.strategy->prepare_update(object, current, context));
  Causes causes;
  add_field_errors(api::validate_update(object.kind(), object.data(), current.data()), causes);
  resource.strategy->validate(object, causes);
  resource.strategy->validate_update(object, current, causes);
  return invalid_if_any(object, resource, std::move(causes));
}

Status admit_part(Object& object, const Object& current, const Call& call, WriteContext& context,
                  const PartRules& rules) {
  api::set_defaults(object.kind(), object.data());
  record_owners(call, &current, object, context.now);
  Causes causes;
  add_field_errors(rules.check(object, current), causes);
  return invalid_if_any(object, *call.resource, std::move(causes));
}

}  // namespace skiff::apiserver
