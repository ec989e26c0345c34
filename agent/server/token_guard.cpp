// SPDX-License-Identifier: Apache-2.0
#include "agent/server/token_guard.h"

#include <spdlog/spdlog.h>

#include "api/authentication/types.h"
#include "api/authorization/types.h"

namespace skiff::server {
namespace {

using namespace std::chrono_literals;

constexpr auto kAllowedFor = 60s;  // as a kubelet caches; rights that were taken away end so soon
constexpr auto kRefusedFor = 10s;
constexpr size_t kMostKept = 256;
constexpr size_t kMostTokenBytes = 16 * 1024;
constexpr int kMostAsking = 8;  // whoever shows garbage must not flood the API server
constexpr std::string_view kBearer = "Bearer ";

std::string token_of(const http::Headers& headers) {
  if (const auto token = headers.get(kTokenHeader); !token.empty()) return std::string(token);
  const std::string_view authorization = headers.get("authorization");
  if (!authorization.starts_with(kBearer)) return "";
  return std::string(authorization.substr(kBearer.size()));
}

int http_status(const Status& status) {
  switch (status.code()) {
    case StatusCode::kUnauthenticated:
      return 401;
    case StatusCode::kPermissionDenied:
      return 403;
    case StatusCode::kResourceExhausted:
      return 429;
    default:
      return 503;
  }
}

api::SubjectAccessReview question(const api::UserInfo& user, const std::string& node,
                                  const std::string& right) {
  api::SubjectAccessReview review;
  review.spec.user = user.username;
  review.spec.uid = user.uid;
  review.spec.groups = user.groups;
  review.spec.extra = user.extra;
  api::ResourceAttributes wanted;
  wanted.verb = "get";
  wanted.resource = "nodes";
  wanted.subresource = right;
  wanted.name = node;
  review.spec.resourceAttributes = wanted;
  return review;
}

}  // namespace

std::string_view right_for(std::string_view path) {
  if (path == "/metrics") return "metrics";
  return path.starts_with("/taps") ? "capture" : "observe";  // taps copy packets
}

awaitable<void> TokenGuard::serve(http::Request request, http::ResponseWriter& writer) {
  if (request.path == "/livez") {  // a kubelet has no token to show, and learns nothing but that
    co_await inner_.serve(std::move(request), writer);
    co_return;
  }
  const std::string token = token_of(request.headers);
  const std::string right(right_for(request.path));
  const Verdict verdict = co_await judge(token, right);
  if (!verdict.status.ok()) {
    (void)co_await writer.respond(http::Response::text(
        http_status(verdict.status), fmt::format("{}\n", message(verdict.status))));
    co_return;
  }
  if (right == "capture")
    spdlog::info("{} captures packets: {:?}", verdict.user, request.query.get("filter"));
  co_await inner_.serve(std::move(request), writer);
}

awaitable<TokenGuard::Verdict> TokenGuard::judge(std::string token, std::string right) {
  if (token.empty() || token.size() > kMostTokenBytes)
    co_return Verdict{unauthenticated("Unauthorized: show a token for the audience {}", kAudience)};
  const std::pair key(token, right);
  if (const auto known = verdicts_.find(key); known != verdicts_.end()) {
    if (clock_.now() < known->second.until) co_return known->second;
    verdicts_.erase(known);
  }
  if (asking_ >= kMostAsking)
    co_return Verdict{resource_exhausted("too many tokens are being looked at: try again")};
  ++asking_;
  Verdict verdict = co_await ask(std::move(token), std::move(right));
  --asking_;
  if (verdict.until == TimePoint()) co_return verdict;  // nobody knows
  make_room();
  verdicts_.insert_or_assign(key, verdict);
  co_return verdict;
}

awaitable<TokenGuard::Verdict> TokenGuard::ask(std::string token, std::string right) {
  api::TokenReview review;
  review.spec.token = std::move(token);
  review.spec.audiences = {kAudience};
  const auto reviewed = co_await client_.create(std::move(review));
  if (!reviewed.ok()) co_return Verdict{unavailable("TokenReview: {}", message(reviewed.status()))};
  const api::UserInfo user = reviewed->status.user;
  // A server that knows no audiences answers without: its yes is about another audience.
  const auto& audiences = reviewed->status.audiences;
  if (!reviewed->status.authenticated ||
      std::find(audiences.begin(), audiences.end(), kAudience) == audiences.end())
    co_return Verdict{unauthenticated("Unauthorized: the token is not one for the audience {}: {}",
                                      kAudience, reviewed->status.error),
                      "", clock_.now() + kRefusedFor};
  const auto answer = co_await client_.create(question(user, node_, right));
  if (!answer.ok())
    co_return Verdict{unavailable("SubjectAccessReview: {}", message(answer.status()))};
  if (!answer->status.allowed)
    co_return Verdict{
        permission_denied("Forbidden: {} may not get nodes/{} of {}{}{}", user.username, right,
                          node_, answer->status.reason.empty() ? "" : ": ", answer->status.reason),
        user.username, clock_.now() + kRefusedFor};
  co_return Verdict{absl::OkStatus(), user.username, clock_.now() + kAllowedFor};
}

void TokenGuard::make_room() {
  if (verdicts_.size() < kMostKept) return;
  std::erase_if(verdicts_,
                [now = clock_.now()](const auto& one) { return one.second.until < now; });
  if (verdicts_.size() >= kMostKept) verdicts_.clear();
}

}  // namespace skiff::server
