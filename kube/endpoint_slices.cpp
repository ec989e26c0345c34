// SPDX-License-Identifier: Apache-2.0
#include "kube/endpoint_slices.h"

#include <spdlog/spdlog.h>

#include "api/discovery/beta.h"
#include "base/ip.h"

namespace skiff::kube {
namespace {

constexpr const char* kGroup = "/apis/discovery.k8s.io";

const api::Kind& beta_kind() {
  static const api::Kind kind = [] {
    api::Kind beta = api::kind_of<api::EndpointSlice>();
    beta.version = "v1beta1";
    return beta;
  }();
  return kind;
}

class BetaSliceSink final : public StoreSink<api::EndpointSlice> {
 public:
  using StoreSink::StoreSink;

 protected:
  Result<api::EndpointSlice> decode(std::string_view object) const override {
    ASSIGN_OR_RETURN(api::BetaEndpointSlice slice,
                     api::decode_json<api::BetaEndpointSlice>(object));
    return api::from_beta(std::move(slice));
  }
};

awaitable<void> reflect_slices(std::shared_ptr<Transport> transport,
                               Store<api::EndpointSlice>& store, ReflectorOptions options,
                               Trim<api::EndpointSlice> trim) {
  Client client(transport);
  options.return_if_missing = true;
  auto retry = options.first_retry;
  for (;;) {
    const auto group = co_await client.send("GET", kGroup, "", "");
    if (group.ok()) {
      if (has_stable_slices(*group)) {
        co_await reflect(transport, api::kind_of<api::EndpointSlice>(), options,
                         std::make_unique<StoreSink<api::EndpointSlice>>(store, trim));
      } else {
        spdlog::info("the API server has no discovery.k8s.io/v1, using v1beta1");
        co_await reflect(transport, beta_kind(), options,
                         std::make_unique<BetaSliceSink>(store, trim));
      }
    } else {
      spdlog::warn("versions of discovery.k8s.io: {}, retrying in {}ms", message(group.status()),
                   retry.count());
    }
    co_await sleep_for(retry);
    retry = std::min(retry * 2, options.most_retry);
  }
}

}  // namespace

std::optional<ObjectKey> service_of(const api::EndpointSlice& slice) {
  const auto it = slice.metadata.labels.find(api::kServiceNameLabel);
  if (it == slice.metadata.labels.end()) return std::nullopt;
  return ObjectKey{slice.metadata.namespace_, it->second};
}

void index_slices(Store<api::EndpointSlice>& store) {
  store.add_index(kSlicesByService, [](const api::EndpointSlice& slice) {
    const auto key = service_of(slice);
    return key ? std::vector{key->to_string()} : std::vector<std::string>();
  });
  store.add_index(kSlicesByAddress, [](const api::EndpointSlice& slice) {
    std::vector<std::string> values;
    for (const api::Endpoint& endpoint : slice.endpoints)
      for (const std::string& text : endpoint.addresses)
        if (const auto address = IpAddress::parse(text); address.ok())
          values.push_back(address->to_string());
    return values;
  });
}

bool has_stable_slices(std::string_view group) {
  for (const std::string_view version :
       json_elements(json_member(group, "versions").value_or("[]")))
    if (const auto name = json_member(version, "version"))
      if (json_plain_string(*name).value_or("") == "v1") return true;
  return false;
}

awaitable<Result<std::vector<api::EndpointSlice>>> list_endpoint_slices(
    std::shared_ptr<Transport> transport) {
  Client client(std::move(transport));
  CO_ASSIGN_OR_RETURN(const std::string group, co_await client.send("GET", kGroup, "", ""));
  if (has_stable_slices(group)) co_return co_await client.list<api::EndpointSlice>("");
  CO_ASSIGN_OR_RETURN(const std::string body,
                      co_await client.send("GET", resource_path(beta_kind(), ""), "", ""));
  std::vector<api::EndpointSlice> slices;
  for (const std::string_view item : json_elements(json_member(body, "items").value_or("[]"))) {
    CO_ASSIGN_OR_RETURN(auto slice, api::decode_json<api::BetaEndpointSlice>(item));
    slices.push_back(api::from_beta(std::move(slice)));
  }
  co_return slices;
}

void start_endpoint_slices(const Executor& executor, std::shared_ptr<Transport> transport,
                           Store<api::EndpointSlice>& store, ReflectorOptions options,
                           Trim<api::EndpointSlice> trim) {
  spawn(executor, "endpoint slices",
        reflect_slices(std::move(transport), store, std::move(options), std::move(trim)));
}

}  // namespace skiff::kube
