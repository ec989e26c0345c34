// SPDX-License-Identifier: Apache-2.0
#include "api/patch.h"

#include "api/objects.h"
#include "base/check.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

// A line with a document, then a patch, which is taken for each of the three.
void run(std::string_view input) {
  const Halves halves = split(input, "\n");
  const auto document = api::parse_document(halves.first);
  const auto patch = api::parse_document(halves.second);
  if (!document.ok() || !patch.ok()) return;

  boost::json::value patched = *document;
  if (!api::apply_json_patch(patched, *patch).ok()) CHECK(patched == *document);

  patched = *document;
  api::apply_merge_patch(patched, *patch);
  boost::json::value twice = patched;
  api::apply_merge_patch(twice, *patch);
  CHECK(twice == patched);

  patched = *document;
  (void)api::apply_strategic_merge_patch(api::type_of<api::Pod>(), patched, *patch);
}

const Registration kTarget("patch", &run);

}  // namespace
}  // namespace skiff::fuzz
