// SPDX-License-Identifier: Apache-2.0
#include "api/protobuf.h"

#include "api/any_object.h"
#include "api/objects.h"
#include "base/check.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

// The envelope says the kind; without one, the bytes are a Pod. What is read can be written.
void run(std::string_view input) {
  const api::Kind* kind = &api::kind_of<api::Pod>();
  std::string_view raw = input;
  if (const auto body = api::open_protobuf(input); body.ok()) {
    raw = body->raw;
    kind = api::find_kind(body->apiVersion, body->kind);
    if (kind == nullptr) return;
  }
  api::AnyObject object(*kind);
  if (api::decode_protobuf(*kind->type, object.data(), raw).ok()) CHECK(!object.to_json().empty());
}

const Registration kTarget("protobuf", &run);

}  // namespace
}  // namespace skiff::fuzz
