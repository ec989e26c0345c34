// SPDX-License-Identifier: Apache-2.0
#include "api/names.h"

#include <algorithm>

#include <fmt/format.h>

#include "api/text.h"

namespace skiff::api {
namespace {

constexpr size_t kMaxLabel = 63, kMaxSubdomain = 253, kMaxPortName = 15;

constexpr std::string_view kLabelRule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kSubdomainRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view kDns1035Rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
    "validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kQualifiedRule =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr std::string_view kLabelValueRule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
    "for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
constexpr std::string_view kConfigKeyRule =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name', "
    " or 'KEY_NAME',  "
    "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
constexpr std::string_view kEnvRule =
    "a valid environment variable name must consist only of printable ASCII characters other than "
    "'='";

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower_alnum(char c) {
  return is_lower(c) || is_digit(c);
}
bool is_alnum(char c) {
  return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

template <class Predicate>
bool all(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

bool is_dns_label(std::string_view name) {
  return !name.empty() && is_lower_alnum(name.front()) && is_lower_alnum(name.back()) &&
         all(name, [](char c) { return is_lower_alnum(c) || c == '-'; });
}

bool is_dns_subdomain(std::string_view name) {
  const auto labels = split(name, '.');
  return std::all_of(labels.begin(), labels.end(), is_dns_label);
}

bool is_qualified_part(std::string_view name) {
  return !name.empty() && is_alnum(name.front()) && is_alnum(name.back()) &&
         all(name, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

std::string too_long(size_t limit) {
  return fmt::format("must be no more than {} characters", limit);
}

std::string verdict(bool good, std::string_view rule) {
  return good ? std::string() : std::string(rule);
}

}  // namespace

std::string check_dns1123_label(std::string_view name) {
  if (name.size() > kMaxLabel) return too_long(kMaxLabel);
  return verdict(is_dns_label(name), kLabelRule);
}

std::string check_dns1123_subdomain(std::string_view name) {
  if (name.size() > kMaxSubdomain) return too_long(kMaxSubdomain);
  return verdict(is_dns_subdomain(name), kSubdomainRule);
}

std::string check_dns1035_label(std::string_view name) {
  if (name.size() > kMaxLabel) return too_long(kMaxLabel);
  return verdict(is_dns_label(name) && is_lower(name[0]), kDns1035Rule);
}

std::string check_qualified_name(std::string_view whole) {
  std::string_view name = whole;
  if (const size_t slash = whole.find('/'); slash != std::string_view::npos) {
    const std::string_view prefix = whole.substr(0, slash);
    name = whole.substr(slash + 1);
    if (name.find('/') != std::string_view::npos)
      return std::string(kQualifiedRule).replace(0, 9, "a qualified name") +
             " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    if (prefix.empty()) return "prefix part must be non-empty";
    if (std::string problem = check_dns1123_subdomain(prefix); !problem.empty())
      return "prefix part " + problem;
  }
  if (name.empty()) return "name part must be non-empty";
  if (name.size() > kMaxLabel) return "name part " + too_long(kMaxLabel);
  return verdict(is_qualified_part(name), kQualifiedRule);
}

std::string check_label_value(std::string_view value) {
  if (value.size() > kMaxLabel) return too_long(kMaxLabel);
  return verdict(value.empty() || is_qualified_part(value), kLabelValueRule);
}

std::string check_port_name(std::string_view name) {
  if (name.size() > kMaxPortName) return too_long(kMaxPortName);
  if (!all(name, [](char c) { return is_lower_alnum(c) || c == '-'; }))
    return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
  if (!std::any_of(name.begin(), name.end(), is_lower))
    return "must contain at least one letter (a-z)";
  if (name.find("--") != std::string_view::npos) return "must not contain consecutive hyphens";
  return verdict(name.front() != '-' && name.back() != '-', "must not begin or end with a hyphen");
}

std::string check_config_key(std::string_view key) {
  if (key.size() > kMaxSubdomain) return too_long(kMaxSubdomain);
  if (key.empty() ||
      !all(key, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; }))
    return std::string(kConfigKeyRule);
  if (key == ".") return "must not be '.'";
  if (key == "..") return "must not be '..'";
  return verdict(!key.starts_with(".."), "must not start with '..'");
}

std::string check_env_name(std::string_view name) {
  return verdict(
      !name.empty() && all(name, [](char c) { return c >= ' ' && c <= '~' && c != '='; }),
      kEnvRule);
}

std::string check_path_segment(std::string_view name) {
  if (name == "." || name == "..") return fmt::format("may not be '{}'", name);
  for (const char bad : {'/', '%'})
    if (name.find(bad) != std::string_view::npos) return fmt::format("may not contain '{}'", bad);
  return "";
}

}  // namespace skiff::api
