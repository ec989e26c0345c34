// SPDX-License-Identifier: Apache-2.0
// The cluster's own certificates and keys, kept in one directory (mode 0700, keys 0600). Made at
// first start, read afterwards; leaf certificates are made anew when their names change or a month
// before they end.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "base/pki.h"
#include "base/result.h"

namespace skiff::auth {

// A node that gets a kubeconfig and a serving certificate from the controller.
struct NodeIdentity {
  std::string name;
  std::vector<IpAddress> addresses;
};

struct PkiOptions {
  std::filesystem::path directory;
  std::vector<std::string> server_addresses;  // all that clients may connect to
  std::vector<std::string> server_names;
};

struct ClusterPki {
  pki::Pair ca;
  pki::Pair server;          // of the API server
  pki::Pair admin;           // CN=kubernetes-admin, O=system:masters
  pki::Pair kubelet_client;  // what the API server shows to nodes
  std::string token_key;     // private key of service account tokens
};

// Errors name the file. A file that does not parse is DATA_LOSS: it is never replaced in silence.
Result<ClusterPki> open_pki(const PkiOptions& options, TimePoint now);

// A kubeconfig with everything embedded.
std::string kubeconfig(const std::string& server_url, const std::string& ca,
                       const std::string& user, const pki::Pair& client);

// Writes NODE.kubeconfig, NODE-serving.crt, NODE-serving.key and ca.crt into `directory`, unless
// good ones are there.
Status write_node_files(const std::filesystem::path& directory, const ClusterPki& pki,
                        const NodeIdentity& node, const std::string& server_url, TimePoint now);

}  // namespace skiff::auth
