// SPDX-License-Identifier: Apache-2.0
#include "agent/server/log_line.h"

#include "base/check.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

// A line with the query of a log request, then the log file.
void run(std::string_view input) {
  const Halves halves = split(input, "\n");
  const auto options = server::parse_log_options(http::Query::parse(halves.first),
                                                 TimePoint(std::chrono::seconds(1800000000)));
  if (!options.ok()) return;
  const size_t offset = server::tail_offset(halves.second, options->tail_lines.value_or(3));
  CHECK(offset <= halves.second.size());
  std::string out;
  server::LogFormatter formatter(*options);
  for (std::string_view rest = halves.second.substr(offset); !rest.empty() && !formatter.full();) {
    const Halves lines = split(rest, "\n");
    formatter.append(lines.first, out);
    rest = lines.second;
  }
  if (options->limit_bytes) CHECK(static_cast<int64_t>(out.size()) <= *options->limit_bytes);
}

const Registration kTarget("log_line", &run);

}  // namespace
}  // namespace skiff::fuzz
