// SPDX-License-Identifier: Apache-2.0
// Routes of the node's own API. Who may ask is decided before: certificate_guard.h on a cluster of
// ours, token_guard.h on others, the mode of a unix socket.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/runtime/runtime.h"
#include "base/clock.h"
#include "base/http/message.h"

namespace skiff::server {

struct Parts {
  runtime::Runtime* runtime = nullptr;  // null: no pods here, streams answer 404
  std::function<std::string()> pods;    // JSON of a PodList
  // The UID of the pod of this namespace and name; empty: there is none on this node. An earlier
  // pod of the same name may still have containers.
  std::function<std::string(const std::string& ns, const std::string& pod)> pod_uid;
  std::function<std::string()> metrics;  // Prometheus text
  std::function<awaitable<Result<std::string>>()>
      services;                                    // JSON of agent/datapath/service_dump.h
  std::function<std::string()> not_ready_because;  // empty: healthy
  std::map<std::string, http::Handler*> others;  // by the first segment of the path: features' own
};

class NodeServer final : public http::Handler {
 public:
  NodeServer(Parts parts, const Clock& clock) : parts_(std::move(parts)), clock_(clock) {}
  awaitable<void> serve(http::Request request, http::ResponseWriter& writer) override;

 private:
  awaitable<Status> route(http::Request request, http::ResponseWriter& writer);
  awaitable<Status> logs(std::vector<std::string> segments, http::Request request,
                         http::ResponseWriter& writer);
  awaitable<Status> exec(std::vector<std::string> segments, http::Request request,
                         http::ResponseWriter& writer);
  awaitable<Status> attach(std::vector<std::string> segments, http::Request request,
                           http::ResponseWriter& writer);
  awaitable<Status> port_forward(std::vector<std::string> segments, http::Request request,
                                 http::ResponseWriter& writer);

  // A pod as a path names it: `/…/NAMESPACE/POD/…` or, longer by one, `/…/NAMESPACE/POD/UID/…`.
  struct PodName {
    std::string ns;
    std::string name;
    std::string uid;
  };
  Result<PodName> pod_of(const std::vector<std::string>& segments, size_t least,
                         const char* form) const;

  // The newest running container of that name.
  awaitable<Result<runtime::Container>> running_container(PodName pod, std::string name);
  // Newest first.
  awaitable<Result<std::vector<runtime::Container>>> containers_of(PodName pod, std::string name);

  Parts parts_;
  const Clock& clock_;
};

}  // namespace skiff::server
