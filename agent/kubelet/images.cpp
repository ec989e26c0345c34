// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/images.h"

#include <boost/json.hpp>

#include "agent/kubelet/events.h"

namespace skiff::kubelet {
namespace {

// The tag of a reference, `latest` if it has none, empty if it names a digest.
std::string tag_of(const std::string& image) {
  if (image.find('@') != std::string::npos) return "";
  const size_t slash = image.rfind('/');
  const size_t colon = image.rfind(':');
  const bool has_tag = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  return has_tag ? image.substr(colon + 1) : "latest";
}

// `nginx` and `me/app` are on Docker Hub; the first part names a registry if it looks like a host.
std::string registry_of(const std::string& image) {
  const size_t slash = image.find('/');
  const std::string first = image.substr(0, slash);
  const bool is_host = slash != std::string::npos &&
                       (first.find_first_of(".:") != std::string::npos || first == "localhost");
  return is_host ? first : "docker.io";
}

std::string host_of(std::string server) {
  if (const size_t scheme = server.find("://"); scheme != std::string::npos)
    server = server.substr(scheme + 3);
  server = server.substr(0, server.find('/'));
  return server == "index.docker.io" || server == "registry-1.docker.io" ? "docker.io" : server;
}

std::string text_member(const boost::json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : "";
}

std::string seconds_text(Duration duration) {
  return fmt::format("{:.3g}s", static_cast<double>(duration.count()) / 1e9);
}

}  // namespace

PullPolicy pull_policy(const api::Container& container) {
  if (container.imagePullPolicy == "Always") return PullPolicy::Always;
  if (container.imagePullPolicy == "Never") return PullPolicy::Never;
  if (container.imagePullPolicy == "IfNotPresent") return PullPolicy::IfNotPresent;
  return tag_of(container.image) == "latest" ? PullPolicy::Always : PullPolicy::IfNotPresent;
}

std::optional<runtime::ImageAuth> find_auth(const std::string& docker_config,
                                            const std::string& image) {
  boost::system::error_code error;
  const auto config = boost::json::parse(docker_config, error);
  if (error || !config.is_object()) return std::nullopt;
  const auto* auths = config.as_object().if_contains("auths");
  if (!auths || !auths->is_object()) return std::nullopt;
  for (const auto& [server, value] : auths->as_object()) {
    if (host_of(std::string(server)) != registry_of(image) || !value.is_object()) continue;
    const auto& entry = value.as_object();
    runtime::ImageAuth auth;
    auth.username = text_member(entry, "username");
    auth.password = text_member(entry, "password");
    auth.auth = text_member(entry, "auth");
    auth.identity_token = text_member(entry, "identitytoken");
    auth.registry_token = text_member(entry, "registrytoken");
    auth.server_address = std::string(server);
    return auth;
  }
  return std::nullopt;
}

awaitable<Result<std::string>> Images::pull(PodPtr pod, const std::string& image,
                                            runtime::SandboxConfig sandbox) {
  std::optional<runtime::ImageAuth> auth;
  ConfigNames names;
  for (const auto& secret : pod->spec.imagePullSecrets) names.secrets.insert(secret.name);
  auto objects =
      co_await objects_.objects(pod->metadata.namespace_, names, std::chrono::seconds(10));
  if (objects.ok()) {
    for (const auto& [name, secret] : objects->secrets) {
      if (!secret || auth) continue;
      const auto config = secret->data.find(".dockerconfigjson");
      if (config != secret->data.end()) auth = find_auth(config->second.value, image);
    }
  }
  co_return co_await runtime_.pull_image(image, auth, std::move(sandbox));
}

awaitable<std::variant<runtime::Image, Waiting>> Images::ensure(PodPtr pod,
                                                                const api::Container& container,
                                                                runtime::SandboxConfig sandbox,
                                                                PodMemory& memory) {
  const std::string image = container.image;
  const auto about = container_reference(*pod, container.name);
  auto present = co_await runtime_.image_status(image);
  if (!present.ok()) {
    memory.retry_at[container.name] = clock_.now() + kBackoffFirst;
    co_return Waiting{"ImageInspectError", fmt::format("Failed to inspect image \"{}\": {}", image,
                                                       skiff::message(present.status()))};
  }
  const PullPolicy policy = pull_policy(container);
  const bool pull_present = policy == PullPolicy::Always && !options_.image_pull_fallback;
  if (*present && !pull_present) {
    events_.normal(about, "Pulled",
                   fmt::format("Container image \"{}\" already present on machine", image));
    co_return **present;
  }
  if (policy == PullPolicy::Never) {
    memory.retry_at[container.name] = clock_.now() + kBackoffFirst;
    std::string text =
        fmt::format("Container image \"{}\" is not present with pull policy of Never", image);
    events_.warning(about, "ErrImageNeverPull", text);
    co_return Waiting{"ErrImageNeverPull", std::move(text)};
  }
  events_.normal(about, "Pulling", fmt::format("Pulling image \"{}\"", image));
  const TimePoint began = clock_.now();
  auto pulled = co_await pull(pod, image, std::move(sandbox));
  if (pulled.ok()) present = co_await runtime_.image_status(image);
  if (pulled.ok() && present.ok() && *present) {
    memory.image_backoff.erase(container.name);
    const std::string took = seconds_text(clock_.now() - began);
    events_.normal(about, "Pulled",
                   fmt::format("Successfully pulled image \"{}\" in {} ({} including waiting). "
                               "Image size: {} bytes.",
                               image, took, took, (*present)->size_bytes));
    co_return **present;
  }
  const std::string why(skiff::message(pulled.ok() ? present.status() : pulled.status()));
  std::string text = fmt::format("failed to pull and unpack image \"{}\": {}", image, why);
  events_.warning(about, "Failed", fmt::format("Failed to pull image \"{}\": {}", image, why));
  Backoff& backoff = memory.image_backoff[container.name];
  backoff.advance(clock_.now());
  memory.retry_at[container.name] = clock_.now() + backoff.delay();
  co_return Waiting{"ErrImagePull", std::move(text)};
}

}  // namespace skiff::kubelet
