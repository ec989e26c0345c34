// SPDX-License-Identifier: Apache-2.0
#include "cni/json.h"

#include <charconv>
#include <cstdint>

namespace skiff::cni {
namespace {

constexpr int kMaxDepth = 200;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // The text of the value of member `name`, as it stands; nullopt if there is none or the text is
  // not an object.
  std::optional<std::string_view> find(std::string_view name) {
    if (!take('{')) return std::nullopt;
    do {
      std::string key;
      if (!read_string(key) || !take(':')) return std::nullopt;
      skip_space();
      const size_t start = at_;
      if (!skip_value(0)) return std::nullopt;
      if (key == name) return text_.substr(start, at_ - start);
    } while (take(','));
    return std::nullopt;
  }

  bool read_string(std::string& out) {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (c != '\\')
        out.push_back(c);
      else if (!read_escape(out))
        return false;
    }
    return false;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }

  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool skip_value(int depth) {
    skip_space();
    if (at_ >= text_.size() || depth > kMaxDepth) return false;
    const char c = text_[at_];
    if (c == '{' || c == '[') return skip_container(depth);
    if (c == '"') {
      std::string ignored;
      return read_string(ignored);
    }
    const size_t start = at_;
    at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    return at_ > start;
  }

  bool skip_container(int depth) {
    const bool object = text_[at_++] == '{';
    const char end = object ? '}' : ']';
    if (take(end)) return true;
    do {
      std::string ignored;
      if (object && (!read_string(ignored) || !take(':'))) return false;
      if (!skip_value(depth + 1)) return false;
    } while (take(','));
    return take(end);
  }

  bool read_escape(std::string& out) {
    if (at_ >= text_.size()) return false;
    const char c = text_[at_++];
    if (c == 'u') return read_unicode(out);
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    const size_t i = kNames.find(c);
    if (i == std::string_view::npos) return false;
    out.push_back(kValues[i]);
    return true;
  }

  bool read_hex(uint32_t& value) {
    if (text_.size() - at_ < 4) return false;
    const char* digits = text_.data() + at_;
    const auto [end, error] = std::from_chars(digits, digits + 4, value, 16);
    at_ += 4;
    return error == std::errc() && end == digits + 4;
  }

  bool read_unicode(std::string& out) {
    uint32_t code = 0;
    if (!read_hex(code)) return false;
    if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_).starts_with("\\u")) {
      uint32_t low = 0;
      at_ += 2;
      if (!read_hex(low) || low < 0xdc00 || low > 0xdfff) return false;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(out, code);
    return true;
  }

  static void append_utf8(std::string& out, uint32_t code) {
    const auto continuation = [&](int shift) {
      out.push_back(static_cast<char>(0x80 | (code >> shift & 0x3f)));
    };
    if (code < 0x80) {
      out.push_back(static_cast<char>(code));
    } else if (code < 0x800) {
      out.push_back(static_cast<char>(0xc0 | code >> 6));
      continuation(0);
    } else if (code < 0x10000) {
      out.push_back(static_cast<char>(0xe0 | code >> 12));
      continuation(6);
      continuation(0);
    } else {
      out.push_back(static_cast<char>(0xf0 | code >> 18));
      continuation(12);
      continuation(6);
      continuation(0);
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::optional<std::string> find_string(std::string_view text, std::string_view name) {
  const auto value = Scanner(text).find(name);
  std::string out;
  if (!value || !Scanner(*value).read_string(out)) return std::nullopt;
  return out;
}

std::optional<long> find_integer(std::string_view text, std::string_view name) {
  const auto value = Scanner(text).find(name);
  if (!value) return std::nullopt;
  long number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error != std::errc() || end != value->data() + value->size()) return std::nullopt;
  return number;
}

std::string quote(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out.push_back(kHex[c >> 4]);
      out.push_back(kHex[c & 0xf]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

}  // namespace skiff::cni
