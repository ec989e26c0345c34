// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/printers/cells.h"

#include <fmt/format.h>

#include "controller/apiserver/json_text.h"

namespace skiff::printers {
namespace {

constexpr size_t kShown = 3;
constexpr int64_t kDaysOfYear = 365;

// `AxBy`, or `Ax` if b is zero.
std::string units(int64_t a, char x, int64_t b, char y) {
  return b == 0 ? fmt::format("{}{}", a, x) : fmt::format("{}{}{}{}", a, x, b, y);
}

}  // namespace

void Cells::begin_cell() {
  if (json_.size() > 1) json_ += ',';
}

void Cells::text(std::string_view value) {
  begin_cell();
  apiserver::append_quoted(json_, value);
}

void Cells::number(int64_t value) {
  begin_cell();
  json_ += std::to_string(value);
}

std::string human_duration(Duration duration) {
  const int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  // Clocks of nodes may be a little ahead.
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return fmt::format("{}s", seconds);
  const int64_t minutes = seconds / 60;
  if (minutes < 10) return units(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return fmt::format("{}m", minutes);
  const int64_t hours = minutes / 60;
  if (hours < 8) return units(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return fmt::format("{}h", hours);
  const int64_t days = hours / 24;
  if (days < 8) return units(days, 'd', hours % 24, 'h');
  if (days < 2 * kDaysOfYear) return fmt::format("{}d", days);
  if (days < 8 * kDaysOfYear) return units(days / kDaysOfYear, 'y', days % kDaysOfYear, 'd');
  return fmt::format("{}y", days / kDaysOfYear);
}

std::string age(api::Time then, TimePoint now) {
  return then.is_zero() ? std::string(kUnknown) : human_duration(now - then.at);
}

std::string age(api::MicroTime then, TimePoint now) {
  return then.is_zero() ? std::string(kUnknown) : human_duration(now - then.at);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string labels_text(const std::map<std::string, std::string>& labels) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : labels) parts.push_back(fmt::format("{}={}", key, value));
  return parts.empty() ? std::string(kNone) : join(parts);
}

std::string_view text_or(std::string_view text, std::string_view otherwise) {
  return text.empty() ? otherwise : text;
}

void ShortList::add(std::string member) {
  if (shown_.size() < kShown) shown_.push_back(std::move(member));
  ++count_;
}

std::string ShortList::finish(std::string_view empty) const {
  if (count_ == 0) return std::string(empty);
  const std::string text = join(shown_);
  return count_ > kShown ? fmt::format("{} + {} more...", text, count_ - kShown) : text;
}

}  // namespace skiff::printers
