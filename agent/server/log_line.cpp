// SPDX-License-Identifier: Apache-2.0
#include "agent/server/log_line.h"

#include <charconv>

#include "api/scalars.h"

namespace skiff::server {
namespace {

// The next word of `line`, which loses it and one space.
std::string_view take_word(std::string_view& line) {
  const size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  return word;
}

Result<std::optional<int64_t>> number(const http::Query& query, std::string_view name) {
  if (!query.has(name)) return std::nullopt;
  const std::string_view text = query.get(name);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    return invalid_argument("{}: \"{}\" is not a number of 0 or more", name, text);
  return value;
}

bool flag(const http::Query& query, std::string_view name) {
  const std::string_view text = query.get(name);
  return text == "true" || text == "1";
}

// The runtime writes times in the node's zone. What does not parse is shown.
bool is_before(std::string_view timestamp, TimePoint since) {
  const auto time = api::Time::parse(timestamp);
  return time.ok() && time->at < since;
}

}  // namespace

std::optional<LogLine> parse_log_line(std::string_view line) {
  LogLine parsed;
  parsed.timestamp = take_word(line);
  parsed.stream = take_word(line);
  const std::string_view tags = take_word(line);
  if (parsed.timestamp.size() < 20 || (parsed.stream != "stdout" && parsed.stream != "stderr") ||
      tags.empty())
    return std::nullopt;
  parsed.partial = tags.front() == 'P';
  parsed.text = line;
  return parsed;
}

Result<LogOptions> parse_log_options(const http::Query& query, TimePoint now) {
  LogOptions options;
  options.follow = flag(query, "follow");
  options.previous = flag(query, "previous");
  options.timestamps = flag(query, "timestamps");
  options.stream = std::string(query.get("stream"));
  ASSIGN_OR_RETURN(options.tail_lines, number(query, "tailLines"));
  ASSIGN_OR_RETURN(options.limit_bytes, number(query, "limitBytes"));
  ASSIGN_OR_RETURN(const auto since_seconds, number(query, "sinceSeconds"));
  if (since_seconds) {
    // Not before the epoch: longer ago is everything, and too long ago would overflow.
    const auto age = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
    options.since = api::Time(now - std::min(age, std::chrono::seconds(*since_seconds))).at;
  }
  if (query.has("sinceTime")) {
    const auto time = api::Time::parse(query.get("sinceTime"));
    if (!time.ok()) return annotate(time.status(), "sinceTime");
    options.since = time->at;
  }
  return options;
}

size_t tail_offset(std::string_view content, int64_t lines) {
  if (lines == 0) return content.size();
  size_t end = content.size();
  if (end > 0 && content[end - 1] == '\n') --end;
  while (lines-- > 0) {
    const size_t feed = end == 0 ? std::string_view::npos : content.rfind('\n', end - 1);
    if (feed == std::string_view::npos) return 0;
    if (lines == 0) return feed + 1;
    end = feed;
  }
  return end;
}

void LogFormatter::append(std::string_view line, std::string& out) {
  const auto parsed = parse_log_line(line);
  std::string text;
  if (!parsed) {
    text = std::string(line) + "\n";
  } else {
    if (!options_.stream.empty() && options_.stream != "All" &&
        (options_.stream == "Stdout") != (parsed->stream == "stdout"))
      return;
    if (options_.since && is_before(parsed->timestamp, *options_.since)) return;
    if (options_.timestamps && !line_open_) text = fmt::format("{} ", parsed->timestamp);
    text += parsed->text;
    if (!parsed->partial) text += '\n';
    line_open_ = parsed->partial;
  }
  if (left_) {
    text.resize(static_cast<size_t>(std::min<int64_t>(*left_, static_cast<int64_t>(text.size()))));
    *left_ -= static_cast<int64_t>(text.size());
  }
  out += text;
}

}  // namespace skiff::server
