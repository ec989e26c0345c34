// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/request_metrics.h"

#include "controller/apiserver/subresources.h"

namespace skiff::apiserver {
namespace {

// kube-apiserver's bounds, and some below its first: most requests take less than a millisecond.
const metrics::Buckets& buckets() {
  static const metrics::Buckets bounds = {0.0005, 0.001, 0.0025, 0.005, 0.025, 0.05, 0.1, 0.2, 0.4,
                                          0.6,    0.8,   1,      1.25,  1.5,   2,    3,   4,   5,
                                          6,      8,     10,     15,    20,    30,   45,  60};
  return bounds;
}

std::string verb_of(const Call& call) {
  static const std::map<std::string_view, const char*> kVerbs = {
      {"get", "GET"},     {"list", "LIST"},       {"watch", "WATCH"},
      {"create", "POST"}, {"update", "PUT"},      {"delete", "DELETE"},
      {"patch", "PATCH"}, {"post", "POST"},       {"put", "PUT"},
      {"head", "GET"},    {"options", "OPTIONS"}, {"deletecollection", "DELETECOLLECTION"}};
  if (call.resource != nullptr && call.info.subresource != "log" &&
      streamed_subresource(call) != nullptr)
    return "CONNECT";
  const auto found = kVerbs.find(call.info.verb);
  if (found == kVerbs.end()) return "other";
  const bool apply =
      call.info.verb == "patch" &&
      call.request.headers.get("content-type").starts_with("application/apply-patch");
  return apply ? "APPLY" : found->second;
}

std::string scope_of(const RequestInfo& info) {
  if (!info.name.empty()) return "resource";
  return info.namespace_.empty() ? "cluster" : "namespace";
}

std::string id_of(const RequestKind& kind) {
  return fmt::format("{}/{}/{}/{}/{}/{}/{}", kind.verb, kind.group, kind.version, kind.resource,
                     kind.subresource, kind.scope, kind.dry_run);
}

metrics::Labels labels_of(const RequestKind& kind) {
  return {{"verb", kind.verb},
          {"group", kind.group},
          {"version", kind.version},
          {"resource", kind.resource},
          {"subresource", kind.subresource},
          {"scope", kind.scope},
          {"component", "apiserver"},
          {"dry_run", kind.dry_run ? "All" : ""}};
}

}  // namespace

RequestKind kind_of(const Call& call, bool known) {
  RequestKind kind{.verb = verb_of(call)};
  if (!known) {
    kind.subresource = "other";
    return kind;
  }
  if (!call.info.is_resource) {
    const std::string& path = call.info.path;
    kind.subresource = path.substr(0, path.find('/', 1));
    return kind;
  }
  kind.group = call.info.group;
  kind.version = call.info.version;
  kind.resource = call.info.resource;
  kind.subresource = call.info.subresource;
  kind.scope = scope_of(call.info);
  kind.dry_run = call.query().has("dryRun");
  return kind;
}

RequestMetrics::Running::Running(RequestMetrics* metrics, const RequestKind& kind)
    : metrics_(metrics), began_(std::chrono::steady_clock::now()) {
  if (metrics_ == nullptr) return;
  alive_ = metrics_->alive_;
  series_ = &metrics_->series_of(kind);
  series_->running->Increment();
}

RequestMetrics::Running::~Running() {
  if (alive_.lock() != nullptr)
    metrics_->end(*series_, code_, std::chrono::steady_clock::now() - began_);
}

RequestMetrics::Series& RequestMetrics::series_of(const RequestKind& kind) {
  Series& series = series_[id_of(kind)];
  if (series.running != nullptr) return series;
  series.kind = kind;
  if (kind.is_long_running()) {
    series.running = &metrics::gauge(registry_, "apiserver_longrunning_requests",
                                     "Watches and streams that are open.",
                                     {{"verb", kind.verb}, {"resource", kind.resource}});
    return series;
  }
  const bool reads = kind.verb == "GET" || kind.verb == "LIST";
  series.running = &metrics::gauge(registry_, "apiserver_current_inflight_requests",
                                   "Requests that are being answered.",
                                   {{"request_kind", reads ? "readOnly" : "mutating"}});
  series.duration = &metrics::histogram(registry_, "apiserver_request_duration_seconds",
                                        "From the head of a request to the end of its answer.",
                                        buckets(), labels_of(kind));
  return series;
}

void RequestMetrics::end(Series& series, int code, std::chrono::nanoseconds took) {
  series.running->Decrement();
  metrics::Counter*& count = series.by_code[code];
  if (count == nullptr) {
    metrics::Labels labels = labels_of(series.kind);
    labels["code"] = std::to_string(code);
    count = &metrics::counter(registry_, "apiserver_request_total", "Requests, by answer.", labels);
  }
  count->Increment();
  if (series.duration != nullptr) series.duration->Observe(metrics::seconds(took));
}

}  // namespace skiff::apiserver
