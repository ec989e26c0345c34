// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"
#include "base/http/message.h"
#include "base/http/request_target.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

// What was decoded is encoded so that it decodes to the same.
void run(std::string_view input) {
  CHECK(http::percent_decode(http::percent_encode(input)) == input);
  const http::Query query = http::Query::parse(input);
  CHECK(http::Query::parse(query.encode()).fields() == query.fields());
  http::Request request;
  http::set_target(request, input);
  (void)http::target_of(request);
  if (!request.path.starts_with('/')) return;
  request.raw_target.clear();
  http::Request again;
  http::set_target(again, http::target_of(request));
  CHECK(again.path == request.path);
  CHECK(again.query.fields() == request.query.fields());
}

const Registration kTarget("http", &run);

}  // namespace
}  // namespace skiff::fuzz
