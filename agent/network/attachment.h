// SPDX-License-Identifier: Apache-2.0
// One interface of one pod: what the journal keeps and everybody else is told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/net/link.h"
#include "base/clock.h"
#include "base/ip.h"

namespace skiff::network {

// A port of the node that leads to a port of the pod (CNI capability portMappings).
struct PortMapping {
  uint16_t host_port = 0;
  uint16_t container_port = 0;
  std::string protocol = "TCP";
  std::string host_ip;  // empty: every address of the node

  bool operator==(const PortMapping&) const = default;
};

// Bits per second and bits, seen from the pod (CNI capability bandwidth). Zero: not limited.
struct Bandwidth {
  uint64_t ingress_rate = 0;
  uint64_t ingress_burst = 0;
  uint64_t egress_rate = 0;
  uint64_t egress_burst = 0;

  bool operator==(const Bandwidth&) const = default;
};

// What holds back a pod with limits on this node (shaping.h).
struct Shaping {
  bool ingress_queued = false;  // a token bucket at the node's end
  bool egress_queued = false;   // and one at the pod's
  int paced_uplink = 0;  // else: the device whose queue sends at time stamps; 0: nothing does

  bool operator==(const Shaping&) const = default;
};

struct Attachment {
  std::string container_id;
  std::string interface;  // in the pod: eth0
  std::string netns;      // path
  std::string pod_namespace;
  std::string pod_name;
  std::string pod_uid;
  std::vector<IpAddress> addresses;  // one per family
  std::string host_interface;
  net::MacAddress host_mac{};
  net::MacAddress pod_mac{};
  uint32_t mtu = 0;
  int host_index = 0;  // of host_interface in the node's namespace
  int pod_index = 0;   // of interface in the pod's
  std::vector<PortMapping> port_mappings;
  Bandwidth bandwidth;
  Shaping shaping;  // found out anew at each start
  TimePoint created;
  bool attached = false;  // false: an ADD was begun and has not been answered

  // "container@interface": names the attachment, and its file.
  std::string key() const { return container_id + "@" + interface; }
  bool operator==(const Attachment&) const = default;
};

// All that is derived from a key alone, so that what an attachment left is found without its
// record. Name of the node's end: "skiff" and ten digits of a hash, 15 characters, the most a link
// may have.
std::string host_interface_of(const std::string& key);
net::MacAddress host_mac_of(const std::string& key);
net::MacAddress pod_mac_of(const std::string& key);

std::string encode(const Attachment& attachment);
Result<Attachment> decode_attachment(std::string_view text);

}  // namespace skiff::network
