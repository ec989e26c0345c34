// SPDX-License-Identifier: Apache-2.0
#include "api/codec.h"
#include "api/compare.h"
#include "api/objects.h"
#include "base/check.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

// What was decoded once is written in a form that reads back as the same object.
void run(std::string_view input) {
  (void)api::peek_type(input);
  api::DecodeReport report;
  const auto pod = api::decode_json<api::Pod>(input, &report);
  if (!pod.ok()) return;
  const auto again = api::decode_json<api::Pod>(api::encode_json(*pod));
  CHECK(again.ok());
  CHECK(api::equal(*pod, *again));
}

const Registration kTarget("json", &run);

}  // namespace
}  // namespace skiff::fuzz
