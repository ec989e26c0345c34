// SPDX-License-Identifier: Apache-2.0
#include "kube/client.h"

namespace skiff::kube {
namespace {

StatusCode code_of(int http_status, std::string_view reason) {
  switch (http_status) {
    case 400:
    case 422:
      return StatusCode::kInvalidArgument;
    case 401:
      return StatusCode::kUnauthenticated;
    case 403:
      return StatusCode::kPermissionDenied;
    case 404:
      return StatusCode::kNotFound;
    case 409:
      return reason == "AlreadyExists" ? StatusCode::kAlreadyExists : StatusCode::kAborted;
    case 410:
      return StatusCode::kOutOfRange;
    case 429:
      return StatusCode::kResourceExhausted;
    case 503:
      return StatusCode::kUnavailable;
    case 504:
      return StatusCode::kDeadlineExceeded;
    default:
      return StatusCode::kInternal;
  }
}

std::string delete_body(const DeleteOptions& options) {
  std::string body = R"({"kind":"DeleteOptions","apiVersion":"v1")";
  if (options.grace_period_seconds)
    body += fmt::format(R"(,"gracePeriodSeconds":{})", *options.grace_period_seconds);
  if (!options.uid.empty()) body += fmt::format(R"(,"preconditions":{{"uid":"{}"}})", options.uid);
  if (!options.propagation_policy.empty())
    body += fmt::format(R"(,"propagationPolicy":"{}")", options.propagation_policy);
  return body + "}";
}

}  // namespace

std::string resource_path(const api::Kind& kind, std::string_view namespace_, std::string_view name,
                          std::string_view subresource) {
  std::string path = kind.group.empty() ? fmt::format("/api/{}", kind.version)
                                        : fmt::format("/apis/{}/{}", kind.group, kind.version);
  if (kind.namespaced && !namespace_.empty()) path += fmt::format("/namespaces/{}", namespace_);
  path += fmt::format("/{}", kind.plural);
  if (!name.empty()) path += fmt::format("/{}", http::percent_encode(name));
  if (!subresource.empty()) path += fmt::format("/{}", subresource);
  return path;
}

Status status_of(int http_status, std::string_view body) {
  if (http_status < 400) return absl::OkStatus();
  std::string text = fmt::format("HTTP {}", http_status);
  std::string_view reason;
  if (const auto member = json_member(body, "reason"))
    reason = json_plain_string(*member).value_or("");
  if (const auto member = json_member(body, "message")) {
    text = json_string(*member).value_or(text);
  } else if (!body.empty() && body.front() != '{') {
    text = fmt::format("HTTP {}: {}", http_status, body.substr(0, 200));
  }
  return Status(code_of(http_status, reason), text);
}

const char* Client::media_type(PatchType type) {
  switch (type) {
    case PatchType::Json:
      return "application/json-patch+json";
    case PatchType::Merge:
      return "application/merge-patch+json";
    case PatchType::Strategic:
      return "application/strategic-merge-patch+json";
  }
  return "";
}

awaitable<Result<std::string>> Client::send(std::string method, std::string path,
                                            std::string content_type, std::string body) {
  http::Request request;
  request.method = std::move(method);
  const size_t question = path.find('?');
  if (question != std::string::npos) {
    request.query = http::Query::parse(std::string_view(path).substr(question + 1));
    path.resize(question);
  }
  request.path = http::percent_decode(path);
  if (!content_type.empty()) request.headers.set("content-type", std::move(content_type));
  request.body = std::move(body);
  auto response = co_await transport_->call(std::move(request));
  if (!response.ok()) co_return response.status();
  std::string text = response->body_text();
  CO_RETURN_IF_ERROR(status_of(response->status, text));
  co_return text;
}

awaitable<Status> Client::remove_raw(std::string path, DeleteOptions options) {
  const auto body = co_await send("DELETE", std::move(path), kJson, delete_body(options));
  co_return body.status();
}

awaitable<Result<std::string>> Client::list_raw(const api::Kind& kind, std::string namespace_,
                                                ListOptions options) {
  http::Query query;
  if (!options.label_selector.empty())
    query.add("labelSelector", std::move(options.label_selector));
  if (!options.field_selector.empty())
    query.add("fieldSelector", std::move(options.field_selector));
  std::string path = resource_path(kind, namespace_);
  if (!query.fields().empty()) path += "?" + query.encode();
  co_return co_await send("GET", std::move(path), "", "");
}

}  // namespace skiff::kube
