// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or a Status. Expected failures return one; impossible states die (CHECK in
// base/check.h). Code that returns an error does not log it; each layer adds its noun once with the
// macros below, so that a message reads `sync pod shop/web: create sandbox: cni add: attach to
// veth1234: no such device`.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace skiff {

template <class T>
using Result = absl::StatusOr<T>;
using Status = absl::Status;
using StatusCode = absl::StatusCode;

// The message of `status`. Debian's abseil has a string_view of its own, which fmt and std do not
// know.
inline std::string_view message(const Status& status) {
  return {status.message().data(), status.message().size()};
}

// `noun: message`, same code, payloads kept. An OK status stays OK.
Status annotate(const Status& status, std::string_view noun);
inline Status annotate(const Status& status) {
  return status;
}

// A Status with the code that belongs to `errno_value`, reading `what: strerror`.
Status errno_status(int errno_value, std::string_view what);

#define SKIFF_STATUS_FACTORY(name, Code)                                               \
  template <class... Args>                                                             \
  Status name(fmt::format_string<Args...> format, Args&&... args) {                    \
    return Status(StatusCode::Code, fmt::format(format, std::forward<Args>(args)...)); \
  }
SKIFF_STATUS_FACTORY(invalid_argument, kInvalidArgument)
SKIFF_STATUS_FACTORY(not_found, kNotFound)
SKIFF_STATUS_FACTORY(already_exists, kAlreadyExists)
SKIFF_STATUS_FACTORY(aborted, kAborted)
SKIFF_STATUS_FACTORY(failed_precondition, kFailedPrecondition)
SKIFF_STATUS_FACTORY(out_of_range, kOutOfRange)
SKIFF_STATUS_FACTORY(resource_exhausted, kResourceExhausted)
SKIFF_STATUS_FACTORY(unavailable, kUnavailable)
SKIFF_STATUS_FACTORY(deadline_exceeded, kDeadlineExceeded)
SKIFF_STATUS_FACTORY(permission_denied, kPermissionDenied)
SKIFF_STATUS_FACTORY(unauthenticated, kUnauthenticated)
SKIFF_STATUS_FACTORY(unimplemented, kUnimplemented)
SKIFF_STATUS_FACTORY(internal_error, kInternal)
SKIFF_STATUS_FACTORY(data_loss, kDataLoss)
SKIFF_STATUS_FACTORY(cancelled, kCancelled)
#undef SKIFF_STATUS_FACTORY

namespace detail {
inline const Status& status_of(const Status& status) {
  return status;
}
template <class T>
const Status& status_of(const Result<T>& result) {
  return result.status();
}
}  // namespace detail

}  // namespace skiff

#define SKIFF_CONCAT_(a, b) a##b
#define SKIFF_CONCAT(a, b) SKIFF_CONCAT_(a, b)

#define SKIFF_RETURN_IF_ERROR_(ret, tmp, expr, ...)                        \
  do {                                                                     \
    if (auto&& tmp = (expr); !tmp.ok()) [[unlikely]]                       \
      ret ::skiff::annotate(::skiff::detail::status_of(tmp)                \
                                __VA_OPT__(, ::fmt::format(__VA_ARGS__))); \
  } while (false)
#define SKIFF_ASSIGN_OR_RETURN_(ret, tmp, lhs, expr, ...)                         \
  auto&& tmp = (expr);                                                            \
  if (!tmp.ok()) [[unlikely]]                                                     \
    ret ::skiff::annotate(tmp.status() __VA_OPT__(, ::fmt::format(__VA_ARGS__))); \
  lhs = std::move(tmp).value()

// RETURN_IF_ERROR(expr) or RETURN_IF_ERROR(expr, "noun {}", arg). CO_ forms inside coroutines.
#define RETURN_IF_ERROR(expr, ...) \
  SKIFF_RETURN_IF_ERROR_(return, SKIFF_CONCAT(status_, __LINE__), expr __VA_OPT__(, ) __VA_ARGS__)
#define CO_RETURN_IF_ERROR(expr, ...)                                \
  SKIFF_RETURN_IF_ERROR_(co_return, SKIFF_CONCAT(status_, __LINE__), \
                         expr __VA_OPT__(, ) __VA_ARGS__)
// ASSIGN_OR_RETURN(auto x, expr) or ASSIGN_OR_RETURN(auto x, expr, "noun {}", arg).
#define ASSIGN_OR_RETURN(lhs, expr, ...)                                \
  SKIFF_ASSIGN_OR_RETURN_(return, SKIFF_CONCAT(result_, __LINE__), lhs, \
                                expr __VA_OPT__(, ) __VA_ARGS__)
#define CO_ASSIGN_OR_RETURN(lhs, expr, ...)                                \
  SKIFF_ASSIGN_OR_RETURN_(co_return, SKIFF_CONCAT(result_, __LINE__), lhs, \
                          expr __VA_OPT__(, ) __VA_ARGS__)
