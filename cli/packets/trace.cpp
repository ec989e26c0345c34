// SPDX-License-Identifier: Apache-2.0
#include "cli/packets/trace.h"

#include <map>

#include "cli/packets/walk.h"

namespace skiff::cli {
namespace {

using namespace std::chrono_literals;

// A walk is printed when no step has come for this long: nodes send what they saw every 20 ms.
constexpr auto kSettled = 400ms;
// More sightings than these are not looked through again and again: all are printed.
constexpr size_t kCrowd = 5000;

// Both: the one or the other end. `to` names a pod or a Service; a Service's pods answer for it.
std::string filter_between(const TraceOptions& options, const ClusterNames& names,
                           const ClusterObjects& objects) {
  const std::string& from = options.tap.filter;
  const std::string left =
      from.find(' ') == std::string::npos && !names.ends(trace::Expression::Kind::kPod, from).ok()
          ? from
      : from.find(' ') == std::string::npos ? "pod " + from
                                            : "(" + from + ")";
  if (options.to.empty()) return left;
  const std::string full = options.to.find('/') == std::string::npos
                               ? options.tap.namespace_ + "/" + options.to
                               : options.to;
  if (names.ends(trace::Expression::Kind::kPod, full).ok())
    return fmt::format("{} and pod {}", left, full);
  std::string any = "svc " + full;
  for (const api::Service& service : objects.services) {
    if (service.metadata.namespace_ + "/" + service.metadata.name != full) continue;
    for (const api::Pod& pod : objects.pods) {
      const bool selected =
          !service.spec.selector.empty() &&
          pod.metadata.namespace_ == service.metadata.namespace_ &&
          std::ranges::all_of(service.spec.selector, [&](const auto& wanted) {
            const auto label = pod.metadata.labels.find(wanted.first);
            return label != pod.metadata.labels.end() && label->second == wanted.second;
          });
      if (selected && !pod.status.podIPs.empty())
        any += fmt::format(" or pod {}/{}", pod.metadata.namespace_, pod.metadata.name);
    }
  }
  return fmt::format("{} and ({})", left, any);
}

class Tracer {
 public:
  Tracer(const ClusterNames& names, uint64_t count) : names_(names), left_(count) {}

  void take(const std::string& node, const trace::TapMessage& message) {
    if (const auto* place = std::get_if<trace::TapPlace>(&message)) {
      places_[{node, place->number}] = *place;
    } else if (const auto* packet = std::get_if<trace::TapPacket>(&message)) {
      waiting_.push_back(
          {node, places_[{node, packet->place}], *packet, std::chrono::steady_clock::now()});
    } else if (const auto* end = std::get_if<trace::TapEnd>(&message)) {
      if (end->lost != 0)
        fmt::print(stderr, "skiff: {}: {} packets were too many to follow\n", node, end->lost);
    }
  }

  // Prints the walks that are over; true once there were enough.
  bool print_settled(bool all) {
    const auto now = std::chrono::steady_clock::now();
    const bool crowded = waiting_.size() > kCrowd;
    if (waiting_.empty()) return false;
    for (const Walk& walk : take_settled(waiting_, all || crowded ? now : now - kSettled)) {
      fmt::print("{}", print(walk, names_));
      std::fflush(stdout);
      if (left_ != 0 && --left_ == 0) return done_ = true;
    }
    return false;
  }
  bool done() const { return done_; }

 private:
  const ClusterNames& names_;
  uint64_t left_;
  bool done_ = false;
  std::map<std::pair<std::string, uint32_t>, trace::TapPlace> places_;
  std::vector<Sighting> waiting_;
};

}  // namespace

Status trace_packets(TraceOptions options) {
  TapOptions everything = options.tap;
  everything.filter.clear();
  ASSIGN_OR_RETURN(TapPlan plan, plan_taps(everything));
  const ClusterNames names(plan.objects, options.tap.namespace_);
  ASSIGN_OR_RETURN(plan.request.expression,
                   names.filter(filter_between(options, names, plan.objects)));
  Tracer tracer(names, options.count);
  RETURN_IF_ERROR(run_taps(
      plan,
      [&](const std::string& node, const trace::TapMessage& message) {
        tracer.take(node, message);
      },
      [&] { return tracer.print_settled(false); }));
  if (!tracer.done()) tracer.print_settled(true);
  return absl::OkStatus();
}

}  // namespace skiff::cli
