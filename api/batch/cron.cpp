// SPDX-License-Identifier: Apache-2.0
#include "api/batch/cron.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "api/text.h"

namespace skiff::api {
namespace {

// One of the five fields: its range, and the names that stand for numbers from `first_name` on.
struct Bounds {
  unsigned min, max;
  std::string_view names;
  unsigned first_name = 0;
};

constexpr Bounds kFields[] = {
    {0, 59, ""},
    {0, 23, ""},
    {1, 31, ""},
    {1, 12, "jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec", 1},
    {0, 6, "sun,mon,tue,wed,thu,fri,sat", 0},
};
constexpr std::string_view kDescriptors =
    "@yearly,@annually,@monthly,@weekly,@daily,@midnight,@hourly";
constexpr std::string_view kEvery = "@every ";

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

Result<unsigned> number_of(std::string_view text, const Bounds& bounds) {
  if (!bounds.names.empty()) {
    unsigned value = bounds.first_name;
    for (const std::string_view name : split(bounds.names, ',')) {
      if (same_word(name, text)) return value;
      ++value;
    }
  }
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    return invalid_argument(
        "failed to parse int from {0}: strconv.Atoi: parsing \"{0}\": invalid syntax", text);
  if (number < 0) return invalid_argument("negative number ({}) not allowed: {}", number, text);
  return static_cast<unsigned>(number);
}

// `*`, `5`, `1-5`, each with or without `/2`.
Status check_range(std::string_view text, const Bounds& bounds) {
  const auto range_and_step = split(text, '/');
  if (range_and_step.size() > 2) return invalid_argument("too many slashes: {}", text);
  const auto ends = split(range_and_step[0], '-');
  const bool all = ends[0] == "*" || ends[0] == "?";
  if (!all && ends.size() > 2) return invalid_argument("too many hyphens: {}", text);
  unsigned start = bounds.min, end = bounds.max;
  if (!all) {
    ASSIGN_OR_RETURN(start, number_of(ends[0], bounds));
    end = start;
    if (ends.size() == 2) {
      ASSIGN_OR_RETURN(end, number_of(ends[1], bounds));
    }
  }
  unsigned step = 1;
  if (range_and_step.size() == 2) {
    ASSIGN_OR_RETURN(step, number_of(range_and_step[1], {.min = 0, .max = 0, .names = ""}));
    if (!all && ends.size() == 1) end = bounds.max;
  }
  if (start < bounds.min)
    return invalid_argument("beginning of range ({}) below minimum ({}): {}", start, bounds.min,
                            text);
  if (end > bounds.max)
    return invalid_argument("end of range ({}) above maximum ({}): {}", end, bounds.max, text);
  if (start > end)
    return invalid_argument("beginning of range ({}) beyond end of range ({}): {}", start, end,
                            text);
  if (step == 0) return invalid_argument("step of range should be a positive number: {}", text);
  return absl::OkStatus();
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!(text = trim(text)).empty()) {
    const std::string_view word = text.substr(0, text.find_first_of(" \t\r\n"));
    words.push_back(word);
    text.remove_prefix(word.size());
  }
  return words;
}

// `1h30m`, `5s`, `1.5h`, as Go reads durations.
bool is_duration(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return true;
  if (text.empty()) return false;
  while (!text.empty()) {
    const size_t digits = text.find_first_not_of("0123456789.");
    if (digits == 0 || digits == std::string_view::npos) return false;
    text.remove_prefix(digits);
    const std::string_view unit = text.substr(0, text.find_first_of("0123456789."));
    if (!is_one_of(unit, "ns,us,µs,ms,s,m,h")) return false;
    text.remove_prefix(unit.size());
  }
  return true;
}

}  // namespace

Status check_cron(std::string_view text) {
  if (text.empty()) return invalid_argument("empty spec string");
  if (text.starts_with('@')) {
    if (is_one_of(text, kDescriptors)) return absl::OkStatus();
    if (!text.starts_with(kEvery)) return invalid_argument("unrecognized descriptor: {}", text);
    if (is_duration(text.substr(kEvery.size()))) return absl::OkStatus();
    return invalid_argument("failed to parse duration {}", text);
  }
  const auto fields = words_of(text);
  if (fields.size() != std::size(kFields))
    return invalid_argument("expected exactly 5 fields, found {}: [{}]", fields.size(),
                            fmt::join(fields, " "));
  for (size_t i = 0; i < fields.size(); ++i)
    for (const std::string_view range : split(fields[i], ','))
      if (!range.empty()) RETURN_IF_ERROR(check_range(range, kFields[i]));
  return absl::OkStatus();
}

}  // namespace skiff::api
