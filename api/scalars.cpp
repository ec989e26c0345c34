// SPDX-License-Identifier: Apache-2.0
#include "api/scalars.h"

#include <charconv>
#include <cstdlib>
#include <limits>

namespace skiff::api {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using std::chrono::system_clock;

constexpr std::chrono::sys_days kFirst = std::chrono::year(1678) / 1 / 1;
constexpr std::chrono::sys_days kEnd = std::chrono::year(2262) / 1 / 1;

// Takes `count` digits off the front.
bool take_number(std::string_view& text, size_t count, int& out) {
  if (text.size() < count) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, out);
  if (error != std::errc() || end != text.data() + count || text[0] == '-') return false;
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// `.123456789`: as microseconds, finer digits dropped.
bool take_fraction(std::string_view& text, microseconds& out) {
  out = {};
  if (!take(text, '.') && !take(text, ',')) return true;
  size_t digits = 0;
  int64_t value = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    if (digits < 6) value = value * 10 + (text[digits] - '0');
    ++digits;
  }
  for (size_t i = digits; i < 6; ++i) value *= 10;
  text.remove_prefix(digits);
  out = microseconds(value);
  return digits > 0;
}

// `Z` or `+02:00`.
bool take_zone(std::string_view& text, seconds& out) {
  out = {};
  if (take(text, 'Z')) return true;
  const bool west = text.starts_with('-');
  if (!west && !text.starts_with('+')) return false;
  text.remove_prefix(1);
  int hours, minutes;
  if (!take_number(text, 2, hours) || !take(text, ':') || !take_number(text, 2, minutes))
    return false;
  if (hours > 23 || minutes > 59) return false;
  out = seconds(hours * 3600 + minutes * 60) * (west ? -1 : 1);
  return true;
}

Result<TimePoint> parse_rfc3339(std::string_view whole) {
  std::string_view text = whole;
  int year, month, day, hour, minute, second;
  microseconds fraction;
  seconds zone;
  const bool shaped = take_number(text, 4, year) && take(text, '-') &&
                      take_number(text, 2, month) && take(text, '-') && take_number(text, 2, day) &&
                      take(text, 'T') && take_number(text, 2, hour) && take(text, ':') &&
                      take_number(text, 2, minute) && take(text, ':') &&
                      take_number(text, 2, second) && take_fraction(text, fraction) &&
                      take_zone(text, zone) && text.empty();
  const auto date =
      std::chrono::year(shaped ? year : 0) / (shaped ? month : 0) / (shaped ? day : 0);
  if (!shaped || !date.ok() || hour > 23 || minute > 59 || second > 59)
    return invalid_argument("time \"{}\": expected the form 2006-01-02T15:04:05Z", whole);
  // Go's zero time, which some clients write out.
  if (whole == "0001-01-01T00:00:00Z") return TimePoint{};
  const auto at = std::chrono::sys_days(date) + std::chrono::hours(hour) +
                  std::chrono::minutes(minute) + seconds(second) + fraction - zone;
  // The clock counts nanoseconds in 64 bits. In UTC, so that what is written can be read again.
  if (at < kFirst || at >= kEnd) return invalid_argument("time \"{}\": out of range", whole);
  return at;
}

std::string format_seconds(TimePoint at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<seconds>(at - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace

Result<Time> Time::parse(std::string_view text) {
  ASSIGN_OR_RETURN(const TimePoint at, parse_rfc3339(text));
  if (at == TimePoint{} && text.starts_with("19")) return epoch();
  return Time(at);
}

// The least moment that is not absence; it prints as the second it is in.
Time Time::epoch() {
  Time time;
  time.at += TimePoint::duration(1);
  return time;
}

std::string Time::to_string() const {
  return is_zero() ? "" : format_seconds(at) + "Z";
}

Result<MicroTime> MicroTime::parse(std::string_view text) {
  ASSIGN_OR_RETURN(const TimePoint at, parse_rfc3339(text));
  return MicroTime(at);
}

std::string MicroTime::to_string() const {
  if (is_zero()) return "";
  const auto fraction = at - std::chrono::floor<seconds>(at);
  return fmt::format("{}.{:06}Z", format_seconds(at),
                     std::chrono::duration_cast<microseconds>(fraction).count());
}

Result<int32_t> IntOrString::scaled(int32_t total, bool round_up) const {
  if (is_int()) return number;
  int percent = 0;
  const std::string_view digits =
      std::string_view(text).substr(0, text.empty() ? 0 : text.size() - 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), percent);
  if (!text.ends_with('%') || digits.empty() || error != std::errc() ||
      end != digits.data() + digits.size() || percent < 0)
    return invalid_argument("\"{}\": expected a number or a percentage", text);
  const int64_t product = int64_t{percent} * total;
  const int64_t part = round_up ? (product + 99) / 100 : product / 100;
  return static_cast<int32_t>(std::min<int64_t>(part, std::numeric_limits<int32_t>::max()));
}

}  // namespace skiff::api
