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

// A file of a kubeconfig or an entry of one, and where its relative names begin.
struct Part {
  YAML::Node content;
  std::filesystem::path directory;
};
using Files = std::vector<Part>;

// The first entry of the lists called `list` whose name is `name`.
Result<Part> named(const Files& files, const char* list, const std::string& name,
                   const char* member) {
  for (const Part& file : files)
    for (const YAML::Node& entry : file.content[list])
      if (entry["name"].as<std::string>("") == name)
        return Part{YAML::Node(entry[member]), file.directory};
  return invalid_argument("{}: no entry named \"{}\"", list, name);
}

// `key-data` (base64) or the content of the file that `key` names.
Result<std::string> data_or_file(const Part& entry, const std::string& key) {
  if (const YAML::Node data = entry.content[key + "-data"])
    return decode_base64(data.as<std::string>());
  const YAML::Node file = entry.content[key];
  if (!file) return std::string();
  const std::filesystem::path path = file.as<std::string>();
  return read_file(path.is_absolute() ? path : entry.directory / path);
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

ExecPlugin read_exec(const YAML::Node& exec, const std::filesystem::path& directory) {
  ExecPlugin plugin{.api_version = exec["apiVersion"].as<std::string>(""),
                    .argv = {exec["command"].as<std::string>("")},
                    .environment = {},
                    .install_hint = exec["installHint"].as<std::string>("")};
  std::string& command = plugin.argv.front();
  // As everywhere in the file; a bare name is looked up in PATH.
  if (command.find('/') != std::string::npos && command.front() != '/')
    command = directory / command;
  for (const YAML::Node& argument : exec["args"])
    plugin.argv.push_back(argument.as<std::string>(""));
  for (const YAML::Node& variable : exec["env"])
    plugin.environment.emplace_back(variable["name"].as<std::string>(""),
                                    variable["value"].as<std::string>(""));
  return plugin;
}

Status read_user(const Part& user, ApiEndpoint& endpoint) {
  ASSIGN_OR_RETURN(endpoint.client_certificate, data_or_file(user, "client-certificate"));
  ASSIGN_OR_RETURN(endpoint.client_key, data_or_file(user, "client-key"));
  endpoint.token = user.content["token"].as<std::string>("");
  if (const YAML::Node file = user.content["tokenFile"]; file && endpoint.token.empty()) {
    const std::filesystem::path token_file = file.as<std::string>();
    endpoint.token_file = token_file.is_absolute() ? token_file : user.directory / token_file;
    ASSIGN_OR_RETURN(endpoint.token, read_token(endpoint.token_file), "tokenFile");
  }
  if (const YAML::Node exec = user.content["exec"]; exec && endpoint.token.empty())
    endpoint.exec = read_exec(exec, user.directory);
  return absl::OkStatus();
}

std::string current_context(const Files& files) {
  for (const Part& file : files)
    if (std::string name = file.content["current-context"].as<std::string>(""); !name.empty())
      return name;
  const YAML::Node contexts = files.front().content["contexts"];
  return contexts.size() == 1 ? contexts[0]["name"].as<std::string>("") : "";
}

Result<ApiEndpoint> read_context(const Files& files) {
  ASSIGN_OR_RETURN(const Part context, named(files, "contexts", current_context(files), "context"));
  const auto name = [&](const char* of) { return context.content[of].as<std::string>(""); };
  ASSIGN_OR_RETURN(const Part cluster, named(files, "clusters", name("cluster"), "cluster"));
  ASSIGN_OR_RETURN(const Part user, named(files, "users", name("user"), "user"));
  ApiEndpoint endpoint;
  RETURN_IF_ERROR(parse_server(cluster.content["server"].as<std::string>(""), endpoint));
  ASSIGN_OR_RETURN(endpoint.ca, data_or_file(cluster, "certificate-authority"));
  endpoint.insecure = cluster.content["insecure-skip-tls-verify"].as<bool>(false);
  endpoint.server_name = cluster.content["tls-server-name"].as<std::string>("");
  RETURN_IF_ERROR(read_user(user, endpoint));
  return endpoint;
}

std::vector<std::filesystem::path> split(const std::filesystem::path& list) {
  std::vector<std::filesystem::path> paths;
  std::error_code ignored;
  std::string_view rest = list.native();
  if (std::filesystem::exists(list, ignored) || rest.find(':') == std::string_view::npos)
    return {list};
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(':'), rest.size());
    if (end > 0) paths.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return paths;
}

// May throw what yaml-cpp throws.
Result<Files> read_files(const std::filesystem::path& list) {
  Files files;
  const std::vector<std::filesystem::path> paths = split(list);
  for (const std::filesystem::path& path : paths) {
    const auto text = read_file(path);
    if (paths.size() > 1 && text.status().code() == StatusCode::kNotFound) continue;
    RETURN_IF_ERROR(text, "kubeconfig");
    const YAML::Node content = YAML::Load(*text);
    if (!content.IsMap()) return invalid_argument("kubeconfig {}: not a mapping", path.string());
    files.push_back({content, path.parent_path()});
  }
  if (files.empty()) return not_found("kubeconfig: none of {} is there", list.string());
  return files;
}

}  // namespace

Result<ApiEndpoint> load_kubeconfig(const std::filesystem::path& path) {
  try {
    ASSIGN_OR_RETURN(const Files files, read_files(path));
    auto endpoint = read_context(files);
    if (!endpoint.ok())
      return annotate(endpoint.status(), fmt::format("kubeconfig {}", path.string()));
    return endpoint;
  } catch (const YAML::Exception& e) {
    return invalid_argument("kubeconfig {}: {}", path.string(), e.what());
  }
}

std::filesystem::path default_kubeconfig() {
  if (const char* list = std::getenv("KUBECONFIG"); list != nullptr && *list != '\0') return list;
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home == nullptr ? "/root" : home) / ".kube/config";
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
