// SPDX-License-Identifier: Apache-2.0
// What a pod is asked to reach, as a person writes it, and the address it means. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/pod.h"
#include "api/core/service.h"
#include "base/ip.h"
#include "base/result.h"
#include "cli/objects.h"

namespace skiff::cli {

// NAME, NAMESPACE/NAME, NAME.NAMESPACE[.svc[.DOMAIN]], pod/[NAMESPACE/]NAME, or an address; then
// [:PORT|:PORTNAME][/udp].
struct Target {
  std::string text;
  std::string namespace_;
  std::string service;  // of this name; or
  std::string pod;      // of this name; or
  std::optional<IpAddress> address;
  std::string port;  // number or name; empty: the first
  std::string protocol = "TCP";
  bool protocol_given = false;
};

Result<Target> parse_target(std::string_view text, const std::string& default_namespace);

uint8_t protocol_number(std::string_view protocol);

// "10.244.1.7:8080", "[fd00::1]:80".
std::optional<std::pair<IpAddress, uint16_t>> parse_end(std::string_view text);

// Where a packet for the target goes first; the Service that stands for it, if one does.
struct Destination {
  IpAddress address;
  uint16_t port = 0;
  std::string protocol = "TCP";
  const api::Service* service = nullptr;
  const api::ServicePort* service_port = nullptr;
  const api::Pod* pod = nullptr;
};

// What could be found of it: parts stay empty where an object or a port is missing. Addresses of
// the family of `source` come first.
Destination find_destination(const Target& target, const std::vector<api::Service>& services,
                             const std::vector<api::Pod>& pods, const IpAddress& source);

// Where clients outside of the cluster ask for the same: a load balancer or external address, else
// the NodePort at `node`; null: nowhere.
std::optional<std::pair<IpAddress, uint16_t>> outside_of(const Target& target,
                                                         const Destination& to,
                                                         const api::Node* node, bool v4);

}  // namespace skiff::cli
