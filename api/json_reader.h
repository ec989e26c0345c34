// SPDX-License-Identifier: Apache-2.0
// A pull parser for JSON: no document, no allocation but for strings with escapes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff::api {

// Reads one JSON text front to back. Every reading function returns false once something was wrong;
// error() then says what and where. RFC 8259, strict: UTF-8 checked, no raw control characters, no
// trailing content.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text, int max_depth);

  enum class Token : uint8_t {
    kObject,
    kArray,
    kString,
    kNumber,
    kTrue,
    kFalse,
    kNull,
    kEnd,
    kBad
  };
  // What comes next; does not consume it.
  Token peek();

  // for (bool more = begin_object(); more; more = next_member()) { key(); read or skip the value }
  // A false means end or error: check ok() after the loop.
  bool begin_object();
  bool next_member();
  // The key of the current member; valid until the next key.
  std::string_view key() const { return key_; }

  // for (bool more = begin_array(); more; more = next_element()) { read or skip the element }
  bool begin_array();
  bool next_element();

  bool read_string(std::string& out);
  // As read_string, but a view: into the text, or into scratch if there were escapes.
  bool read_string(std::string_view& out, std::string& scratch);
  // The characters of a number.
  bool read_number(std::string_view& out);
  bool read_bool(bool& out);
  bool read_null();
  // Checks and passes over one value; `raw` gets its text.
  bool skip(std::string_view* raw = nullptr);
  // Nothing but space may follow.
  bool finish();

  bool ok() const { return error_.empty(); }
  // Malformed JSON, with line and column.
  skiff::Status error() const;
  bool fail(std::string_view what);

 private:
  void skip_space();
  bool expect(char c, const char* what);
  bool read_key();
  bool read_literal(std::string_view word);
  bool read_escape(std::string& out);
  bool read_hex4(uint32_t& out);

  std::string_view text_;
  const char* p_;
  const char* end_;
  int depth_ = 0;
  int max_depth_;
  std::string_view key_;
  std::string key_scratch_;
  std::string error_;
};

// Whether `text` is valid UTF-8 (no surrogates, no overlong forms); if not, where it is not.
bool valid_utf8(std::string_view text, size_t* bad_offset = nullptr);
void append_utf8(std::string& out, uint32_t code_point);

}  // namespace skiff::api
