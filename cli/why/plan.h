// SPDX-License-Identifier: Apache-2.0
// The findings of `skiff why`: every step between a pod and what it wants to reach, in order, with
// what is the case and what to do about it. Pure: facts in, findings out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/trace/why_facts.h"
#include "api/core/node.h"
#include "api/discovery/endpoint_slice.h"
#include "cli/why/target.h"

namespace skiff::cli {

// What the node of a backend says of packets that come to it.
struct Arrival {
  std::string node;
  std::string to;  // "10.244.1.7:8080"
  std::optional<trace::NodeFacts> facts;
  std::string problem;  // why there are none
};

struct WhyFacts {
  api::Pod pod;  // who asks
  Target target;
  std::vector<api::Service> services;
  std::vector<api::EndpointSlice> slices;
  std::vector<api::Pod> pods;
  std::vector<api::Node> nodes;
  std::optional<trace::NodeFacts> node;  // nothing: the node did not answer, see node_problem
  std::string node_problem;
  std::vector<Arrival> arrivals;  // of the first backends on other nodes
};

enum class Mark { kOk, kNote, kFail, kUnknown };

struct Finding {
  Mark mark = Mark::kOk;
  std::string check;  // "endpoints"
  std::string fact;
  std::string advice;  // of what fails
};

// In the order a packet meets them; those that cannot matter are left out.
std::vector<Finding> plan(const WhyFacts& facts);

// Numbered lines, and one that says it all.
std::string print(const std::vector<Finding>& findings, const WhyFacts& facts);

// Where the pod's packets come from: its address of the family that the target needs. Nothing if it
// has none yet.
std::optional<IpAddress> source_of(const api::Pod& pod, const Target& target);

}  // namespace skiff::cli
