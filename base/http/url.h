// SPDX-License-Identifier: Apache-2.0
// Addresses of http and https, as a client follows them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff::http {

struct Url {
  bool secure = false;  // https
  std::string host;     // without brackets
  uint16_t port = 0;    // the scheme's own where the text names none
  std::string target;   // path and query, percent-encoded, at least "/"

  std::string authority() const;  // "[::1]:8080"
  std::string text() const;       // "http://[::1]:8080/path?query"
};

// INVALID_ARGUMENT unless `text` is an absolute http or https URL with a host.
Result<Url> parse_url(std::string_view text);

// Where `reference` (absolute or relative: a Location header) leads from `base` (RFC 3986
// section 5.2). Errors as parse_url().
Result<Url> resolve_url(const Url& base, std::string_view reference);

}  // namespace skiff::http
