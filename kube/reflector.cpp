// SPDX-License-Identifier: Apache-2.0
#include "kube/reflector.h"

#include <spdlog/spdlog.h>

#include <random>

namespace skiff::kube {
namespace {

// One reflector's state between requests.
class Reflection {
 public:
  Reflection(std::shared_ptr<Transport> transport, const api::Kind& kind, ReflectorOptions options,
             std::unique_ptr<ReflectorSink> sink)
      : transport_(std::move(transport)),
        kind_(kind),
        options_(std::move(options)),
        sink_(std::move(sink)),
        retry_(options_.first_retry) {}

  awaitable<void> run() {
    for (;;) {
      const auto begun = std::chrono::steady_clock::now();
      Status status = resource_version_.empty() ? co_await list() : absl::OkStatus();
      if (status.ok()) status = co_await watch();
      const bool healthy = std::chrono::steady_clock::now() - begun >= options_.healthy_after;
      if (healthy) retry_ = options_.first_retry;
      if (options_.return_if_missing && status.code() == StatusCode::kNotFound) co_return;
      const bool gone = status.code() == StatusCode::kOutOfRange;
      if (gone) resource_version_.clear();  // 410: our place in history is gone, list again
      // The server's own time limit, or one place lost after a good while: at once.
      if (healthy && (status.ok() || gone)) continue;
      co_await pause(status);
    }
  }

 private:
  // Longer each time, and by chance up to half as long again: a server that comes back does not
  // meet all of its clients at once.
  awaitable<void> pause(const Status& status) {
    const std::chrono::duration<double, std::milli> jittered =
        retry_ * std::uniform_real_distribution(1.0, 1.5)(random_);
    if (!status.ok() && status.code() != StatusCode::kOutOfRange)
      spdlog::log(failures_++ == 0 ? spdlog::level::warn : spdlog::level::debug,
                  "watch {}: {}, retrying in {:.0f}ms", kind_.plural, message(status),
                  jittered.count());
    retry_ = std::min(retry_ * 2, options_.most_retry);
    co_await sleep_for(std::chrono::duration_cast<std::chrono::nanoseconds>(jittered));
  }

  http::Request request() const {
    http::Request request;
    request.path = resource_path(kind_, options_.namespace_);
    if (!options_.label_selector.empty())
      request.query.add("labelSelector", options_.label_selector);
    if (!options_.field_selector.empty())
      request.query.add("fieldSelector", options_.field_selector);
    return request;
  }

  awaitable<Status> list() {
    auto response = co_await transport_->call(request());
    if (!response.ok()) co_return response.status();
    const std::string body = response->body_text();
    CO_RETURN_IF_ERROR(status_of(response->status, body));
    const auto metadata = json_member(body, "metadata");
    const auto version = metadata ? json_member(*metadata, "resourceVersion") : std::nullopt;
    const auto text = version ? json_plain_string(*version) : std::nullopt;
    if (!text)
      co_return internal_error("list {}: answer without metadata.resourceVersion", kind_.plural);
    const Status applied = sink_->replace(json_elements(json_member(body, "items").value_or("[]")));
    if (!applied.ok())
      spdlog::warn("list {}: {}, ignoring this object", kind_.plural, message(applied));
    resource_version_ = std::string(*text);
    sink_->saw(resource_version_);
    failures_ = 0;
    co_return absl::OkStatus();
  }

  awaitable<Status> watch() {
    http::Request watch = request();
    watch.query.add("watch", "1");
    watch.query.add("resourceVersion", resource_version_);
    watch.query.add("allowWatchBookmarks", "true");
    auto stream = co_await transport_->stream(std::move(watch));
    if (!stream.ok()) co_return stream.status();
    http::BodyReader& reader = **stream;
    std::string pending;
    for (;;) {
      auto piece = co_await reader.read();
      if (!piece.ok()) co_return piece.status();
      if (reader.status() >= 400) co_return status_of(reader.status(), *piece);
      if (piece->empty()) co_return absl::OkStatus();  // the server's own time limit: watch on
      pending += *piece;
      size_t begin = 0;
      for (size_t end; (end = pending.find('\n', begin)) != std::string::npos; begin = end + 1)
        CO_RETURN_IF_ERROR(event(std::string_view(pending).substr(begin, end - begin)));
      pending.erase(0, begin);
    }
  }

  Status event(std::string_view line) {
    if (line.empty()) return absl::OkStatus();
    const auto type_text = json_member(line, "type");
    const auto object = json_member(line, "object");
    const auto type = type_text ? json_plain_string(*type_text) : std::nullopt;
    if (!type || !object)
      return internal_error("watch {}: not an event: {}", kind_.plural, line.substr(0, 200));
    if (*type == "ERROR") {
      const auto code = json_member(*object, "code");
      const bool gone = code && *code == "410";
      return status_of(gone ? 410 : 500, *object);
    }
    Status applied = absl::OkStatus();
    if (*type == "ADDED" || *type == "MODIFIED") applied = sink_->put(*object);
    if (*type == "DELETED") applied = sink_->erase(*object);
    // One object we cannot read must not blind us to all others.
    if (!applied.ok())
      spdlog::warn("watch {}: {}, ignoring this object", kind_.plural, message(applied));
    const auto metadata = json_member(*object, "metadata");
    const auto version = metadata ? json_member(*metadata, "resourceVersion") : std::nullopt;
    if (version)
      resource_version_ = std::string(json_plain_string(*version).value_or(resource_version_));
    sink_->saw(resource_version_);
    failures_ = 0;
    return absl::OkStatus();
  }

  std::shared_ptr<Transport> transport_;
  const api::Kind& kind_;
  ReflectorOptions options_;
  std::unique_ptr<ReflectorSink> sink_;
  std::string resource_version_;     // empty: list first
  std::chrono::milliseconds retry_;  // the next pause
  std::minstd_rand random_{std::random_device{}()};
  int failures_ = 0;
};

}  // namespace

awaitable<void> reflect(std::shared_ptr<Transport> transport, const api::Kind& kind,
                        ReflectorOptions options, std::unique_ptr<ReflectorSink> sink) {
  Reflection reflection(std::move(transport), kind, std::move(options), std::move(sink));
  co_await reflection.run();
}

}  // namespace skiff::kube
