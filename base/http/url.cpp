// SPDX-License-Identifier: Apache-2.0
#include "base/http/url.h"

#include <boost/url/src.hpp>  // compiled here, so that no library of it is linked
#include <boost/url/url.hpp>

#include "base/http/wire.h"

namespace skiff::http {
namespace urls = boost::urls;
namespace {

Status no_url(std::string_view text) {
  return invalid_argument("\"{}\" is no http URL", text);
}

Result<Url> from(const urls::url_view& parsed, std::string_view text) {
  Url url;
  url.secure = parsed.scheme_id() == urls::scheme::https;
  if (!url.secure && parsed.scheme_id() != urls::scheme::http) return no_url(text);
  const auto host = parsed.encoded_host_address();
  url.host.assign(host.data(), host.size());
  if (url.host.empty()) return no_url(text);
  url.port = parsed.port_number();
  if (url.port == 0) {
    if (parsed.has_port() && !parsed.port().empty()) return no_url(text);
    url.port = url.secure ? 443 : 80;
  }
  // encoded_target() of Boost 1.81 fails an assertion of its own on escaped characters.
  const auto path = parsed.encoded_path();
  url.target.assign(path.data(), path.size());
  if (parsed.has_query()) {
    const auto query = parsed.encoded_query();
    url.target.append("?").append(query.data(), query.size());
  }
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

}  // namespace

std::string Url::authority() const {
  return host_port(host, port);
}

std::string Url::text() const {
  return fmt::format("{}://{}{}", secure ? "https" : "http", authority(), target);
}

Result<Url> parse_url(std::string_view text) {
  const auto parsed = urls::parse_uri({text.data(), text.size()});
  if (!parsed) return no_url(text);
  return from(*parsed, text);
}

Result<Url> resolve_url(const Url& base, std::string_view reference) {
  const std::string text = base.text();
  const auto parsed = urls::parse_uri({text.data(), text.size()});
  const auto relative = urls::parse_uri_reference({reference.data(), reference.size()});
  if (!parsed || !relative) return no_url(reference);
  urls::url resolved;
  if (!urls::resolve(*parsed, *relative, resolved)) return no_url(reference);
  return from(resolved, reference);
}

}  // namespace skiff::http
