// SPDX-License-Identifier: Apache-2.0
// Typed Kubernetes client over a Transport. Errors carry the code of the server's Status: NOT_FOUND
// 404, ALREADY_EXISTS and ABORTED (conflict) 409, OUT_OF_RANGE 410, INVALID_ARGUMENT 400/422,
// PERMISSION_DENIED 403, UNAUTHENTICATED 401, RESOURCE_EXHAUSTED 429, UNAVAILABLE 503,
// DEADLINE_EXCEEDED 504, INTERNAL else; the message is the server's own.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/codec.h"
#include "api/kind.h"
#include "kube/json_scan.h"
#include "kube/object_key.h"
#include "kube/transport.h"

namespace skiff::kube {

enum class PatchType { Json, Merge, Strategic };

struct DeleteOptions {
  std::optional<int64_t> grace_period_seconds;
  std::string uid;                 // precondition, empty: none
  std::string propagation_policy;  // Background, Foreground, Orphan; empty: the kind's default
};

struct ListOptions {
  std::string label_selector;
  std::string field_selector;
};

// `/api/v1/namespaces/NS/pods/NAME/SUB`; empty parts are left out.
std::string resource_path(const api::Kind& kind, std::string_view namespace_,
                          std::string_view name = {}, std::string_view subresource = {});

// The error that an HTTP answer of an API server stands for; OK below 400.
Status status_of(int http_status, std::string_view body);

class Client {
 public:
  explicit Client(std::shared_ptr<Transport> transport) : transport_(std::move(transport)) {}

  template <class T>
  awaitable<Result<T>> get(ObjectKey key) {
    const api::Kind& kind = api::kind_of<T>();
    co_return parse<T>(co_await send("GET", resource_path(kind, key.namespace_, key.name), "", ""));
  }
  template <class T>
  awaitable<Result<std::vector<T>>> list(std::string namespace_, ListOptions options = {}) {
    auto body = co_await list_raw(api::kind_of<T>(), std::move(namespace_), std::move(options));
    if (!body.ok()) co_return body.status();
    std::vector<T> items;
    for (std::string_view item : json_elements(json_member(*body, "items").value_or("[]"))) {
      CO_ASSIGN_OR_RETURN(T object, api::decode_json<T>(item));
      items.push_back(std::move(object));
    }
    co_return items;
  }
  template <class T>
  awaitable<Result<T>> create(T object) {
    const api::Kind& kind = api::kind_of<T>();
    co_return parse<T>(co_await send("POST", resource_path(kind, object.metadata.namespace_), kJson,
                                     api::encode_json(object)));
  }
  // Replaces the object. A resourceVersion in it is a precondition (ABORTED when it is stale).
  template <class T>
  awaitable<Result<T>> update(T object) {
    co_return co_await put(std::move(object), "");
  }
  template <class T>
  awaitable<Result<T>> update_status(T object) {
    co_return co_await put(std::move(object), "status");
  }
  template <class T>
  awaitable<Result<T>> patch(ObjectKey key, PatchType type, std::string body,
                             std::string subresource = "") {
    const api::Kind& kind = api::kind_of<T>();
    co_return parse<T>(co_await send("PATCH",
                                     resource_path(kind, key.namespace_, key.name, subresource),
                                     media_type(type), std::move(body)));
  }
  // NOT_FOUND if it is already gone.
  template <class T>
  awaitable<Status> remove(ObjectKey key, DeleteOptions options = {}) {
    co_return co_await remove_raw(resource_path(api::kind_of<T>(), key.namespace_, key.name),
                                  std::move(options));
  }

  // Any request: path may hold a query. Returns the answer's body.
  awaitable<Result<std::string>> send(std::string method, std::string path,
                                      std::string content_type, std::string body);
  Transport& transport() { return *transport_; }
  const std::shared_ptr<Transport>& shared_transport() const { return transport_; }

 private:
  static constexpr const char* kJson = "application/json";
  static const char* media_type(PatchType type);
  awaitable<Status> remove_raw(std::string path, DeleteOptions options);
  awaitable<Result<std::string>> list_raw(const api::Kind& kind, std::string namespace_,
                                          ListOptions options);

  template <class T>
  static Result<T> parse(const Result<std::string>& body) {
    if (!body.ok()) return body.status();
    return api::decode_json<T>(*body);
  }
  template <class T>
  awaitable<Result<T>> put(T object, std::string subresource) {
    const api::Kind& kind = api::kind_of<T>();
    std::string path =
        resource_path(kind, object.metadata.namespace_, object.metadata.name, subresource);
    co_return parse<T>(co_await send("PUT", std::move(path), kJson, api::encode_json(object)));
  }

  std::shared_ptr<Transport> transport_;
};

}  // namespace skiff::kube
