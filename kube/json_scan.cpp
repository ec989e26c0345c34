// SPDX-License-Identifier: Apache-2.0
#include "kube/json_scan.h"

#include <charconv>
#include <cstdint>

namespace skiff::kube {
namespace {

size_t skip_space(std::string_view text, size_t at) {
  while (at < text.size() &&
         (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r'))
    ++at;
  return at;
}

// `at` stands on the opening quote; returns the place after the closing one.
size_t skip_string(std::string_view text, size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

// `at` stands on the first character of a value; returns the place after it.
size_t skip_value(std::string_view text, size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
      if (depth == 0) return at;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') {
      if (depth == 0) return at;
      if (--depth == 0) return at + 1;
    }
    if (c == ',' && depth == 0) return at;
    ++at;
  }
  return at;
}

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

// The four hex digits at `at`, or nothing.
std::optional<uint32_t> hex4(std::string_view text, size_t at) {
  if (at + 4 > text.size()) return std::nullopt;
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 4, value, 16);
  if (error != std::errc() || end != text.data() + at + 4) return std::nullopt;
  return value;
}

// `at` stands behind `\\u`; moves it behind the digits (of both halves of a pair).
std::optional<uint32_t> unicode_escape(std::string_view text, size_t& at) {
  const auto first = hex4(text, at);
  if (!first) return std::nullopt;
  at += 4;
  if (*first < 0xd800 || *first > 0xdfff) return first;
  if (*first > 0xdbff || text.substr(at, 2) != "\\u") return 0xfffd;
  const auto second = hex4(text, at + 2);
  if (!second || *second < 0xdc00 || *second > 0xdfff) return 0xfffd;
  at += 6;
  return 0x10000 + ((*first - 0xd800) << 10) + (*second - 0xdc00);
}

std::string_view trim_right(std::string_view text) {
  while (!text.empty() &&
         (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::string_view> json_member(std::string_view json, std::string_view name) {
  size_t at = skip_space(json, 0);
  if (at >= json.size() || json[at] != '{') return std::nullopt;
  at = skip_space(json, at + 1);
  while (at < json.size() && json[at] == '"') {
    const size_t name_end = skip_string(json, at);
    const std::string_view member = json.substr(at + 1, name_end - at - 2);
    at = skip_space(json, name_end);
    if (at >= json.size() || json[at] != ':') return std::nullopt;
    at = skip_space(json, at + 1);
    const size_t end = skip_value(json, at);
    if (member == name) return trim_right(json.substr(at, end - at));
    at = skip_space(json, end);
    if (at >= json.size() || json[at] != ',') return std::nullopt;
    at = skip_space(json, at + 1);
  }
  return std::nullopt;
}

std::vector<std::string_view> json_elements(std::string_view json) {
  std::vector<std::string_view> elements;
  size_t at = skip_space(json, 0);
  if (at >= json.size() || json[at] != '[') return elements;
  at = skip_space(json, at + 1);
  while (at < json.size() && json[at] != ']') {
    const size_t end = skip_value(json, at);
    if (end == at) break;
    elements.push_back(trim_right(json.substr(at, end - at)));
    at = skip_space(json, end);
    if (at < json.size() && json[at] == ',') at = skip_space(json, at + 1);
  }
  return elements;
}

std::optional<std::string_view> json_plain_string(std::string_view json) {
  if (json.size() < 2 || json.front() != '"' || json.back() != '"') return std::nullopt;
  json = json.substr(1, json.size() - 2);
  if (json.find('\\') != std::string_view::npos) return std::nullopt;
  return json;
}

std::optional<std::string> json_string(std::string_view json) {
  if (json.size() < 2 || json.front() != '"' || json.back() != '"') return std::nullopt;
  json = json.substr(1, json.size() - 2);
  constexpr std::string_view kEscapes = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  std::string out;
  for (size_t at = 0; at < json.size();) {
    if (json[at] != '\\') {
      out += json[at++];
      continue;
    }
    if (++at >= json.size()) return std::nullopt;
    const char escape = json[at++];
    if (escape == 'u') {
      const auto code = unicode_escape(json, at);
      if (!code) return std::nullopt;
      append_utf8(out, *code);
    } else if (const size_t i = kEscapes.find(escape); i != std::string_view::npos) {
      out += kMeanings[i];
    } else {
      return std::nullopt;
    }
  }
  return out;
}

}  // namespace skiff::kube
