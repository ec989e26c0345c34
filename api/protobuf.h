// SPDX-License-Identifier: Apache-2.0
// Bodies of `application/vnd.kubernetes.protobuf`, which typed Go clients send: read by the field
// numbers of the tables.
#pragma once

#include <string_view>

#include "api/describe.h"
#include "base/result.h"

namespace skiff::api {

// The envelope: `k8s\0`, then a runtime.Unknown message. Views into the body.
struct ProtobufBody {
  std::string_view apiVersion;
  std::string_view kind;
  std::string_view raw;  // the message of the object, without apiVersion and kind
};
Result<ProtobufBody> open_protobuf(std::string_view body);

// Reads the message `raw` into the default-valued `*into`. Unknown fields are passed over, as
// protobuf wants it.
skiff::Status decode_protobuf(const TypeInfo& type, void* into, std::string_view raw);

template <class T>
Result<T> decode_protobuf(std::string_view raw) {
  T object{};
  RETURN_IF_ERROR(decode_protobuf(type_of<T>(), &object, raw));
  return object;
}

}  // namespace skiff::api
