// SPDX-License-Identifier: Apache-2.0
// Names for addresses, and addresses for the names of a filter, from objects of the API. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/trace/expression.h"
#include "api/core/node.h"
#include "api/core/pod.h"
#include "api/core/service.h"

namespace skiff::cli {

struct ClusterObjects {
  std::vector<api::Pod> pods;
  std::vector<api::Service> services;
  std::vector<api::Node> nodes;
};

class ClusterNames {
 public:
  ClusterNames(const ClusterObjects& objects, std::string default_namespace);

  // "shop/web-1", "node-1", "shop/web" (a Service), or the address itself.
  std::string of(const IpAddress& address) const;
  // "shop/web-1:8080"; the address with its port where nobody knows it.
  std::string of(const IpAddress& address, uint16_t port) const;
  // "shop/client:40122 -> shop/web:80"
  std::string path(const skiff_tuple& tuple) const;
  // Every name, for files: "web-1.shop.pod", "web.shop.svc", "node-1.node".
  std::vector<std::pair<IpAddress, std::string>> dns_names() const;

  Result<std::vector<trace::NamedEnd>> ends(trace::Expression::Kind kind,
                                            const std::string& name) const;
  // "shop/web-1" of "web-1".
  std::string full(const std::string& name) const;
  // Whether it is the name of a pod, and not an expression.
  bool is_pod(const std::string& text) const;
  // A filter as a person writes it: an expression, or just the name of a pod. Names are resolved.
  Result<trace::Expression> filter(const std::string& text) const;

 private:
  struct Name {
    std::string name, dns;
  };
  std::string default_namespace_;
  std::map<IpAddress, Name> names_;
  std::map<std::string, std::vector<trace::NamedEnd>> pods_;      // by "namespace/name"
  std::map<std::string, std::vector<trace::NamedEnd>> services_;  // the same
};

}  // namespace skiff::cli
