// SPDX-License-Identifier: Apache-2.0
// The packet table: each case is a conversation, every step a frame in, the verdict and the frame
// out. Run as a test (packet_test.cpp) and as a benchmark (bench/bpf_bench.cpp).
#pragma once

#include <functional>
#include <vector>

#include "tests/bpf/harness.h"

namespace skiff::testing {

// What became of the frame.
enum class Verdict {
  kPass,      // to the stack
  kRedirect,  // to a device by the program
  kDrop,
};

struct Step {
  Program program;
  Frame in;
  Verdict verdict;
  Frame out;                // empty: as it came in
  const char* reason = "";  // counted once by this step
  bool from_node = false;
  std::function<Status(Harness&)> before = {};  // changes the node first
  // The far end of the datagram around it: who sent it (kFromOverlay), whom it is for (the others),
  // as Arrival::outer has it.
  std::string outer = {};
  uint32_t mark = 0;

  Arrival arrival() const {
    return {.from_node = from_node,
            .outer = program == Program::kFromOverlay ? outer : "",
            .mark = mark};
  }
};

struct Case {
  const char* description;
  std::vector<Harness::Service> services;
  std::vector<Step> steps;
};

std::vector<Case> packet_cases();

}  // namespace skiff::testing
