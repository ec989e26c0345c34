// SPDX-License-Identifier: Apache-2.0
// Quantity: a fixed-point number with a unit suffix (`100m`, `1.5Gi`, `2e3`), as in resource
// requests and limits.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff::api {

// Exact down to a nano unit; finer parts are rounded up, away from zero, as Kubernetes does.
// Compares by value: 1 == 1000m, whatever their suffixes.
class Quantity {
 public:
  enum class Format : uint8_t { kDecimalSI, kBinarySI, kDecimalExponent };

  Quantity() = default;
  static Quantity of(int64_t value, Format format = Format::kDecimalSI);
  static Quantity of_milli(int64_t milli, Format format = Format::kDecimalSI);
  static Quantity of_bytes(int64_t bytes) { return of(bytes, Format::kBinarySI); }
  static Result<Quantity> parse(std::string_view text);

  // The canonical form: no fraction, the largest suffix that keeps the number whole.
  std::string to_string() const;

  bool is_zero() const { return nano_ == 0; }
  bool is_negative() const { return nano_ < 0; }
  Format format() const { return format_; }
  // Rounded up to whole units, or to thousandths; saturating.
  int64_t value() const;
  int64_t milli_value() const;
  double as_double() const;
  // Rounded up to thousandths, in place.
  void round_up_to_milli();

  // Sums keep the format of the left side; a zero takes the format of the right one.
  Quantity& operator+=(const Quantity& other);
  Quantity& operator-=(const Quantity& other);
  friend Quantity operator+(Quantity a, const Quantity& b) { return a += b; }
  friend Quantity operator-(Quantity a, const Quantity& b) { return a -= b; }
  friend bool operator==(const Quantity& a, const Quantity& b) { return a.nano_ == b.nano_; }
  friend std::strong_ordering operator<=>(const Quantity& a, const Quantity& b) {
    return a.nano_ < b.nano_   ? std::strong_ordering::less
           : a.nano_ > b.nano_ ? std::strong_ordering::greater
                               : std::strong_ordering::equal;
  }

 private:
  using Nano = __int128;
  Quantity(Nano nano, Format format) : nano_(nano), format_(format) {}

  Nano nano_ = 0;
  Format format_ = Format::kDecimalSI;
};

}  // namespace skiff::api
