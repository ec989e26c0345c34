// SPDX-License-Identifier: Apache-2.0
// An API server as the kubelet needs it: pods whose status is patched and which are deleted,
// ConfigMaps, Secrets, tokens, events. Behind kube::Transport, over the very store that the kubelet
// watches.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/codec.h"
#include "api/core/config.h"
#include "api/core/event.h"
#include "api/core/pod.h"
#include "kube/store.h"
#include "kube/transport.h"

namespace skiff::kubelet {

class FakeApi final : public kube::Transport {
 public:
  explicit FakeApi(kube::Store<api::Pod>& pods) : pods_(pods) {}

  std::map<std::string, api::ConfigMap> config_maps;  // by name
  std::map<std::string, api::Secret> secrets;
  std::vector<api::Event> events;
  std::vector<std::string> phases;  // every phase written, without repetition
  int status_writes = 0;
  bool down = false;

  void put(api::Pod pod) {
    pod.metadata.resourceVersion = std::to_string(++revision_);
    pods_.put(std::make_shared<const api::Pod>(std::move(pod)));
  }
  bool saw_event(const std::string& reason, const std::string& part) const {
    for (const auto& event : events)
      if (event.reason == reason && event.message.find(part) != std::string::npos) return true;
    return false;
  }

  awaitable<Result<http::Response>> call(http::Request request) override {
    if (down) co_return unavailable("connection refused");
    const std::string name = request.path.substr(request.path.rfind('/') + 1);
    if (request.method == "GET" && request.path.find("/configmaps/") != std::string::npos)
      co_return found(config_maps, name);
    if (request.method == "GET" && request.path.find("/secrets/") != std::string::npos)
      co_return found(secrets, name);
    if (request.method == "PATCH" && name == "status") co_return patch_status(request);
    if (request.method == "DELETE") co_return remove(request.path);
    if (name == "token") co_return answer(201, R"({"status":{"token":"a-token"}})");
    if (name == "events") {
      events.push_back(*api::decode_json<api::Event>(request.body));
      co_return answer(201, request.body);
    }
    if (request.path.find("/events/") != std::string::npos) co_return answer(200, "{}");
    co_return answer(404, "{}");
  }
  awaitable<Result<std::unique_ptr<http::BodyReader>>> stream(http::Request) override {
    co_return unimplemented("no watches here");
  }

 private:
  static http::Response answer(int status, std::string body) {
    return http::Response::text(status, std::move(body), "application/json");
  }
  template <class T>
  static http::Response found(const std::map<std::string, T>& objects, const std::string& name) {
    const auto it = objects.find(name);
    return it == objects.end()
               ? answer(404, R"({"kind":"Status","code":404,"message":"not found"})")
               : answer(200, api::encode_json(it->second));
  }
  // /api/v1/namespaces/NS/pods/NAME[/status]
  static kube::ObjectKey key_of_path(const std::string& path) {
    std::vector<std::string> parts;
    for (size_t at = 1; at < path.size();) {
      const size_t end = std::min(path.find('/', at), path.size());
      parts.push_back(path.substr(at, end - at));
      at = end + 1;
    }
    return {parts.at(3), parts.at(5)};
  }
  http::Response patch_status(const http::Request& request) {
    const auto present = pods_.get(key_of_path(request.path));
    if (!present) return answer(404, "{}");
    const api::Pod patch = *api::decode_json<api::Pod>(request.body);
    if (patch.metadata.uid != present->metadata.uid) return answer(409, "{}");
    api::Pod pod = *present;
    pod.status = patch.status;
    ++status_writes;
    if (phases.empty() || phases.back() != pod.status.phase) phases.push_back(pod.status.phase);
    put(pod);
    return answer(200, api::encode_json(pod));
  }
  http::Response remove(const std::string& path) {
    const kube::ObjectKey key = key_of_path(path);
    if (!pods_.get(key)) return answer(404, "{}");
    pods_.erase(key);
    return answer(200, "{}");
  }

  kube::Store<api::Pod>& pods_;
  int revision_ = 1;
};

}  // namespace skiff::kubelet
