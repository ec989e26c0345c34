// SPDX-License-Identifier: Apache-2.0
// The cells of a row, and the words that recur in them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/scalars.h"
#include "base/clock.h"

namespace skiff::printers {

inline constexpr std::string_view kNone = "<none>";
inline constexpr std::string_view kUnknown = "<unknown>";

// A JSON array that grows by one cell at a time.
class Cells {
 public:
  void text(std::string_view value);
  void number(int64_t value);
  std::string finish() && { return std::move(json_) + "]"; }

 private:
  void begin_cell();

  std::string json_ = "[";
};

// `45s`, `3m12s`, `5h`, `2d3h`, `1y40d`: two units where the second still matters.
std::string human_duration(Duration duration);
// The age of something that happened `then`; `<unknown>` if that is zero.
std::string age(api::Time then, TimePoint now);
std::string age(api::MicroTime then, TimePoint now);

std::string join(const std::vector<std::string>& parts, std::string_view separator = ",");
// `a=1,b=2`, or `<none>`.
std::string labels_text(const std::map<std::string, std::string>& labels);
std::string_view text_or(std::string_view text, std::string_view otherwise);

// A list that shows its first three members and counts the others: `a,b,c + 4 more...`.
class ShortList {
 public:
  void add(std::string member);
  // `empty` if nothing was added.
  std::string finish(std::string_view empty) const;

 private:
  std::vector<std::string> shown_;
  size_t count_ = 0;
};

}  // namespace skiff::printers
