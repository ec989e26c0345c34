// SPDX-License-Identifier: Apache-2.0
// With which certificates Hubble's port is served, if it is.
#pragma once

#include <optional>
#include <string>

#include "agent/config.h"
#include "base/result.h"

namespace skiff::agent {

constexpr uint16_t kHubblePort = 4244;

struct HubblePort {
  std::string certificate_file, private_key_file, client_ca_file;
  std::string organization;  // empty: whoever the CA has signed
  // By what name the other nodes prove themselves: on a cluster of ours by their own ("*"), else as
  // this one does.
  std::string server_names;
};

// On a cluster of ours with those of the node's API, for administrators. Nothing: there are no
// certificates. An error names the file that cannot be used.
Result<std::optional<HubblePort>> hubble_port(const Config& config);

}  // namespace skiff::agent
