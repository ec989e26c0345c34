// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/name.h"

#include <algorithm>

namespace skiff::dns {
namespace {

const Labels kReverseV4 = {"in-addr", "arpa"};
const Labels kReverseV6 = {"ip6", "arpa"};

std::optional<IpAddress> parse(const std::string& text) {
  const auto address = IpAddress::parse(text);
  return address.ok() ? std::optional(*address) : std::nullopt;
}

// Nibbles, lowest first, one label each.
std::optional<IpAddress> from_nibbles(const Labels& nibbles) {
  if (nibbles.size() != 32) return std::nullopt;
  std::string text;
  for (size_t i = 0; i < nibbles.size(); ++i) {
    const std::string& nibble = nibbles[nibbles.size() - 1 - i];
    if (nibble.size() != 1) return std::nullopt;
    if (i > 0 && i % 4 == 0) text += ':';
    text += nibble;
  }
  return parse(text);
}

}  // namespace

Labels split_name(std::string_view name) {
  Labels labels;
  while (!name.empty()) {
    const size_t end = std::min(name.find('.'), name.size());
    if (end > 0) {
      std::string label(name.substr(0, end));
      for (char& c : label)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      labels.push_back(std::move(label));
    }
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return labels;
}

std::string join_labels(const Labels& labels) {
  std::string name;
  for (const std::string& label : labels) name += label + ".";
  return name.empty() ? "." : name;
}

std::optional<Labels> below(const Labels& name, const Labels& zone) {
  if (name.size() < zone.size()) return std::nullopt;
  const auto split = name.end() - static_cast<ptrdiff_t>(zone.size());
  if (!std::equal(split, name.end(), zone.begin())) return std::nullopt;
  return Labels(name.begin(), split);
}

std::optional<IpAddress> reverse_address(const Labels& name) {
  if (const auto octets = below(name, kReverseV4)) {
    if (octets->size() != 4) return std::nullopt;
    return parse(
        fmt::format("{}.{}.{}.{}", (*octets)[3], (*octets)[2], (*octets)[1], (*octets)[0]));
  }
  if (const auto nibbles = below(name, kReverseV6)) return from_nibbles(*nibbles);
  return std::nullopt;
}

std::string dashed(const IpAddress& address) {
  std::string text = address.to_string();
  std::ranges::replace(text, '.', '-');
  std::ranges::replace(text, ':', '-');
  return text;
}

std::optional<IpAddress> parse_dashed(std::string_view label) {
  std::string text(label);
  std::ranges::replace(text, '-', '.');
  if (const auto v4 = parse(text)) return v4;
  text = label;
  std::ranges::replace(text, '-', ':');
  return parse(text);
}

}  // namespace skiff::dns
