// SPDX-License-Identifier: Apache-2.0
#include "api/quantity.h"

#include <algorithm>
#include <limits>
#include <span>

namespace skiff::api {
namespace {

using Nano = __int128;
using Format = Quantity::Format;

constexpr Nano kNano = 1'000'000'000;
// More than any value of Kubernetes, and safe to add and to scale.
constexpr Nano kMax = Nano{std::numeric_limits<int64_t>::max()} * kNano;

struct Suffix {
  std::string_view text;
  Nano nano;  // of one unit
};

constexpr Suffix kBinary[] = {
    {"Ki", kNano << 10}, {"Mi", kNano << 20}, {"Gi", kNano << 30},
    {"Ti", kNano << 40}, {"Pi", kNano << 50}, {"Ei", kNano << 60},
};
constexpr Suffix kDecimal[] = {
    {"n", 1},
    {"u", 1'000},
    {"m", 1'000'000},
    {"", kNano},
    {"k", kNano * 1'000},
    {"M", kNano * 1'000'000},
    {"G", kNano * 1'000'000'000},
    {"T", kNano * 1'000'000'000'000},
    {"P", kNano * 1'000'000'000'000'000},
    {"E", kNano * 1'000'000'000'000'000'000},
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

Nano divide_up(Nano value, Nano by) {
  const Nano quotient = value / by;
  const Nano rest = value % by;
  return rest == 0 ? quotient : value > 0 ? quotient + 1 : quotient - 1;
}

int64_t saturate(Nano value) {
  constexpr Nano low = std::numeric_limits<int64_t>::min(),
                 high = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(std::clamp(value, low, high));
}

std::string digits_of(Nano value) {
  if (value == 0) return "0";
  const bool negative = value < 0;
  std::string out;
  for (Nano rest = negative ? -value : value; rest > 0; rest /= 10)
    out += static_cast<char>('0' + static_cast<int>(rest % 10));
  if (negative) out += '-';
  std::reverse(out.begin(), out.end());
  return out;
}

// The unit behind the digits: a suffix, or a decimal exponent.
Result<std::pair<Nano, Format>> parse_unit(std::string_view text, std::string_view whole) {
  for (const Suffix& s : kDecimal)
    if (s.text == text) return std::pair(s.nano, Format::kDecimalSI);
  for (const Suffix& s : kBinary)
    if (s.text == text) return std::pair(s.nano, Format::kBinarySI);
  if (text[0] == 'e' || text[0] == 'E') {
    std::string_view digits = text.substr(1);
    const bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+')) digits.remove_prefix(1);
    if (!digits.empty() && digits.size() <= 2 &&
        std::all_of(digits.begin(), digits.end(), is_digit)) {
      int exponent = 0;
      for (const char c : digits) exponent = exponent * 10 + (c - '0');
      if (negative) exponent = -exponent;
      if (exponent >= -9 && exponent <= 18) {
        Nano unit = 1;
        for (int i = -9; i < exponent; ++i) unit *= 10;
        return std::pair(unit, Format::kDecimalExponent);
      }
    }
  }
  return invalid_argument("quantity \"{}\": unknown suffix \"{}\"", whole, text);
}

}  // namespace

Quantity Quantity::of(int64_t value, Format format) {
  return {Nano{value} * kNano, format};
}

Quantity Quantity::of_milli(int64_t milli, Format format) {
  return {Nano{milli} * (kNano / 1000), format};
}

Result<Quantity> Quantity::parse(std::string_view text) {
  if (text.empty()) return invalid_argument("quantity: empty string");
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  size_t i = 0;
  while (i < rest.size() && is_digit(rest[i])) ++i;
  const std::string_view whole = rest.substr(0, i);
  std::string_view fraction;
  if (i < rest.size() && rest[i] == '.') {
    const size_t start = ++i;
    while (i < rest.size() && is_digit(rest[i])) ++i;
    fraction = rest.substr(start, i - start);
  }
  if (whole.empty() && fraction.empty())
    return invalid_argument("quantity \"{}\": expected a number such as 100m, 1.5 or 2Gi", text);
  ASSIGN_OR_RETURN(const auto unit, parse_unit(rest.substr(i), text));

  Nano nano = 0;
  for (const char c : whole) {
    const Nano digit = Nano{c - '0'} * unit.first;
    nano = nano > (kMax - digit) / 10 ? kMax : nano * 10 + digit;
  }
  // Digit by digit, so that what is finer than a nano is rounded once, up.
  Nano place = unit.first;
  bool inexact = false;
  for (const char c : fraction) {
    const Nano digit = c - '0';
    // place / 10 may not be whole: keep the remainder in the last position by rounding up.
    const Nano scaled = digit * place;
    nano += scaled / 10;
    inexact |= scaled % 10 != 0;
    inexact |= place % 10 != 0 && digit != 0;
    place /= 10;
  }
  if (inexact) ++nano;
  nano = std::min(nano, kMax);
  return Quantity(negative ? -nano : nano, unit.second);
}

std::string Quantity::to_string() const {
  if (nano_ == 0) return "0";
  Format format = format_;
  // A fraction or less than 1024 has no binary form.
  const Nano size = nano_ < 0 ? -nano_ : nano_;
  if (format == Format::kBinarySI && (size < 1024 * kNano || nano_ % kNano != 0))
    format = Format::kDecimalSI;
  if (format == Format::kBinarySI) {
    for (const Suffix& s : {kBinary[5], kBinary[4], kBinary[3], kBinary[2], kBinary[1], kBinary[0]})
      if (nano_ % s.nano == 0) return digits_of(nano_ / s.nano).append(s.text);
    return digits_of(nano_ / kNano);
  }
  for (int i = std::size(kDecimal) - 1; i >= 0; --i) {
    const Suffix& s = kDecimal[i];
    if (nano_ % s.nano != 0) continue;
    std::string out = digits_of(nano_ / s.nano);
    if (format == Format::kDecimalSI) return out.append(s.text);
    const int exponent = 3 * (i - 3);
    return exponent == 0 ? out : out + "e" + std::to_string(exponent);
  }
  return digits_of(nano_);
}

int64_t Quantity::value() const {
  return saturate(divide_up(nano_, kNano));
}

int64_t Quantity::milli_value() const {
  return saturate(divide_up(nano_, kNano / 1000));
}

double Quantity::as_double() const {
  return static_cast<double>(nano_) / 1e9;
}

void Quantity::round_up_to_milli() {
  const Nano milli = kNano / 1000;
  nano_ = divide_up(nano_, milli) * milli;
}

Quantity& Quantity::operator+=(const Quantity& other) {
  if (nano_ == 0) format_ = other.format_;
  nano_ = std::clamp(nano_ + other.nano_, -kMax, kMax);
  return *this;
}

Quantity& Quantity::operator-=(const Quantity& other) {
  if (nano_ == 0) format_ = other.format_;
  nano_ = std::clamp(nano_ - other.nano_, -kMax, kMax);
  return *this;
}

}  // namespace skiff::api
