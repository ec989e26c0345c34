// SPDX-License-Identifier: Apache-2.0
// with_revision: finds metadata.resourceVersion without parsing the document. The bytes come from
// our own encoder, so the walk need not validate; on anything unexpected it gives up, and the bytes
// stay as they are.
#include <fmt/format.h>

#include <optional>

#include "controller/store/store.h"

namespace skiff::store {
namespace {

class Walk {
 public:
  explicit Walk(std::string_view json) : json_(json) {}

  size_t position() const { return position_; }

  // Steps over `wanted` and the white space before it.
  bool take(char wanted) {
    skip_space();
    if (position_ >= json_.size() || json_[position_] != wanted) return false;
    ++position_;
    return true;
  }

  // At the '{' of an object: moves to the value of `name`. False if there is none (then just behind
  // the object).
  bool enter(std::string_view name) {
    if (!take('{') || take('}')) return false;
    do {
      const std::optional<std::string_view> key = string();
      if (!key || !take(':')) return false;
      skip_space();
      if (*key == name) return true;
      if (!skip_value()) return false;
    } while (take(','));
    return false;
  }

  // A string's text, escapes untouched.
  std::optional<std::string_view> string() {
    if (!take('"')) return std::nullopt;
    const size_t begin = position_;
    while (position_ < json_.size() && json_[position_] != '"') {
      position_ += json_[position_] == '\\' ? 2 : 1;
    }
    if (position_ >= json_.size()) return std::nullopt;
    return json_.substr(begin, position_++ - begin);
  }

 private:
  void skip_space() {
    while (position_ < json_.size() && (json_[position_] == ' ' || json_[position_] == '\n' ||
                                        json_[position_] == '\t' || json_[position_] == '\r')) {
      ++position_;
    }
  }

  bool skip_value() {
    int depth = 0;
    while (position_ < json_.size()) {
      const char c = json_[position_];
      if (c == '"') {
        if (!string()) return false;
        if (depth == 0) return true;
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') {
        if (depth == 0) return true;  // the end of the object around a bare number or word
        --depth;
        ++position_;
        if (depth == 0) return true;
        continue;
      }
      if (c == ',' && depth == 0) return true;
      ++position_;
    }
    return false;
  }

  std::string_view json_;
  size_t position_ = 0;
};

}  // namespace

std::string with_revision(std::string_view json, int64_t revision) {
  Walk walk(json);
  if (!walk.enter("metadata")) return std::string(json);
  const size_t metadata = walk.position();
  if (Walk inside = walk; inside.enter("resourceVersion")) {
    const size_t begin = inside.position();
    if (!inside.string()) return std::string(json);
    return fmt::format("{}\"{}\"{}", json.substr(0, begin), revision,
                       json.substr(inside.position()));
  }
  if (!walk.take('{')) return std::string(json);
  const bool empty = walk.take('}');
  return fmt::format("{}{{\"resourceVersion\":\"{}\"{}{}", json.substr(0, metadata), revision,
                     empty ? "" : ",", json.substr(metadata + 1));
}

}  // namespace skiff::store
