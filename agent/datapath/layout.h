// SPDX-License-Identifier: Apache-2.0
// How the keys and values of a map are laid out, read from the BTF that is loaded with every map:
// what lets a map of an older agent be read by field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

struct btf;

namespace skiff::datapath {

// A number, or an array of numbers.
struct Field {
  std::string path;  // "translated.source.word", "packets"
  uint32_t offset = 0;
  uint32_t size = 0;           // of one element
  uint32_t count = 1;          // elements
  bool network_order = false;  // must not be widened

  bool operator==(const Field&) const = default;
};

// Of a key or a value. No fields: nothing but the size is known.
struct Layout {
  uint32_t size = 0;
  std::vector<Field> fields;

  bool operator==(const Layout&) const = default;
};

// The type `type_id` of `btf`, flattened. FailedPrecondition for what maps of ours never hold (bit
// fields, unions, pointers).
Result<Layout> layout_of(const ::btf* btf, uint32_t type_id);

// A field's way from an old layout into a new one.
struct Move {
  uint32_t from = 0;
  uint32_t to = 0;
  uint32_t from_size = 0;  // bytes
  uint32_t to_size = 0;    // at least as many; the rest is zero

  bool operator==(const Move&) const = default;
};

// Brings values of an old layout into a new one: fields go by their names, new ones are zero.
class Conversion {
 public:
  // FailedPrecondition where a field cannot be brought over: narrower now, or of unknown layout.
  static Result<Conversion> plan(const Layout& from, const Layout& to);

  void apply(std::span<const std::byte> from, std::span<std::byte> to) const;
  // Every byte stays where it is.
  bool is_copy() const { return copy_; }
  // Fields of the new layout that the old one has not: a key must not have any.
  bool adds_fields() const { return adds_; }
  // Fields of the old layout that are dropped: a key must not lose any.
  bool drops_fields() const { return drops_; }

 private:
  std::vector<Move> moves_;
  bool copy_ = false;
  bool adds_ = false;
  bool drops_ = false;
};

}  // namespace skiff::datapath
