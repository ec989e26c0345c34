// SPDX-License-Identifier: Apache-2.0
// Lines of a container's log file as the runtime writes them: `TIME stdout|stderr F|P TEXT`, P for
// a piece of a longer line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/http/message.h"
#include "base/result.h"

namespace skiff::server {

struct LogLine {
  std::string_view timestamp;  // RFC 3339 with nanoseconds, as written
  std::string_view stream;     // stdout, stderr
  bool partial = false;        // the line goes on in the next entry
  std::string_view text;
};

// `line` without its line feed. Nothing if it is not such a line.
std::optional<LogLine> parse_log_line(std::string_view line);

// What of a log is wanted (`kubectl logs`; names of PodLogOptions).
struct LogOptions {
  bool follow = false;
  bool previous = false;
  bool timestamps = false;
  std::string stream;  // empty or All: both
  std::optional<int64_t> tail_lines;
  std::optional<int64_t> limit_bytes;
  std::optional<TimePoint> since;
};

// From a query. INVALID_ARGUMENT names the parameter.
Result<LogOptions> parse_log_options(const http::Query& query, TimePoint now);

// Where the last `lines` lines of `content` begin.
size_t tail_offset(std::string_view content, int64_t lines);

// Turns log entries into what the reader sees, within its limits.
class LogFormatter {
 public:
  explicit LogFormatter(const LogOptions& options)
      : options_(options), left_(options.limit_bytes) {}
  // Appends the output of one entry. Entries that are no log lines are shown as they are.
  void append(std::string_view line, std::string& out);
  // The byte limit is reached.
  bool full() const { return left_ && *left_ <= 0; }

 private:
  const LogOptions& options_;
  std::optional<int64_t> left_;
  bool line_open_ = false;  // the last piece did not end its line
};

}  // namespace skiff::server
