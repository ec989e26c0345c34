// SPDX-License-Identifier: Apache-2.0
#include "api/storage/classes.h"
#include "api/storage/csi.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

constexpr const char* kDefaultClass = "storageclass.kubernetes.io/is-default-class";

std::string_view flag(const std::optional<bool>& value, bool otherwise = false) {
  return value.value_or(otherwise) ? "true" : "false";
}

TableRow print_storage_class(const api::StorageClass& one, TimePoint now) {
  const auto mark = one.metadata.annotations.find(kDefaultClass);
  const bool is_default = mark != one.metadata.annotations.end() && mark->second == "true";
  Cells cells;
  cells.text(one.metadata.name + (is_default ? " (default)" : ""));
  cells.text(one.provisioner);
  cells.text(one.reclaimPolicy.value_or("Delete"));
  cells.text(one.volumeBindingMode.value_or("Immediate"));
  cells.text(flag(one.allowVolumeExpansion));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

std::string audiences_of(const api::CSIDriverSpec& spec) {
  std::vector<std::string> audiences;
  for (const api::StorageTokenRequest& token : spec.tokenRequests)
    audiences.push_back(token.audience);
  return audiences.empty() ? "<unset>" : join(audiences);
}

TableRow print_attributes_class(const api::VolumeAttributesClass& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.driverName);
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

TableRow print_attachment(const api::VolumeAttachment& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.spec.attacher);
  cells.text(one.spec.source.persistentVolumeName.value_or(""));
  cells.text(one.spec.nodeName);
  cells.text(flag(one.status.attached));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

TableRow print_csi_driver(const api::CSIDriver& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(flag(one.spec.attachRequired, true));
  cells.text(flag(one.spec.podInfoOnMount));
  cells.text(flag(one.spec.storageCapacity));
  cells.text(audiences_of(one.spec));
  cells.text(flag(one.spec.requiresRepublish));
  cells.text(text_or(join(one.spec.volumeLifecycleModes), kNone));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

TableRow print_csi_node(const api::CSINode& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.number(static_cast<int64_t>(one.spec.drivers.size()));
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

TableRow print_storage_capacity(const api::CSIStorageCapacity& one, TimePoint now) {
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(one.storageClassName);
  cells.text(one.capacity ? one.capacity->to_string() : "<unset>");
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> storage_tables() {
  return {table_of<api::StorageClass, print_storage_class>(
              {name_column(), column("Provisioner"), column("ReclaimPolicy"),
               column("VolumeBindingMode"), column("AllowVolumeExpansion"), age_column()}),
          table_of<api::VolumeAttributesClass, print_attributes_class>(
              {name_column(), column("DriverName"), age_column()}),
          table_of<api::VolumeAttachment, print_attachment>({name_column(), column("Attacher"),
                                                             column("PV"), column("Node"),
                                                             column("Attached"), age_column()}),
          table_of<api::CSIDriver, print_csi_driver>(
              {name_column(), column("AttachRequired"), column("PodInfoOnMount"),
               column("StorageCapacity"), column("TokenRequests"), column("RequiresRepublish"),
               column("Modes"), age_column()}),
          table_of<api::CSINode, print_csi_node>(
              {name_column(), column("Drivers", "integer"), age_column()}),
          table_of<api::CSIStorageCapacity, print_storage_capacity>(
              {name_column(), column("StorageClassName"), column("Capacity"), age_column()})};
}

}  // namespace skiff::printers
