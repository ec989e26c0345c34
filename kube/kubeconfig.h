// SPDX-License-Identifier: Apache-2.0
// How to reach an API server: from a kubeconfig file, or from inside a pod (service account files
// and environment).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "kube/transport.h"

namespace skiff::kube {

// A program that a kubeconfig names for credentials (client.authentication.k8s.io).
struct ExecPlugin {
  std::string api_version;
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string install_hint;
};

// PEM texts, not file names.
struct ApiEndpoint {
  std::string host;
  uint16_t port = 443;
  std::string ca;
  std::string client_certificate;
  std::string client_key;
  std::string token;
  std::filesystem::path token_file;  // where `token` is from, if somebody renews it there
  std::optional<ExecPlugin> exec;    // gives what is missing: see run_exec_plugin()
  std::string server_name;
  bool insecure = false;
};

// Reads the current context (or the only one). Relative file names are relative to the kubeconfig.
// Several files with colons between, as KUBECONFIG may have them, are read as one: the first that
// says something wins, missing ones are passed over. Runs nothing.
Result<ApiEndpoint> load_kubeconfig(const std::filesystem::path& path);

// What kubectl takes without a flag: $KUBECONFIG, or else ~/.kube/config.
std::filesystem::path default_kubeconfig();

// Runs the plugin of `endpoint`, if it has one, and puts in the token or certificate that it
// answers with. Blocks; the plugin may ask the user on the terminal.
Status run_exec_plugin(ApiEndpoint& endpoint);

inline constexpr const char* kServiceAccountDirectory =
    "/var/run/secrets/kubernetes.io/serviceaccount";

// The service account in `directory`, and KUBERNETES_SERVICE_HOST/PORT unless `server`
// (`[https://]HOST[:PORT]`) says where: whoever makes Services work cannot reach the API server
// through one.
Result<ApiEndpoint> in_cluster_endpoint(
    const std::string& server = "",
    const std::filesystem::path& directory = kServiceAccountDirectory);

Result<std::shared_ptr<Transport>> make_transport(const Executor& executor,
                                                  const ApiEndpoint& endpoint);

}  // namespace skiff::kube
