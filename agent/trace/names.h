// SPDX-License-Identifier: Apache-2.0
// Names for what the programs know as numbers. The boundary between tracing and those who know:
// kube_names.h answers from the agent's stores, tests from a table.
#pragma once

#include <memory>
#include <string>

#include "agent/trace/record.h"

namespace skiff::trace {

// A device of this node, or of a pod on it.
struct Place {
  std::string interface;                // "eth0"
  std::shared_ptr<const Identity> who;  // the pod whose veth or namespace it is; else the node
  IpAddress address;                    // of that pod
  bool inside = false;                  // the namespace is the pod's
};

class Names {
 public:
  virtual ~Names() = default;
  // Null: nobody we know.
  virtual std::shared_ptr<const Identity> identity(const IpAddress& address) = 0;
  // Whose Service this address and port is: ClusterIP, external address, NodePort. Null: nobody's.
  virtual std::shared_ptr<const ServicePort> service(const IpAddress& address, uint16_t port,
                                                     uint8_t protocol) = 0;
  virtual Place place(uint64_t netns_cookie, uint32_t ifindex) = 0;
  // Whether packets there leave this node through the overlay.
  virtual bool across_overlay(const IpAddress& address) = 0;
  // Who decided about a flow between these addresses.
  virtual PolicyNames policies(const Peer& client, const Peer& server, uint8_t protocol) = 0;
  // "NETFILTER_DROP", as the running kernel numbers its reasons; the number where it has no name.
  virtual std::string kernel_reason(uint32_t reason) = 0;
  // "nft_do_chain+0x3e8"; the number where the kernel hides its symbols.
  virtual std::string symbol(uint64_t address) = 0;
};

}  // namespace skiff::trace
