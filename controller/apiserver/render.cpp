// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/render.h"

#include <fmt/format.h>

#include "api/yaml.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/json_text.h"
#include "controller/apiserver/view.h"
#include "kube/json_scan.h"

namespace skiff::apiserver {
namespace {

using Piece = std::shared_ptr<const std::string>;

Piece piece(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

http::Response json_response(const Call& call, int code, std::vector<Piece> body) {
  http::Response response;
  response.status = code;
  response.headers.set("content-type", "application/json");
  response.headers.set("cache-control", "no-cache, private");
  for (const std::string& warning : call.warnings)
    response.headers.add("warning", "299 - " + json_quoted(warning));
  response.body = std::move(body);
  return response;
}

// As JSON, or turned into YAML.
Result<http::Response> encoded_response(const Call& call, int code, std::vector<Piece> body) {
  http::Response response = json_response(call, code, std::move(body));
  if (call.output.encoding == Encoding::kJson) return response;
  ASSIGN_OR_RETURN(std::string yaml, api::json_to_yaml(response.body_text()));
  response.headers.set("content-type", "application/yaml");
  response.body = {piece(std::move(yaml))};
  return response;
}

// The metadata of a table over one object: its revision.
std::string table_metadata(std::string_view object) {
  const auto metadata = kube::json_member(object, "metadata");
  const auto revision = metadata ? kube::json_member(*metadata, "resourceVersion") : std::nullopt;
  return revision ? fmt::format(R"({{"resourceVersion":{}}})", *revision) : "{}";
}

}  // namespace

std::string ListHead::encode() const {
  std::string out = "{";
  append_member(out, "resourceVersion", std::to_string(revision));
  append_member(out, "continue", continue_token);
  if (remaining > 0) append_raw_member(out, "remainingItemCount", std::to_string(remaining));
  return out + "}";
}

Result<http::Response> object_response(Backend& backend, const Call& call, int code,
                                       store::Bytes object) {
  if (call.output.form == Form::kMetadata) {
    Piece body = piece(partial_metadata(call.output, *object));
    return encoded_response(call, code, {std::move(body)});
  }
  if (call.output.form == Form::kTable) {
    ASSIGN_OR_RETURN(const std::string row, table_row(backend, call, *object));
    Piece body = piece(table_document(call.output, table_metadata(*object),
                                      table_columns(backend, *call.resource), "[" + row + "]"));
    return encoded_response(call, code, {std::move(body)});
  }
  return encoded_response(call, code, {std::move(object)});
}

Result<http::Response> document_response(const Call& call, int code, std::string json) {
  return encoded_response(call, code, {piece(std::move(json))});
}

Result<http::Response> list_response(Backend& backend, const Call& call, const ListHead& head,
                                     const std::vector<store::RecordPtr>& records) {
  static const Piece kComma = piece(",");
  static const Piece kEnd = piece("]}");
  if (call.output.form == Form::kTable) {
    std::string rows = "[";
    for (const store::RecordPtr& record : records) {
      if (rows.size() > 1) rows += ',';
      ASSIGN_OR_RETURN(const store::Bytes object, bytes_to_show(*call.resource, record->value));
      ASSIGN_OR_RETURN(const std::string row, table_row(backend, call, *object));
      rows += row;
    }
    Piece body = piece(table_document(call.output, head.encode(),
                                      table_columns(backend, *call.resource), rows + "]"));
    return encoded_response(call, 200, {std::move(body)});
  }
  const bool metadata = call.output.form == Form::kMetadata;
  std::string begin = "{";
  append_member(begin, "kind",
                metadata ? "PartialObjectMetadataList" : call.resource->kind->listKind);
  append_member(
      begin, "apiVersion",
      metadata ? "meta.k8s.io/" + call.output.meta_version : call.resource->kind->api_version());
  append_raw_member(begin, "metadata", head.encode());
  begin += R"(,"items":[)";
  std::vector<Piece> body;
  body.reserve(2 * records.size() + 2);
  body.push_back(piece(std::move(begin)));
  for (size_t i = 0; i < records.size(); ++i) {
    if (i > 0) body.push_back(kComma);
    ASSIGN_OR_RETURN(store::Bytes object, bytes_to_show(*call.resource, records[i]->value));
    body.push_back(metadata ? piece(partial_metadata(call.output, *object)) : std::move(object));
  }
  body.push_back(kEnd);
  return encoded_response(call, 200, std::move(body));
}

}  // namespace skiff::apiserver
