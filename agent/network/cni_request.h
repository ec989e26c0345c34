// SPDX-License-Identifier: Apache-2.0
// A CNI call as it reaches the agent: the plugin's environment and standard input, and what they
// mean.
#pragma once

#include <boost/json.hpp>

#include <map>
#include <string>
#include <vector>

#include "agent/network/attachment.h"
#include "base/result.h"

namespace skiff::network {

// Oldest first.
inline constexpr std::string_view kCniVersions[] = {"0.3.1", "0.4.0", "1.0.0", "1.1.0"};
bool is_cni_version(std::string_view version);
// Both must be known. kCniVersions is in order, so this is a comparison of places in it.
bool at_least(std::string_view version, std::string_view wanted);

struct CniCall {
  std::map<std::string, std::string> environment;
  std::string input;
};

enum class CniCommand { kAdd, kDel, kCheck, kGc, kStatus, kVersion };

struct CniRequest {
  CniCommand command = CniCommand::kVersion;
  std::string version;
  std::string network;  // name of the configuration
  std::string container_id;
  std::string netns;
  std::string interface;
  std::map<std::string, std::string> arguments;  // CNI_ARGS
  std::vector<PortMapping> port_mappings;
  Bandwidth bandwidth;
  boost::json::value previous_result;          // null if there is none
  std::vector<std::string> valid_attachments;  // GC: keys as Attachment::key() gives them

  std::string key() const { return container_id + "@" + interface; }
  std::string argument(const std::string& name) const;
};

// Checks what the specification and its reference skeleton check; errors carry their CNI code.
Result<CniRequest> parse_request(const CniCall& call);

// The version an answer is written in, even to a call that cannot be parsed.
std::string answer_version(const CniCall& call);

}  // namespace skiff::network
