// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/json_text.h"

#include <fmt/format.h>

#include <iterator>

namespace skiff::apiserver {

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

std::string json_quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

void append_raw_member(std::string& out, std::string_view name, std::string_view json) {
  if (!out.empty() && out.back() != '{' && out.back() != '[') out += ',';
  append_quoted(out, name);
  out += ':';
  out += json;
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) append_raw_member(out, name, json_quoted(value));
}

}  // namespace skiff::apiserver
