// SPDX-License-Identifier: Apache-2.0
// Objects as answers: as stored, as YAML, as a Table, or as their metadata alone.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/apiserver/backend.h"
#include "controller/apiserver/call.h"

namespace skiff::apiserver {

// metadata of a list as its JSON members: resourceVersion, continue, remainingItemCount.
struct ListHead {
  int64_t revision = 0;
  std::string continue_token;
  int64_t remaining = 0;  // 0: not told
  std::string encode() const;
};

// One object in the form the client asked for.
Result<http::Response> object_response(Backend& backend, const Call& call, int code,
                                       store::Bytes object);
// JSON that is no stored object (a Status, a Scale): only the encoding is negotiated.
Result<http::Response> document_response(const Call& call, int code, std::string json);
Result<http::Response> list_response(Backend& backend, const Call& call, const ListHead& head,
                                     const std::vector<store::RecordPtr>& records);

// `{"kind":"PartialObjectMetadata",…}` over the metadata of `object`.
std::string partial_metadata(const Output& output, std::string_view object);

// `{"kind":"Table",…}`: `columns` as made by table_columns, or empty (later events of a watch).
std::string table_columns(Backend& backend, const Resource& resource);
Result<std::string> table_row(Backend& backend, const Call& call, std::string_view object);
std::string table_document(const Output& output, std::string_view metadata,
                           std::string_view columns, std::string_view rows);

}  // namespace skiff::apiserver
