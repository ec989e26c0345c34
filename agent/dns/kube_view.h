// SPDX-License-Identifier: Apache-2.0
// The view over the stores of the agent.
#pragma once

#include "agent/dns/view.h"
#include "api/core/service.h"
#include "api/discovery/endpoint_slice.h"
#include "kube/store.h"

namespace skiff::dns {

// Keeps no copy: an answer is made from the objects as the stores have them now. The stores outlive
// this.
class KubeView final : public View {
 public:
  KubeView(kube::Store<api::Service>& services, kube::Store<api::EndpointSlice>& slices);

  bool ready() const override { return services_.synced() && slices_.synced(); }
  std::optional<ServiceEntry> service(const std::string& namespace_,
                                      const std::string& name) const override;
  bool has_namespace(const std::string& namespace_) const override;
  std::vector<std::string> names_of(const IpAddress& address) const override;

 private:
  std::vector<ServiceEndpoint> endpoints(const kube::ObjectKey& service) const;

  kube::Store<api::Service>& services_;
  kube::Store<api::EndpointSlice>& slices_;
};

}  // namespace skiff::dns
