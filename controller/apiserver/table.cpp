// SPDX-License-Identifier: Apache-2.0
// Tables: the envelope around what the TablePrinter says.
#include "controller/apiserver/json_text.h"
#include "controller/apiserver/render.h"
#include "kube/json_scan.h"

namespace skiff::apiserver {

std::string partial_metadata(const Output& output, std::string_view object) {
  std::string out = R"({"kind":"PartialObjectMetadata")";
  append_member(out, "apiVersion", "meta.k8s.io/" + output.meta_version);
  append_raw_member(out, "metadata", kube::json_member(object, "metadata").value_or("{}"));
  return out + "}";
}

std::string table_columns(Backend& backend, const Resource& resource) {
  std::string out = "[";
  for (const TableColumn& column : backend.printer->columns(resource)) {
    if (out.size() > 1) out += ',';
    std::string item = "{";
    append_raw_member(item, "name", json_quoted(column.name));
    append_raw_member(item, "type", json_quoted(column.type));
    append_raw_member(item, "format", json_quoted(column.format));
    append_raw_member(item, "description", json_quoted(column.description));
    append_raw_member(item, "priority", std::to_string(column.priority));
    out += item + "}";
  }
  return out + "]";
}

Result<std::string> table_row(Backend& backend, const Call& call, std::string_view object) {
  ASSIGN_OR_RETURN(const TableRow row,
                   backend.printer->row(*call.resource, object, backend.clock.now()));
  std::string out = "{";
  append_raw_member(out, "cells", row.cells);
  if (!row.conditions.empty()) append_raw_member(out, "conditions", row.conditions);
  const std::string_view include = call.query().get("includeObject");
  if (include == "Object") {
    append_raw_member(out, "object", object);
  } else if (include != "None") {
    append_raw_member(out, "object", partial_metadata(call.output, object));
  }
  return out + "}";
}

std::string table_document(const Output& output, std::string_view metadata,
                           std::string_view columns, std::string_view rows) {
  std::string out = R"({"kind":"Table")";
  append_member(out, "apiVersion", "meta.k8s.io/" + output.meta_version);
  append_raw_member(out, "metadata", metadata);
  append_raw_member(out, "columnDefinitions", columns.empty() ? "[]" : columns);
  append_raw_member(out, "rows", rows);
  return out + "}";
}

}  // namespace skiff::apiserver
