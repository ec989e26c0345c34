// SPDX-License-Identifier: Apache-2.0
// A pod in three words, as the columns READY, STATUS and RESTARTS tell it.
#pragma once

#include <string>

#include "api/core/pod.h"

namespace skiff::printers {

struct PodSummary {
  int ready = 0;  // of all containers, sidecars included
  int containers = 0;
  std::string status;
  int restarts = 0;
  api::Time last_restart;  // zero: unknown
};

// Follows Kubernetes' printPod to the letter: scripts compare these words.
PodSummary summarize(const api::Pod& pod);

}  // namespace skiff::printers
