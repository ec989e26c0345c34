// SPDX-License-Identifier: Apache-2.0
// Whether an image must be pulled, and pulling it.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "agent/kubelet/observed.h"
#include "agent/kubelet/volumes/volumes.h"
#include "agent/runtime/runtime.h"
#include "base/clock.h"
#include "kube/events.h"

namespace skiff::kubelet {

enum class PullPolicy { Always, IfNotPresent, Never };

// As given, or Always for `:latest` and for no tag.
PullPolicy pull_policy(const api::Container& container);

// Credentials for `image` in the text of a `.dockerconfigjson`, or nothing.
std::optional<runtime::ImageAuth> find_auth(const std::string& docker_config,
                                            const std::string& image);

class Images {
 public:
  Images(runtime::Runtime& runtime, ObjectSource& objects, kube::EventRecorder& events,
         const Options& options, const Clock& clock)
      : runtime_(runtime), objects_(objects), events_(events), options_(options), clock_(clock) {}

  // The image of the container, pulled if its policy asks for that; or why there is none. A failure
  // raises the back-off in `memory` and sets when to try again.
  awaitable<std::variant<runtime::Image, Waiting>> ensure(PodPtr pod,
                                                          const api::Container& container,
                                                          runtime::SandboxConfig sandbox,
                                                          PodMemory& memory);

 private:
  awaitable<Result<std::string>> pull(PodPtr pod, const std::string& image,
                                      runtime::SandboxConfig sandbox);

  runtime::Runtime& runtime_;
  ObjectSource& objects_;
  kube::EventRecorder& events_;
  const Options& options_;
  const Clock& clock_;
};

}  // namespace skiff::kubelet
