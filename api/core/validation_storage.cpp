// SPDX-License-Identifier: Apache-2.0
#include "api/compare.h"
#include "api/core/rules.h"
#include "api/names.h"
#include "api/text.h"

namespace skiff::api::rules {
namespace {

constexpr std::string_view kAccessModes =
    "ReadWriteOnce,ReadOnlyMany,ReadWriteMany,ReadWriteOncePod";
constexpr const char* kPositive = "must be greater than zero";

void access_modes(const std::vector<std::string>& modes, FieldErrors& errors) {
  const auto field = errors.at("accessModes");
  bool alone = false;
  for (const std::string& mode : modes) {
    if (!is_one_of(mode, kAccessModes)) errors.not_supported(mode, kAccessModes);
    alone = alone || mode == "ReadWriteOncePod";
  }
  if (alone && modes.size() > 1)
    errors.forbidden("may not use ReadWriteOncePod with other access modes");
}

// The sources of volumes: every box of the spec that holds a kind of storage.
bool is_source(const FieldInfo& field) {
  return field.type->form == Form::kBox && field.name != "claimRef" && field.name != "nodeAffinity";
}

void volume_source(const PersistentVolumeSpec& spec, FieldErrors& errors) {
  bool any = false;
  for (const FieldInfo& field : type_of<PersistentVolumeSpec>().fields) {
    if (!is_source(field) || !field.type->maybe->get(member(&spec, field))) continue;
    const auto scope = errors.at(field.name);
    if (any) errors.forbidden("may not specify more than 1 volume type");
    any = true;
  }
  if (!any) errors.required("must specify a volume type");
  if (spec.local && !spec.nodeAffinity)
    at(errors, "nodeAffinity", [&] { errors.required("Local volume requires node affinity"); });
  if (spec.hostPath && spec.hostPath->path == "/" &&
      spec.persistentVolumeReclaimPolicy == "Recycle")
    at(errors, "persistentVolumeReclaimPolicy",
       [&] { errors.forbidden("may not be 'recycle' for a hostPath mount of '/'"); });
}

bool same_source(const PersistentVolumeSpec& a, const PersistentVolumeSpec& b) {
  for (const FieldInfo& field : type_of<PersistentVolumeSpec>().fields)
    if (is_source(field) && !equal(*field.type, member(&a, field), member(&b, field))) return false;
  return true;
}

const Quantity* storage_of(const PersistentVolumeClaimSpec& spec) {
  const auto found = spec.resources.requests.find("storage");
  return found == spec.resources.requests.end() ? nullptr : &found->second;
}

}  // namespace

void persistent_volume(const PersistentVolume& volume, FieldErrors& errors) {
  const auto scope = errors.at("spec");
  const PersistentVolumeSpec& spec = volume.spec;
  if (spec.accessModes.empty()) at(errors, "accessModes", [&] { errors.required(); });
  access_modes(spec.accessModes, errors);
  at(errors, "capacity", [&] {
    if (spec.capacity.empty()) errors.required();
    if (!spec.capacity.contains("storage") || spec.capacity.size() > 1)
      errors.not_supported(encode_json(spec.capacity), "storage");
    for (const auto& [name, value] : spec.capacity) {
      const auto key = errors.at_key(name);
      if (value.is_negative() || value.is_zero()) errors.invalid(value.to_string(), kPositive);
    }
  });
  volume_source(spec, errors);
  name_at(errors, "storageClassName", spec.storageClassName, check_dns1123_subdomain);
  if (spec.nodeAffinity && !spec.nodeAffinity->required) {
    const auto field = errors.at("nodeAffinity");
    at(errors, "required", [&] { errors.required("must specify required node constraints"); });
  }
}

void persistent_volume_update(const PersistentVolume& volume, const PersistentVolume& old,
                              FieldErrors& errors) {
  PersistentVolumeSpec now = volume.spec;
  // A secret that expansion needs may come later.
  if (now.csi && old.spec.csi && !old.spec.csi->controllerExpandSecretRef)
    now.csi->controllerExpandSecretRef.reset();
  const auto spec = errors.at("spec");
  if (!same_source(now, old.spec))
    at(errors, "persistentvolumesource", [&] {
      errors.forbidden(fmt::format("spec.persistentvolumesource is immutable after creation\n{}",
                                   fmt::join(differences(volume.spec, old.spec), ", ")));
    });
  if (volume.spec.volumeMode != old.spec.volumeMode)
    at(errors, "volumeMode",
       [&] { errors.invalid(volume.spec.volumeMode.value_or(""), "field is immutable"); });
  if (old.spec.nodeAffinity && !equal(volume.spec.nodeAffinity, old.spec.nodeAffinity))
    at(errors, "nodeAffinity",
       [&] { errors.invalid_json(encode_json(*old.spec.nodeAffinity), "field is immutable"); });
}

void claim_spec(const PersistentVolumeClaimSpec& spec, FieldErrors& errors) {
  if (spec.accessModes.empty())
    at(errors, "accessModes", [&] { errors.required("at least 1 access mode is required"); });
  access_modes(spec.accessModes, errors);
  at(errors, "resources", [&] {
    const auto key = errors.at_key("storage");
    const Quantity* storage = storage_of(spec);
    if (!storage)
      errors.required();
    else if (storage->is_zero() || storage->is_negative())
      errors.invalid(storage->to_string(), kPositive);
  });
  if (spec.storageClassName)
    name_at(errors, "storageClassName", *spec.storageClassName, check_dns1123_subdomain);
  if (!spec.dataSource || !spec.dataSource->apiGroup.value_or("").empty() ||
      spec.dataSource->kind == "PersistentVolumeClaim" || spec.dataSource->kind.empty())
    return;
  at(errors, "dataSource", [&] {
    errors.invalid(spec.dataSource->kind,
                   "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
  });
}

void claim_update(const PersistentVolumeClaim& claim, const PersistentVolumeClaim& old,
                  FieldErrors& errors) {
  PersistentVolumeClaimSpec allowed = claim.spec;
  if (old.spec.volumeName.empty()) allowed.volumeName.clear();
  // A claim without a class gets the default one when there is one (KEP-3333).
  if (!old.spec.storageClassName) allowed.storageClassName.reset();
  if (claim.status.phase == "Bound") {
    allowed.resources.requests = old.spec.resources.requests;
    allowed.volumeAttributesClassName = old.spec.volumeAttributesClassName;
  }
  const auto spec = errors.at("spec");
  if (!equal(allowed, old.spec))
    errors.forbidden(
        fmt::format("spec is immutable after creation except resources.requests and "
                    "volumeAttributesClassName for bound claims\n{}",
                    fmt::join(differences(allowed, old.spec), ", ")));
  const Quantity* now = storage_of(claim.spec);
  const Quantity* before = storage_of(old.spec);
  const auto capacity = old.status.capacity.find("storage");
  if (!now || !before || *now >= *before || capacity == old.status.capacity.end() ||
      *now > capacity->second)
    return;  // less than asked for before, but no less than there is: an expansion that failed
  const auto resources = errors.at("resources");
  const auto requests = errors.at("requests");
  at(errors, "storage", [&] { errors.forbidden("field can not be less than status.capacity"); });
}

}  // namespace skiff::api::rules
