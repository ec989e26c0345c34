// SPDX-License-Identifier: Apache-2.0
// The scalar types of Kubernetes that JSON does not have: bytes, times, int-or-string, raw JSON.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/describe.h"
#include "api/quantity.h"
#include "base/clock.h"
#include "base/result.h"

namespace skiff::api {

// Bytes, base64 in JSON.
struct Bytes {
  std::string value;

  auto operator<=>(const Bytes&) const = default;
};

// JSON text kept as it came (compact), for fields of any shape. Empty = absent.
struct RawJson {
  std::string text;

  bool operator==(const RawJson&) const = default;
};

// The same where OpenAPI allows every value, not only objects (defaults and examples in schemas).
struct AnyJson : RawJson {};

// A moment with the precision of a second, `2006-01-02T15:04:05Z` in JSON. Zero = absent.
struct Time {
  TimePoint at{};

  Time() = default;
  Time(TimePoint moment) : at(std::chrono::floor<std::chrono::seconds>(moment)) {}

  // 1970-01-01T00:00:00Z as a moment that is there: runtimes say it for "never".
  static Time epoch();

  bool is_zero() const { return at == TimePoint{}; }
  explicit operator bool() const { return !is_zero(); }
  auto operator<=>(const Time&) const = default;

  // RFC 3339 with any offset and any fraction; the fraction is dropped.
  static Result<Time> parse(std::string_view text);
  std::string to_string() const;
};

// A moment with the precision of a microsecond, `2006-01-02T15:04:05.000000Z` in JSON. Zero =
// absent.
struct MicroTime {
  TimePoint at{};

  MicroTime() = default;
  MicroTime(TimePoint moment) : at(std::chrono::floor<std::chrono::microseconds>(moment)) {}

  bool is_zero() const { return at == TimePoint{}; }
  explicit operator bool() const { return !is_zero(); }
  auto operator<=>(const MicroTime&) const = default;

  static Result<MicroTime> parse(std::string_view text);
  std::string to_string() const;
};

// A port number or a port name, a count or a percentage.
struct IntOrString {
  enum class Kind : uint8_t { kInt, kString };
  Kind kind = Kind::kInt;
  int32_t number = 0;
  std::string text;

  IntOrString() = default;
  IntOrString(int32_t value) : number(value) {}
  IntOrString(std::string value) : kind(Kind::kString), text(std::move(value)) {}
  IntOrString(const char* value) : IntOrString(std::string(value)) {}

  bool is_string() const { return kind == Kind::kString; }
  bool is_int() const { return kind == Kind::kInt; }
  bool operator==(const IntOrString&) const = default;

  std::string to_string() const { return is_int() ? std::to_string(number) : text; }
  // The number itself, or `text` = "P%" of `total`, rounded up or down.
  Result<int32_t> scaled(int32_t total, bool round_up) const;
};

#define SKIFF_SCALAR(T, form_, name_, package_)                                             \
  template <>                                                                               \
  struct Describe<T> {                                                                      \
    static constexpr TypeInfo type = {                                                      \
        .form = form_, .name = name_, .package = package_, .value = &detail::kValueOps<T>}; \
  };
SKIFF_SCALAR(bool, Form::kBool, "boolean", "")
SKIFF_SCALAR(int32_t, Form::kInt32, "int32", "")
SKIFF_SCALAR(int64_t, Form::kInt64, "int64", "")
SKIFF_SCALAR(double, Form::kDouble, "number", "")
SKIFF_SCALAR(std::string, Form::kString, "string", "")
SKIFF_SCALAR(Bytes, Form::kBytes, "bytes", "")
SKIFF_SCALAR(Quantity, Form::kQuantity, "Quantity", "io.k8s.apimachinery.pkg.api.resource.")
SKIFF_SCALAR(IntOrString, Form::kIntOrString, "IntOrString", "io.k8s.apimachinery.pkg.util.intstr.")
SKIFF_SCALAR(Time, Form::kTime, "Time", "io.k8s.apimachinery.pkg.apis.meta.v1.")
SKIFF_SCALAR(MicroTime, Form::kMicroTime, "MicroTime", "io.k8s.apimachinery.pkg.apis.meta.v1.")
SKIFF_SCALAR(RawJson, Form::kRawJson, "any", "")
SKIFF_SCALAR(AnyJson, Form::kRawJson, "JSON",
             "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.")
#undef SKIFF_SCALAR

}  // namespace skiff::api
