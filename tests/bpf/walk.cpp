// SPDX-License-Identifier: Apache-2.0
#include "tests/bpf/walk.h"

#include <gtest/gtest.h>
#include <linux/pkt_cls.h>

#include <algorithm>
#include <regex>

namespace skiff::testing {

namespace {

std::string without_hops(const Frame& frame) {
  return std::regex_replace(describe(frame), std::regex(" ttl \\d+"), "");
}

Verdict verdict_of(int action) {
  if (action == TC_ACT_REDIRECT) return Verdict::kRedirect;
  return action == TC_ACT_SHOT ? Verdict::kDrop : Verdict::kPass;
}

const char* name_of(Verdict verdict) {
  return verdict == Verdict::kPass ? "pass" : verdict == Verdict::kRedirect ? "redirect" : "drop";
}

}  // namespace

Result<std::unique_ptr<TwoNodes>> TwoNodes::create() {
  auto nodes = std::make_unique<TwoNodes>();
  ASSIGN_OR_RETURN(nodes->a_, Harness::create({}, 0));
  ASSIGN_OR_RETURN(nodes->b_, Harness::create({}, 1));
  return nodes;
}

Status TwoNodes::reset(Way way) {
  way_ = way;
  RETURN_IF_ERROR(a().reset());
  RETURN_IF_ERROR(b().reset());
  if (way == Way::kDirect) {
    RETURN_IF_ERROR(a().reach_directly(b()));
    return b().reach_directly(a());
  }
  RETURN_IF_ERROR(a().reach_by_overlay(b(), way == Way::kOverlayV4));
  return b().reach_by_overlay(a(), way == Way::kOverlayV4);
}

Status TwoNodes::add_service(const Harness::Service& service) {
  RETURN_IF_ERROR(a().add_service(service));
  return b().add_service(service);
}

void Walk::fail(const std::string& what) {
  failed_ = true;
  ADD_FAILURE() << "step " << steps_ << ": " << what;
}

std::optional<RunResult> Walk::run(Harness& node, Program program) {
  if (failed_) return std::nullopt;
  ++steps_;
  Arrival arrival{.mark = mark_};
  if (program == Program::kFromOverlay && sender_ != nullptr)
    arrival.outer = sender_->node_address(nodes_.way() != Way::kOverlayV6).to_string() +
                    (carried_ ? " carried" : "");
  auto result = node.run(program, frame_, arrival);
  if (!result.ok()) {
    fail(std::string(message(result.status())));
    return std::nullopt;
  }
  mark_ = result->mark;
  return std::move(*result);
}

Walk& Walk::at(Harness& node, Program program, Verdict verdict, const Builder& out) {
  const auto result = run(node, program);
  if (!result) return *this;
  if (verdict_of(result->action) != verdict)
    fail(fmt::format("{} instead of {}: {}", name_of(verdict_of(result->action)), name_of(verdict),
                     describe(frame_)));
  else if (without_hops(result->frame) != without_hops(out.build()))
    fail(fmt::format("{} instead of {}", describe(result->frame), describe(out.build())));
  sender_ = &node;
  frame_ = result->frame;
  outer_ = result->outer;
  return *this;
}

Walk& Walk::carry(Harness& to, Verdict verdict, const Builder& out) {
  if (failed_) return *this;
  const std::string outer = to.node_address(nodes_.way() != Way::kOverlayV6).to_string();
  if (outer_ != outer + " carried")
    fail(fmt::format("goes to \"{}\" instead of {}", outer_, outer));
  carried_ = true;
  return at(to, Program::kFromOverlay, verdict, out);
}

Walk& Walk::cross(Harness& from, Harness& to, Verdict verdict, const Builder& out) {
  const bool direct = nodes_.way() == Way::kDirect;
  const auto left = run(from, direct ? Program::kToDevice : Program::kToOverlay);
  if (!left) return *this;
  if (verdict_of(left->action) != Verdict::kPass ||
      without_hops(left->frame) != without_hops(frame_))
    fail(fmt::format("does not leave as it is: {}", describe(left->frame)));
  const std::string outer = to.node_address(nodes_.way() == Way::kOverlayV4).to_string();
  if (!direct && left->outer != outer)
    fail(fmt::format("goes to {} instead of {}", left->outer, outer));
  frame_ = left->frame;
  mark_ = 0;
  // As the kernel does with what was redirected to a neighbour: no program writes these.
  if (direct) std::ranges::copy(to.device_mac(), frame_.begin());
  sender_ = &from;
  return at(to, direct ? Program::kFromDevice : Program::kFromOverlay, verdict, out);
}

void Walk::dropped(Harness& node, Program program, const char* reason) {
  const uint64_t before = node.reason(reason);
  const auto result = run(node, program);
  if (!result) return;
  if (result->action != TC_ACT_SHOT) fail("is not dropped");
  if (node.reason(reason) != before + 1) fail(fmt::format("is not counted as {}", reason));
}

}  // namespace skiff::testing
