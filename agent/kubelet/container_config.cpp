// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/container_config.h"

#include "agent/kubelet/pod_names.h"
#include "agent/kubelet/resources.h"
#include "agent/kubelet/security_context.h"

namespace skiff::kubelet {
namespace {

std::vector<std::string> expand_all(const std::vector<std::string>& words,
                                    const std::map<std::string, std::string>& variables) {
  std::vector<std::string> out;
  out.reserve(words.size());
  for (const auto& word : words) out.push_back(expand(word, variables));
  return out;
}

}  // namespace

Result<runtime::ContainerConfig> container_config(ContainerInput input) {
  const api::Container& container = input.container;
  std::map<std::string, std::string> variables;
  for (const auto& env : input.envs) variables[env.name] = env.value;
  runtime::ContainerConfig config;
  config.name = container.name;
  config.attempt = input.attempt;
  // By id: what was checked is what runs, even if the tag moves meanwhile.
  config.image = input.image.id;
  config.command = expand_all(container.command, variables);
  config.args = expand_all(container.args, variables);
  config.working_dir = container.workingDir;
  config.envs = std::move(input.envs);
  config.mounts = std::move(input.mounts);
  config.labels = container_labels(input.pod, container);
  config.annotations = container_annotations(input.pod, container, input.attempt);
  config.log_path = std::filesystem::path(container.name) / fmt::format("{}.log", input.attempt);
  config.stdin_open = container.stdin;
  config.stdin_once = container.stdinOnce;
  config.tty = container.tty;
  config.resources =
      container_resources(input.pod, container, input.options.allocatable_memory_bytes);
  ASSIGN_OR_RETURN(config.security,
                   container_security(input.pod, container, input.image, input.options));
  return config;
}

}  // namespace skiff::kubelet
