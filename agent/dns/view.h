// SPDX-License-Identifier: Apache-2.0
// What the answers to cluster names are made from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/dns/record.h"

namespace skiff::dns {

struct ServicePort {
  std::string name;
  std::string protocol;  // lower case: "tcp"
  uint16_t number = 0;
};

struct ServiceEndpoint {
  std::string host;  // the pod's hostname, or its address with dashes
  std::vector<IpAddress> addresses;
  std::vector<ServicePort> ports;
};

struct ServiceEntry {
  std::vector<IpAddress> cluster_addresses;
  std::string external_name;               // of type ExternalName, else empty
  bool headless = false;                   // then `endpoints` holds the ready ones
  std::vector<ServicePort> ports;          // unless headless
  std::vector<ServiceEndpoint> endpoints;  // ready, or all that are to be published
};

// Lookups by the loop's thread alone.
class View {
 public:
  virtual ~View() = default;
  // False until every Service was listed once: until then a name that is not found may well exist.
  virtual bool ready() const = 0;
  virtual std::optional<ServiceEntry> service(const std::string& namespace_,
                                              const std::string& name) const = 0;
  virtual bool has_namespace(const std::string& namespace_) const = 0;
  // Names below the cluster domain that lead to `address`: "web.shop.svc", "db-0.db.shop.svc".
  virtual std::vector<std::string> names_of(const IpAddress& address) const = 0;
};

}  // namespace skiff::dns
