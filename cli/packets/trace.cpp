// SPDX-License-Identifier: Apache-2.0
#include "cli/packets/trace.h"

#include <algorithm>
#include <map>

#include "cli/objects.h"
#include "cli/packets/filter.h"
#include "cli/packets/walk_text.h"

namespace skiff::cli {
namespace {

using namespace std::chrono_literals;

// A walk is printed when no step has come for this long: nodes send what they saw every 20 ms.
constexpr auto kSettled = 400ms;
// More sightings than these are not looked through again and again: all are printed.
constexpr size_t kCrowd = 5000;

// What the name stands for at that end: a pod, or a Service and the pods that answer for it.
std::string end_text(const std::string& name, const std::string& direction,
                     const std::string& namespace_, const ClusterNames& names,
                     const ClusterObjects& objects) {
  const std::string full = name.find('/') == std::string::npos ? namespace_ + "/" + name : name;
  if (names.is_pod(full)) return fmt::format("{}pod {}", direction, full);
  std::vector<std::string> terms;
  if (names.ends(trace::Expression::Kind::kService, full).ok())
    terms.push_back(fmt::format("{}svc {}", direction, full));
  for (const api::Service& service : objects.services) {
    if (full_name(service.metadata) != full) continue;
    for (const api::Pod& pod : objects.pods)
      if (selects(service, pod) && !pod.status.podIPs.empty())
        terms.push_back(fmt::format("{}pod {}", direction, full_name(pod.metadata)));
  }
  if (terms.empty()) return fmt::format("{}svc {}", direction, full);  // to be told that it is none
  return fmt::format("({})", fmt::join(terms, " or "));
}

class Tracer {
 public:
  Tracer(const ClusterNames& names, const TraceOptions& options)
      : names_(names),
        detail_(options.points ? WalkDetail::kPoints : WalkDetail::kPlaces),
        left_(options.count) {}

  void take(const std::string& node, const trace::TapMessage& message) {
    const auto now = std::chrono::steady_clock::now();
    if (const auto* place = std::get_if<trace::TapPlace>(&message)) {
      places_[{node, place->number}] = *place;
    } else if (const auto* packet = std::get_if<trace::TapPacket>(&message)) {
      waiting_.packets.push_back({node, places_[{node, packet->place}], *packet, now});
    } else if (const auto* socket = std::get_if<trace::TapSocket>(&message)) {
      waiting_.sockets.push_back({node, *socket, now});
    } else if (const auto* coverage = std::get_if<trace::TapCoverage>(&message)) {
      fmt::print(stderr, "skiff: {}: {}\n", node, coverage->text);
    } else if (const auto* tally = std::get_if<trace::TapTally>(&message)) {
      tallies_[node] = *tally;
    }
  }
  void print_losses() const {
    for (const auto& [node, tally] : tallies_)
      if (const std::string lost = describe_losses(tally); !lost.empty())
        fmt::print(stderr, "skiff: {}: LOST {}\n", node, lost);
  }

  // Prints the walks that are over; true once there were enough.
  bool print_settled(bool all) {
    const auto now = std::chrono::steady_clock::now();
    const bool crowded = waiting_.packets.size() > kCrowd;
    if (waiting_.empty()) return false;
    for (const Walk& walk : take_settled(waiting_, all || crowded ? now : now - kSettled)) {
      fmt::print("{}", print(walk, names_, detail_));
      std::fflush(stdout);
      if (left_ != 0 && --left_ == 0) return done_ = true;
    }
    return false;
  }
  bool done() const { return done_; }

 private:
  const ClusterNames& names_;
  WalkDetail detail_;
  uint64_t left_;
  bool done_ = false;
  std::map<std::pair<std::string, uint32_t>, trace::TapPlace> places_;
  std::map<std::string, trace::TapTally> tallies_;  // by node, the last one
  Sightings waiting_;
};

}  // namespace

Status check_end(const std::string& to, const ClusterNames& names, const ClusterObjects& objects) {
  const std::string full = names.full(to);
  const bool is_service = std::ranges::any_of(objects.services, [&](const api::Service& service) {
    return full_name(service.metadata) == full;
  });
  if (to.empty() || names.is_pod(to) || is_service) return {};
  return not_found("--to {}: there is neither a pod (with an address) nor a Service {}", to, full);
}

std::string filter_between(const TraceOptions& options, const ClusterNames& names,
                           const ClusterObjects& objects) {
  const std::string& from = options.tap.filter;
  if (options.to.empty()) return from;
  const std::string source = options.one_way ? "src " : "",
                    destination = options.one_way ? "dst " : "";
  const std::string to = end_text(options.to, destination, options.tap.namespace_, names, objects);
  if (from.empty()) return to;
  return fmt::format("{} and {}",
                     names.is_pod(from) ? fmt::format("{}pod {}", source, from) : "(" + from + ")",
                     to);
}

Status trace_packets(TraceOptions options) {
  if (options.tap.filter.empty() && options.to.empty())
    return invalid_argument(
        "of which packets? Name a pod, a filter or --to (all, with what this command itself sends: "
        "\"ip or ip6\")");
  TapOptions everything = options.tap;
  everything.filter.clear();
  ASSIGN_OR_RETURN(TapPlan plan, plan_taps(everything));
  const ClusterNames names(plan.objects, options.tap.namespace_);
  RETURN_IF_ERROR(check_end(options.to, names, plan.objects));
  RETURN_IF_ERROR(set_filter(filter_between(options, names, plan.objects), names, plan.request));
  plan.request.path = !options.hooks_only;
  Tracer tracer(names, options);
  RETURN_IF_ERROR(run_taps(
      plan,
      [&](const std::string& node, const trace::TapMessage& message) {
        tracer.take(node, message);
      },
      [&] { return tracer.print_settled(false); }));
  if (!tracer.done()) tracer.print_settled(true);
  tracer.print_losses();
  return absl::OkStatus();
}

}  // namespace skiff::cli
