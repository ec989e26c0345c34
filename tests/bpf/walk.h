// SPDX-License-Identifier: Apache-2.0
// A frame on its way over two nodes: what a program of one lets out, a program of the other takes
// in.
#pragma once

#include "tests/bpf/world.h"

namespace skiff::testing {

// How two nodes reach each other.
enum class Way { kDirect, kOverlayV4, kOverlayV6 };

// Two nodes with maps of their own.
class TwoNodes {
 public:
  static Result<std::unique_ptr<TwoNodes>> create();
  Status reset(Way way);
  // The same Service on both, as the agents write it.
  Status add_service(const Harness::Service& service);

  Harness& a() { return *a_; }
  Harness& b() { return *b_; }
  Way way() const { return way_; }

 private:
  std::unique_ptr<Harness> a_, b_;
  Way way_ = Way::kDirect;
};

// Each call takes the frame one program further and expects it to be `out` then, whatever its MAC
// addresses and hop limit. Failures are reported once, and end the walk.
class Walk {
 public:
  Walk(TwoNodes& nodes, const Builder& sent) : nodes_(nodes), frame_(sent.build()) {}
  Walk& at(Harness& node, Program program, Verdict verdict, const Builder& out);
  // Out of `from` by its device or its overlay, unchanged, and into `to`.
  Walk& cross(Harness& from, Harness& to, Verdict verdict, const Builder& out);
  // Across the overlay by the program it was at last, as its client sent it (ADR 0041).
  Walk& carry(Harness& to, Verdict verdict, const Builder& out);
  // The end of it, counted as `reason`.
  void dropped(Harness& node, Program program, const char* reason);

 private:
  std::optional<RunResult> run(Harness& node, Program program);
  void fail(const std::string& what);

  TwoNodes& nodes_;
  Frame frame_;
  uint32_t mark_ = 0;  // while it is on a node
  std::string outer_;
  bool carried_ = false;
  Harness* sender_ = nullptr;
  int steps_ = 0;
  bool failed_ = false;
};

}  // namespace skiff::testing
