// SPDX-License-Identifier: Apache-2.0
#include "base/port_range.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace skiff {
namespace {

std::optional<uint32_t> number(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<PortRange> PortRange::parse(std::string_view text) {
  const size_t sign = text.find_first_of("-+");
  const auto first = number(text.substr(0, sign));
  std::optional<uint32_t> last = first;
  if (sign != std::string_view::npos) last = number(text.substr(sign + 1));
  if (first && last && sign != std::string_view::npos && text[sign] == '+') *last += *first;
  if (!first || !last || *first == 0 || *last > UINT16_MAX || *first > *last)
    return invalid_argument("\"{}\": want FIRST-LAST, ports from 1 to 65535", text);
  return PortRange{static_cast<uint16_t>(*first), static_cast<uint16_t>(*last)};
}

std::string PortRange::to_string() const {
  return first == last ? std::to_string(first) : fmt::format("{}-{}", first, last);
}

Result<std::vector<PortRange>> parse_port_list(std::string_view text) {
  std::vector<PortRange> list;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    ASSIGN_OR_RETURN(const PortRange range, PortRange::parse(text.substr(0, comma)));
    list.push_back(range);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return list;
}

std::string to_string(const std::vector<PortRange>& list) {
  std::string text;
  for (const PortRange& range : list) text += (text.empty() ? "" : ",") + range.to_string();
  return text;
}

std::vector<PortRange> with_range(std::vector<PortRange> list, const PortRange& range) {
  list.push_back(range);
  std::sort(list.begin(), list.end());
  std::vector<PortRange> merged;
  for (const PortRange& each : list) {
    if (!merged.empty() && each.first <= uint32_t{merged.back().last} + 1) {
      merged.back().last = std::max(merged.back().last, each.last);
    } else {
      merged.push_back(each);
    }
  }
  return merged;
}

}  // namespace skiff
