// SPDX-License-Identifier: Apache-2.0
// What the API server counts of requests, under the names of kube-apiserver. On the loop.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/http/message.h"
#include "base/metrics.h"
#include "controller/apiserver/call.h"

namespace skiff::apiserver {

// What a request counts as: its labels. Only what the server knows by name gets a name, so that no
// client can make labels without end.
struct RequestKind {
  std::string verb;  // GET, LIST, WATCH, POST, PUT, PATCH, APPLY, DELETE, DELETECOLLECTION, CONNECT
  std::string group;
  std::string version;
  std::string resource;
  std::string subresource;  // of a request that is for no resource: its path's first segment
  std::string scope;        // cluster, namespace, resource; empty: no resource
  bool dry_run = false;

  // They last as long as the client likes.
  bool is_long_running() const {
    return verb == "WATCH" || verb == "CONNECT" || subresource == "log";
  }
};
// `known`: the server has such a resource and subresource, or such a path.
RequestKind kind_of(const Call& call, bool known);

class RequestMetrics {
  // Looked up once a kind and code: a registry finds by a map of strings.
  struct Series {
    RequestKind kind;
    metrics::Gauge* running = nullptr;
    metrics::Histogram* duration = nullptr;  // null: long-running
    std::map<int, metrics::Counter*> by_code;
  };

 public:
  explicit RequestMetrics(metrics::Registry& registry) : registry_(registry) {}

  // One request from its begin to its end, which is its destruction.
  class Running {
   public:
    // `metrics` null: nothing is counted. It may go before this does (a process that ends leaves
    // requests behind).
    Running(RequestMetrics* metrics, const RequestKind& kind);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    void answered(int code) { code_ = code; }

   private:
    RequestMetrics* metrics_;
    std::weak_ptr<const bool> alive_;
    Series* series_ = nullptr;
    std::chrono::steady_clock::time_point began_;
    int code_ = 0;  // 0: the client went before it had an answer
  };

 private:
  Series& series_of(const RequestKind& kind);
  void end(Series& series, int code, std::chrono::nanoseconds took);

  metrics::Registry& registry_;
  std::unordered_map<std::string, Series> series_;  // never erased from
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

// Passes everything on and tells what was answered.
class CountedWriter final : public http::ResponseWriter {
 public:
  CountedWriter(http::ResponseWriter& writer, RequestMetrics::Running& running)
      : writer_(writer), running_(running) {}

  awaitable<Status> respond(http::Response response) override {
    running_.answered(response.status);
    return writer_.respond(std::move(response));
  }
  awaitable<Status> start(int status, http::Headers headers) override {
    running_.answered(status);
    return writer_.start(status, std::move(headers));
  }
  awaitable<Status> write(std::shared_ptr<const std::string> chunk) override {
    return writer_.write(std::move(chunk));
  }
  bool cancelled() const override { return writer_.cancelled(); }
  void on_cancel(std::function<void()> fn) override { writer_.on_cancel(std::move(fn)); }
  awaitable<Result<std::unique_ptr<http::ByteStream>>> upgrade(http::Headers headers) override {
    running_.answered(kSwitching);
    return writer_.upgrade(std::move(headers));
  }
  awaitable<Result<std::unique_ptr<http::ByteStream>>> hijack() override {
    running_.answered(kSwitching);
    return writer_.hijack();
  }

 private:
  static constexpr int kSwitching = 101;
  http::ResponseWriter& writer_;
  RequestMetrics::Running& running_;
};

}  // namespace skiff::apiserver
