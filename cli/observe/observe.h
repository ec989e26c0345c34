// SPDX-License-Identifier: Apache-2.0
// `skiff observe`: flows as the nodes tell of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/trace/record.h"
#include "api/core/pod.h"
#include "base/http/message.h"
#include "base/result.h"

namespace skiff::cli {

enum class Output { kCompact, kWide, kJson };
// "compact", "wide", "json"; INVALID_ARGUMENT otherwise.
Result<Output> parse_output(const std::string& text);

struct ObserveOptions {
  std::string kubeconfig;
  std::string node;    // empty: every node
  http::Query filter;  // as agent/trace/filter.h reads it
  size_t last = 20;
  std::string since;  // "5m", "30s": goes before `last`
  bool follow = false;
  bool stack = false;  // kernel drops with the way that led there
  Output output = Output::kCompact;
};

// Blocks; with `follow` until interrupted. What was lost meanwhile is said on stderr.
Status observe(const ObserveOptions& options);

// Names of pods by address: nodes know those of others only as far as Services lead there.
using PodNames = std::map<IpAddress, std::shared_ptr<const trace::Identity>>;
PodNames pod_names(const std::vector<api::Pod>& pods);
void complete(trace::FlowRecord& record, const PodNames& names);
// In the order of time, the last `count` of all nodes.
std::vector<trace::FlowRecord> newest(std::vector<trace::FlowRecord> records, size_t count);
std::string format(const trace::FlowRecord& record, Output output);
// "90s", "5m", "2h", "1d".
Result<std::chrono::seconds> parse_duration(const std::string& text);

}  // namespace skiff::cli
