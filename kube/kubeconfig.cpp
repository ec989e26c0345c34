// SPDX-License-Identifier: Apache-2.0
#include "kube/kubeconfig.h"

#include <yaml-cpp/yaml.h>

#include <boost/beast/core/detail/base64.hpp>
#include <charconv>
#include <cstdlib>

#include "api/text.h"
#include "base/file.h"

namespace skiff::kube {
namespace {

namespace base64 = boost::beast::detail::base64;

std::string decode_base64(const std::string& text) {
  // decoded_size() counts whole groups of four only; decode() also writes what an unpadded last one
  // holds.
  std::string out(base64::decoded_size(text.size() + 3), '\0');
  const auto [written, read] = base64::decode(out.data(), text.data(), text.size());
  (void)read;
  out.resize(written);
  return out;
}

// The entry of the list `lists[list]` whose name is `name`.
Result<YAML::Node> named(const YAML::Node& lists, const char* list, const std::string& name,
                         const char* member) {
  for (const YAML::Node& entry : lists[list])
    if (entry["name"].as<std::string>("") == name) return YAML::Node(entry[member]);
  return invalid_argument("{}: no entry named \"{}\"", list, name);
}

// `key-data` (base64) or the content of the file that `key` names.
Result<std::string> data_or_file(const YAML::Node& node, const std::string& key,
                                 const std::filesystem::path& directory) {
  if (const YAML::Node data = node[key + "-data"]) return decode_base64(data.as<std::string>());
  const YAML::Node file = node[key];
  if (!file) return std::string();
  const std::filesystem::path path = file.as<std::string>();
  return read_file(path.is_absolute() ? path : directory / path);
}

Result<std::string> read_token(const std::filesystem::path& file) {
  ASSIGN_OR_RETURN(const std::string text, read_file(file));
  return std::string(api::trim(text));
}

Status parse_server(const std::string& url, ApiEndpoint& endpoint) {
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme))
    return invalid_argument("server \"{}\": want https://HOST[:PORT]", url);
  std::string_view rest = std::string_view(url).substr(kScheme.size());
  rest = rest.substr(0, rest.find('/'));
  const size_t bracket = rest.rfind(']');
  const size_t colon = rest.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const std::string_view digits = rest.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
    if (error != std::errc() || end != digits.data() + digits.size())
      return invalid_argument("server \"{}\": bad port", url);
    rest = rest.substr(0, colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  endpoint.host = std::string(rest);
  return absl::OkStatus();
}

Result<ApiEndpoint> read_context(const YAML::Node& config, const std::filesystem::path& directory) {
  std::string current = config["current-context"].as<std::string>("");
  if (current.empty() && config["contexts"].size() == 1)
    current = config["contexts"][0]["name"].as<std::string>("");
  ASSIGN_OR_RETURN(const YAML::Node context, named(config, "contexts", current, "context"));
  ASSIGN_OR_RETURN(const YAML::Node cluster,
                   named(config, "clusters", context["cluster"].as<std::string>(""), "cluster"));
  ASSIGN_OR_RETURN(const YAML::Node user,
                   named(config, "users", context["user"].as<std::string>(""), "user"));
  ApiEndpoint endpoint;
  RETURN_IF_ERROR(parse_server(cluster["server"].as<std::string>(""), endpoint));
  ASSIGN_OR_RETURN(endpoint.ca, data_or_file(cluster, "certificate-authority", directory));
  endpoint.insecure = cluster["insecure-skip-tls-verify"].as<bool>(false);
  endpoint.server_name = cluster["tls-server-name"].as<std::string>("");
  ASSIGN_OR_RETURN(endpoint.client_certificate,
                   data_or_file(user, "client-certificate", directory));
  ASSIGN_OR_RETURN(endpoint.client_key, data_or_file(user, "client-key", directory));
  endpoint.token = user["token"].as<std::string>("");
  if (const YAML::Node file = user["tokenFile"]; file && endpoint.token.empty()) {
    const std::filesystem::path token_file = file.as<std::string>();
    endpoint.token_file = token_file.is_absolute() ? token_file : directory / token_file;
    ASSIGN_OR_RETURN(endpoint.token, read_token(endpoint.token_file), "tokenFile");
  }
  return endpoint;
}

}  // namespace

Result<ApiEndpoint> load_kubeconfig(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(const std::string text, read_file(path), "kubeconfig");
  try {
    const YAML::Node config = YAML::Load(text);
    if (!config.IsMap()) return invalid_argument("kubeconfig {}: not a mapping", path.string());
    auto endpoint = read_context(config, path.parent_path());
    if (!endpoint.ok())
      return annotate(endpoint.status(), fmt::format("kubeconfig {}", path.string()));
    return endpoint;
  } catch (const YAML::Exception& e) {
    return invalid_argument("kubeconfig {}: {}", path.string(), e.what());
  }
}

Result<ApiEndpoint> in_cluster_endpoint(const std::string& server,
                                        const std::filesystem::path& directory) {
  ApiEndpoint endpoint;
  if (!server.empty()) {
    const std::string url = server.starts_with("https://") ? server : "https://" + server;
    RETURN_IF_ERROR(parse_server(url, endpoint));
  } else {
    const char* host = std::getenv("KUBERNETES_SERVICE_HOST");
    const char* port = std::getenv("KUBERNETES_SERVICE_PORT");
    if (host == nullptr || port == nullptr)
      return failed_precondition(
          "not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; give a "
          "kubeconfig");
    endpoint.host = host;
    endpoint.port = static_cast<uint16_t>(std::strtoul(port, nullptr, 10));
  }
  ASSIGN_OR_RETURN(endpoint.ca, read_file(directory / "ca.crt"), "service account");
  endpoint.token_file = directory / "token";
  ASSIGN_OR_RETURN(endpoint.token, read_token(endpoint.token_file), "service account");
  return endpoint;
}

Result<std::shared_ptr<Transport>> make_transport(const Executor& executor,
                                                  const ApiEndpoint& endpoint) {
  ASSIGN_OR_RETURN(auto tls, http::ClientTls::make({
                                 .ca = endpoint.ca,
                                 .certificate_chain = endpoint.client_certificate,
                                 .private_key = endpoint.client_key,
                                 .server_name = endpoint.server_name,
                                 .insecure_skip_verify = endpoint.insecure,
                             }));
  auto client = http::Client::make(
      executor, {.host = endpoint.host, .port = endpoint.port, .tls = std::move(tls)});
  return std::make_shared<HttpTransport>(
      std::move(client),
      endpoint.token_file.empty()
          ? BearerToken(endpoint.token)
          : BearerToken(endpoint.token, endpoint.token_file, std::chrono::steady_clock::now()));
}

}  // namespace skiff::kube
