// SPDX-License-Identifier: Apache-2.0
// One probe of one container: what a row of successes and failures means. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "agent/kubelet/observed.h"
#include "api/core/probe.h"
#include "base/clock.h"

namespace skiff::kubelet {

enum class ProbeKind { Startup, Liveness, Readiness };

std::string to_string(ProbeKind kind);  // "Startup", … as events say it

// With Kubernetes' defaults where a field is zero.
struct ProbeTiming {
  std::chrono::seconds initial_delay{0};
  std::chrono::seconds period{10};
  std::chrono::seconds timeout{1};
  int success_threshold = 1;
  int failure_threshold = 3;
};
ProbeTiming probe_timing(const api::Probe& probe);

// How long the first probe of a container waits: what is left of its initial delay. Containers that
// ran before this agent did are spread over a period, at `random` (0 to 1) of it, so that a restart
// of the agent does not probe them all at once.
struct FirstProbe {
  TimePoint now;
  TimePoint container_started;
  TimePoint agent_started;
  double random = 0;
};
Duration first_delay(const ProbeTiming& timing, const FirstProbe& probe);

class ProbeState {
 public:
  // `initial`: what holds before the first result: Unknown for startup, Success for liveness,
  // Failure for readiness, unless an earlier agent already knew better.
  ProbeState(const ProbeTiming& timing, Verdict initial) : timing_(timing), verdict_(initial) {}

  // Counts a result. True if the verdict changed.
  bool observe(bool success);
  Verdict verdict() const { return verdict_; }

 private:
  ProbeTiming timing_;
  Verdict verdict_;
  std::optional<bool> last_;
  int row_ = 0;  // of equal results
};

Verdict initial_verdict(ProbeKind kind);

}  // namespace skiff::kubelet
