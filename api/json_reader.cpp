// SPDX-License-Identifier: Apache-2.0
#include "api/json_reader.h"

#include <algorithm>
#include <cstring>

namespace skiff::api {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Length of the UTF-8 sequence at `p`, 0 if it is none (table 3-7 of the Unicode standard).
size_t sequence_length(const unsigned char* p, const unsigned char* end) {
  const auto tail = [&](int i, unsigned char low = 0x80, unsigned char high = 0xBF) {
    return p + i < end && p[i] >= low && p[i] <= high;
  };
  const unsigned char c = *p;
  if (c < 0x80) return 1;
  if (c >= 0xC2 && c <= 0xDF) return tail(1) ? 2 : 0;
  if (c >= 0xE0 && c <= 0xEF) {
    const unsigned char low = c == 0xE0 ? 0xA0 : 0x80, high = c == 0xED ? 0x9F : 0xBF;
    return tail(1, low, high) && tail(2) ? 3 : 0;
  }
  if (c >= 0xF0 && c <= 0xF4) {
    const unsigned char low = c == 0xF0 ? 0x90 : 0x80, high = c == 0xF4 ? 0x8F : 0xBF;
    return tail(1, low, high) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool valid_utf8(std::string_view text, size_t* bad_offset) {
  const auto* begin = reinterpret_cast<const unsigned char*>(text.data());
  const auto* end = begin + text.size();
  for (const auto* p = begin; p < end;) {
    uint64_t word;
    if (end - p >= 8 && (std::memcpy(&word, p, 8), (word & 0x8080808080808080u) == 0)) {
      p += 8;
      continue;
    }
    const size_t length = sequence_length(p, end);
    if (length == 0) {
      if (bad_offset) *bad_offset = static_cast<size_t>(p - begin);
      return false;
    }
    p += length;
  }
  return true;
}

void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

JsonReader::JsonReader(std::string_view text, int max_depth)
    : text_(text), p_(text.data()), end_(text.data() + text.size()), max_depth_(max_depth) {
  size_t bad;
  if (!valid_utf8(text, &bad)) {
    p_ += bad;
    fail("invalid UTF-8");
  }
}

bool JsonReader::fail(std::string_view what) {
  if (!error_.empty()) return false;
  const std::string_view before(text_.data(), static_cast<size_t>(p_ - text_.data()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t newline = before.rfind('\n');
  const size_t column = before.size() - (newline == std::string_view::npos ? 0 : newline + 1) + 1;
  error_ = fmt::format("line {}, column {}: {}", line, column, what);
  p_ = end_;
  return false;
}

skiff::Status JsonReader::error() const {
  return ok() ? skiff::Status() : invalid_argument("malformed JSON: {}", error_);
}

void JsonReader::skip_space() {
  while (p_ < end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\t' || *p_ == '\r')) ++p_;
}

JsonReader::Token JsonReader::peek() {
  skip_space();
  if (p_ == end_) return ok() ? Token::kEnd : Token::kBad;
  switch (*p_) {
    case '{':
      return Token::kObject;
    case '[':
      return Token::kArray;
    case '"':
      return Token::kString;
    case 't':
      return Token::kTrue;
    case 'f':
      return Token::kFalse;
    case 'n':
      return Token::kNull;
    default:
      return *p_ == '-' || is_digit(*p_) ? Token::kNumber : Token::kBad;
  }
}

bool JsonReader::expect(char c, const char* what) {
  skip_space();
  if (p_ == end_) return fail("unexpected end");
  if (*p_ != c) return fail(what);
  ++p_;
  return true;
}

bool JsonReader::read_key() {
  skip_space();
  if (p_ == end_) return fail("unexpected end");
  if (*p_ != '"') return fail("expected a key in double quotes");
  return read_string(key_, key_scratch_) && expect(':', "expected ':' after the key");
}

bool JsonReader::begin_object() {
  if (!expect('{', "expected '{'")) return false;
  if (++depth_ > max_depth_) return fail("nested too deep");
  skip_space();
  if (p_ < end_ && *p_ == '}') {
    ++p_;
    --depth_;
    return false;
  }
  return read_key();
}

bool JsonReader::next_member() {
  if (!ok()) return false;
  skip_space();
  if (p_ < end_ && *p_ == '}') {
    ++p_;
    --depth_;
    return false;
  }
  return expect(',', "expected ',' or '}'") && read_key();
}

bool JsonReader::begin_array() {
  if (!expect('[', "expected '['")) return false;
  if (++depth_ > max_depth_) return fail("nested too deep");
  skip_space();
  if (p_ < end_ && *p_ == ']') {
    ++p_;
    --depth_;
    return false;
  }
  return true;
}

bool JsonReader::next_element() {
  if (!ok()) return false;
  skip_space();
  if (p_ < end_ && *p_ == ']') {
    ++p_;
    --depth_;
    return false;
  }
  return expect(',', "expected ',' or ']'");
}

bool JsonReader::read_string(std::string& out) {
  std::string_view view;
  out.clear();
  if (!read_string(view, out)) return false;
  if (view.data() != out.data()) out.assign(view);
  return true;
}

bool JsonReader::read_string(std::string_view& out, std::string& scratch) {
  if (!expect('"', "expected a string")) return false;
  const char* start = p_;
  const auto plain = [](char c) {
    return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20;
  };
  while (p_ < end_ && plain(*p_)) ++p_;
  if (p_ < end_ && *p_ == '"') {
    out = {start, static_cast<size_t>(p_ - start)};
    ++p_;
    return true;
  }
  scratch.assign(start, p_);
  while (true) {
    if (p_ == end_) return fail("unexpected end in a string");
    if (*p_ == '"') break;
    if (*p_ == '\\') {
      ++p_;
      if (!read_escape(scratch)) return false;
      continue;
    }
    if (!plain(*p_)) return fail("control character in a string");
    const char* run = p_;
    while (p_ < end_ && plain(*p_)) ++p_;
    scratch.append(run, p_);
  }
  ++p_;
  out = scratch;
  return true;
}

bool JsonReader::read_hex4(uint32_t& out) {
  if (end_ - p_ < 4) return fail("unexpected end in \\u escape");
  out = 0;
  for (int i = 0; i < 4; ++i, ++p_) {
    const char c = *p_;
    if (is_digit(c))
      out = out << 4 | static_cast<uint32_t>(c - '0');
    else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
      out = out << 4 | static_cast<uint32_t>((c | 0x20) - 'a' + 10);
    else
      return fail("expected four hexadecimal digits after \\u");
  }
  return true;
}

bool JsonReader::read_escape(std::string& out) {
  if (p_ == end_) return fail("unexpected end in a string");
  static constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
  if (const size_t i = kFrom.find(*p_); i != std::string_view::npos) {
    ++p_;
    out += kTo[i];
    return true;
  }
  if (*p_ != 'u') return fail("unknown escape in a string");
  ++p_;
  uint32_t c;
  if (!read_hex4(c)) return false;
  if (c >= 0xD800 && c <= 0xDFFF) {
    // A pair of surrogates is one character; a lone one becomes the replacement character, as in
    // Go.
    uint32_t low = 0;
    if (c < 0xDC00 && end_ - p_ >= 6 && p_[0] == '\\' && p_[1] == 'u') {
      const char* before = p_;
      p_ += 2;
      if (!read_hex4(low)) return false;
      if (low < 0xDC00 || low > 0xDFFF) {
        p_ = before;
        low = 0;
      }
    }
    c = low ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
  }
  append_utf8(out, c);
  return true;
}

bool JsonReader::read_number(std::string_view& out) {
  skip_space();
  const char* start = p_;
  const auto digits = [&] {
    const char* first = p_;
    while (p_ < end_ && is_digit(*p_)) ++p_;
    return p_ > first;
  };
  if (p_ < end_ && *p_ == '-') ++p_;
  if (p_ < end_ && *p_ == '0') {
    ++p_;
  } else if (!digits()) {
    return fail("expected a number");
  }
  if (p_ < end_ && *p_ == '.') {
    ++p_;
    if (!digits()) return fail("expected digits after the decimal point");
  }
  if (p_ < end_ && (*p_ == 'e' || *p_ == 'E')) {
    ++p_;
    if (p_ < end_ && (*p_ == '+' || *p_ == '-')) ++p_;
    if (!digits()) return fail("expected digits in the exponent");
  }
  out = {start, static_cast<size_t>(p_ - start)};
  return true;
}

bool JsonReader::read_literal(std::string_view word) {
  skip_space();
  if (!std::string_view(p_, static_cast<size_t>(end_ - p_)).starts_with(word))
    return fail("expected a value");
  p_ += word.size();
  return true;
}

bool JsonReader::read_bool(bool& out) {
  out = peek() == Token::kTrue;
  return read_literal(out ? "true" : "false");
}

bool JsonReader::read_null() {
  return read_literal("null");
}

bool JsonReader::skip(std::string_view* raw) {
  const Token token = peek();
  const char* start = p_;
  std::string scratch;
  std::string_view view;
  bool flag;
  switch (token) {
    case Token::kObject:
      for (bool more = begin_object(); more; more = next_member())
        if (!skip()) return false;
      break;
    case Token::kArray:
      for (bool more = begin_array(); more; more = next_element())
        if (!skip()) return false;
      break;
    case Token::kString:
      read_string(view, scratch);
      break;
    case Token::kNumber:
      read_number(view);
      break;
    case Token::kTrue:
    case Token::kFalse:
      read_bool(flag);
      break;
    case Token::kNull:
      read_null();
      break;
    case Token::kEnd:
      return fail("unexpected end");
    case Token::kBad:
      return fail("expected a value");
  }
  if (raw) *raw = {start, static_cast<size_t>(p_ - start)};
  return ok();
}

bool JsonReader::finish() {
  skip_space();
  return ok() && (p_ == end_ || fail("unexpected text after the value"));
}

}  // namespace skiff::api
