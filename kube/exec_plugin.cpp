// SPDX-License-Identifier: Apache-2.0
// Credentials from a program: what kubeconfigs of managed clusters have instead of a certificate.
#include <yaml-cpp/yaml.h>

#include "base/command.h"
#include "kube/kubeconfig.h"

namespace skiff::kube {
namespace {

// What the program is told (it is not told of the cluster: few ask for that).
std::string exec_info(const ExecPlugin& plugin) {
  return fmt::format(
      R"({{"kind":"ExecCredential","apiVersion":"{}","spec":{{"interactive":false}}}})",
      plugin.api_version);
}

// The answer is JSON, which YAML is a superset of.
Status read_answer(const std::string& text, ApiEndpoint& endpoint) {
  const YAML::Node answer = YAML::Load(text);
  if (!answer.IsMap() || answer["kind"].as<std::string>("") != "ExecCredential")
    return invalid_argument("answered no ExecCredential");
  const YAML::Node status = answer["status"];
  if (!status.IsMap()) return invalid_argument("answered without a status");
  endpoint.token = status["token"].as<std::string>("");
  if (const YAML::Node certificate = status["clientCertificateData"]) {
    endpoint.client_certificate = certificate.as<std::string>();
    endpoint.client_key = status["clientKeyData"].as<std::string>("");
  }
  if (endpoint.token.empty() && endpoint.client_certificate.empty())
    return invalid_argument("answered neither a token nor a certificate");
  return absl::OkStatus();
}

}  // namespace

Status run_exec_plugin(ApiEndpoint& endpoint) {
  if (!endpoint.exec) return absl::OkStatus();
  const ExecPlugin& plugin = *endpoint.exec;
  std::vector<std::string> argv = {"env", "KUBERNETES_EXEC_INFO=" + exec_info(plugin)};
  for (const auto& [name, value] : plugin.environment) argv.push_back(name + "=" + value);
  argv.insert(argv.end(), plugin.argv.begin(), plugin.argv.end());
  const auto answer = run_command(argv);
  if (!answer.ok())
    return annotate(answer.status(),
                    fmt::format("credentials of {}{}{}", plugin.argv.front(),
                                plugin.install_hint.empty() ? "" : ": ", plugin.install_hint));
  try {
    return annotate(read_answer(*answer, endpoint), "credentials: " + plugin.argv.front());
  } catch (const YAML::Exception& e) {
    return invalid_argument("credentials: {}: {}", plugin.argv.front(), e.what());
  }
}

}  // namespace skiff::kube
