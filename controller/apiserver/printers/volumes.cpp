// SPDX-License-Identifier: Apache-2.0
// Persistent volumes and claims.
#include <fmt/format.h>

#include "api/core/claim.h"
#include "api/core/storage.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

constexpr const char* kUnset = "<unset>";

// `RWO,ROX`.
std::string access_modes(const std::vector<std::string>& modes) {
  std::vector<std::string> out;
  for (const auto& [mode, text] :
       {std::pair("ReadWriteOnce", "RWO"), std::pair("ReadOnlyMany", "ROX"),
        std::pair("ReadWriteMany", "RWX"), std::pair("ReadWriteOncePod", "RWOP")})
    for (const std::string& one : modes)
      if (one == mode) {
        out.emplace_back(text);
        break;
      }
  return join(out);
}

std::string storage(const std::map<std::string, api::Quantity>& amounts) {
  const auto found = amounts.find("storage");
  return found == amounts.end() ? "" : found->second.to_string();
}

// A class may still be named by the annotation it had before 1.6.
std::string storage_class(const api::ObjectMeta& metadata, const std::string& name) {
  const auto beta = metadata.annotations.find("volume.beta.kubernetes.io/storage-class");
  return beta == metadata.annotations.end() ? name : beta->second;
}

std::string_view phase_of(const api::ObjectMeta& metadata, const std::string& phase) {
  return metadata.deletionTimestamp ? std::string_view("Terminating") : phase;
}

TableRow print_volume(const api::PersistentVolume& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(storage(one.spec.capacity));
  cells.text(access_modes(one.spec.accessModes));
  cells.text(one.spec.persistentVolumeReclaimPolicy);
  cells.text(phase_of(one.metadata, one.status.phase));
  const auto& claim = one.spec.claimRef;
  cells.text(claim ? fmt::format("{}/{}", claim->namespace_, claim->name) : "");
  cells.text(storage_class(one.metadata, one.spec.storageClassName));
  cells.text(one.spec.volumeAttributesClassName.value_or(kUnset));
  cells.text(one.status.reason);
  cells.text(age(one.metadata.creationTimestamp, now));
  cells.text(one.spec.volumeMode.value_or(kUnset));
  return {.cells = std::move(cells).finish()};
}

TableRow print_claim(const api::PersistentVolumeClaim& one, TimePoint now) {
  const bool bound = !one.spec.volumeName.empty();
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(phase_of(one.metadata, one.status.phase));
  cells.text(one.spec.volumeName);
  cells.text(bound ? storage(one.status.capacity) : "");
  cells.text(bound ? access_modes(one.status.accessModes) : "");
  cells.text(storage_class(one.metadata, one.spec.storageClassName.value_or("")));
  cells.text(one.spec.volumeAttributesClassName.value_or(kUnset));
  cells.text(age(one.metadata.creationTimestamp, now));
  cells.text(one.spec.volumeMode.value_or(kUnset));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> volume_tables() {
  return {table_of<api::PersistentVolume, print_volume>(
              {name_column(), column("Capacity"), column("Access Modes"), column("Reclaim Policy"),
               column("Status"), column("Claim"), column("StorageClass"),
               column("VolumeAttributesClass"), column("Reason"), age_column(),
               wide_column("VolumeMode")}),
          table_of<api::PersistentVolumeClaim, print_claim>(
              {name_column(), column("Status"), column("Volume"), column("Capacity"),
               column("Access Modes"), column("StorageClass"), column("VolumeAttributesClass"),
               age_column(), wide_column("VolumeMode")})};
}

}  // namespace skiff::printers
