// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/probe.h"

namespace skiff::kubelet {

std::string to_string(ProbeKind kind) {
  switch (kind) {
    case ProbeKind::Startup:
      return "Startup";
    case ProbeKind::Liveness:
      return "Liveness";
    case ProbeKind::Readiness:
      break;
  }
  return "Readiness";
}

ProbeTiming probe_timing(const api::Probe& probe) {
  ProbeTiming timing;
  timing.initial_delay = std::chrono::seconds(std::max(probe.initialDelaySeconds, 0));
  if (probe.periodSeconds > 0) timing.period = std::chrono::seconds(probe.periodSeconds);
  if (probe.timeoutSeconds > 0) timing.timeout = std::chrono::seconds(probe.timeoutSeconds);
  if (probe.successThreshold > 0) timing.success_threshold = probe.successThreshold;
  if (probe.failureThreshold > 0) timing.failure_threshold = probe.failureThreshold;
  return timing;
}

Duration first_delay(const ProbeTiming& timing, const FirstProbe& probe) {
  const Duration age = probe.now - probe.container_started;
  Duration delay = std::max<Duration>(timing.initial_delay - age, Duration(0));
  if (probe.container_started < probe.agent_started)
    delay += std::chrono::duration_cast<Duration>(probe.random * Duration(timing.period));
  return delay;
}

bool ProbeState::observe(bool success) {
  row_ = last_ == success ? row_ + 1 : 1;
  last_ = success;
  if (row_ < (success ? timing_.success_threshold : timing_.failure_threshold)) return false;
  const Verdict now = success ? Verdict::Success : Verdict::Failure;
  return std::exchange(verdict_, now) != now;
}

Verdict initial_verdict(ProbeKind kind) {
  switch (kind) {
    case ProbeKind::Startup:
      return Verdict::Unknown;
    case ProbeKind::Liveness:
      return Verdict::Success;
    case ProbeKind::Readiness:
      break;
  }
  return Verdict::Failure;
}

}  // namespace skiff::kubelet
