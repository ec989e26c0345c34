// SPDX-License-Identifier: Apache-2.0
#include "cli/look_commands.h"

#include "cli/cluster_choice.h"
#include "cli/packets/capture.h"
#include "cli/packets/trace.h"
#include "cli/why/why.h"

namespace skiff::cli {
namespace {

using Action = std::function<Status()>;

constexpr const char* kFilterHelp =
    "a pod, or an expression of tcpdump's (man pcap-filter), in which `pod [NS/]NAME` and "
    "`svc [NS/]NAME` stand for their addresses";

void add_tap_options(CLI::App& command, TapOptions& tap) {
  command.add_option("filter", tap.filter, kFilterHelp);
  command.add_option("-n,--namespace", tap.namespace_, "of names without one")
      ->capture_default_str();
  command.add_option("--node", tap.node, "on this node alone");
  command.add_flag("--dropped", tap.dropped, "only packets that are dropped or refused");
  command.add_option("--duration", tap.seconds, "seconds, at most 3600")
      ->capture_default_str()
      ->check(CLI::Range(1, 3600));
}

void add_why(CLI::App& app, Action& action) {
  struct Options {
    ClusterChoice cluster;
    WhyOptions why;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("why", "why a pod does not reach something, step by step");
  add_cluster_options(*command, options->cluster);
  command->add_option("-n,--namespace", options->why.namespace_, "of names without one")
      ->capture_default_str();
  command->add_option("pod", options->why.pod, "[NAMESPACE/]POD that asks")->required();
  command
      ->add_option("target", options->why.target,
                   "NAME[.NAMESPACE], pod/NAME or an address, then :PORT and /udp")
      ->required();
  command->callback([options, &action] {
    action = [options]() -> Status {
      ASSIGN_OR_RETURN(const Cluster cluster, resolve(options->cluster));
      options->why.kubeconfig = cluster.kubeconfig;
      bool failed = false;
      RETURN_IF_ERROR(why(options->why, failed));
      if (failed) std::exit(2);  // the answer is no; 1 is for what could not be asked
      return absl::OkStatus();
    };
  });
}

void add_trace(CLI::App& app, Action& action) {
  struct Options {
    ClusterChoice cluster;
    TraceOptions trace;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("trace", "the path of packets over the nodes");
  add_cluster_options(*command, options->cluster);
  add_tap_options(*command, options->trace.tap);
  command->add_option("--to", options->trace.to,
                      "a pod or Service: only what goes between it and the filter's");
  command->add_flag("--one-way", options->trace.one_way, "with --to: only towards it, no answers");
  command->add_flag("--points", options->trace.points, "a line for each point of a path");
  command->add_flag("--hooks-only", options->trace.hooks_only,
                    "only where skiff's programs are: the kernel's other packets pay nothing");
  command->add_option("--count", options->trace.count, "end after so many packets")
      ->check(CLI::PositiveNumber);
  command->callback([options, &action] {
    action = [options]() -> Status {
      ASSIGN_OR_RETURN(const Cluster cluster, resolve(options->cluster));
      options->trace.tap.kubeconfig = cluster.kubeconfig;
      return trace_packets(options->trace);
    };
  });
}

void add_capture(CLI::App& app, Action& action) {
  struct Options {
    ClusterChoice cluster;
    CaptureOptions capture;
  };
  auto options = std::make_shared<Options>();
  options->capture.file = "skiff.pcapng";
  options->capture.tap.snap = SKIFF_TAP_SNAP;
  CLI::App* command = app.add_subcommand("capture", "packets of all nodes into a pcapng file");
  add_cluster_options(*command, options->cluster);
  add_tap_options(*command, options->capture.tap);
  command->add_option("-w,--write", options->capture.file, "- is standard output")
      ->capture_default_str();
  command->add_option("--count", options->capture.tap.count, "end after so many packets")
      ->check(CLI::PositiveNumber);
  command->add_option("--snaplen", options->capture.tap.snap, "bytes of each packet")
      ->capture_default_str()
      ->check(CLI::Range(14, SKIFF_TAP_SNAP));
  command->callback([options, &action] {
    action = [options]() -> Status {
      ASSIGN_OR_RETURN(const Cluster cluster, resolve(options->cluster));
      options->capture.tap.kubeconfig = cluster.kubeconfig;
      return capture(options->capture);
    };
  });
}

}  // namespace

void add_look_commands(CLI::App& app, std::function<Status()>& action) {
  add_why(app, action);
  add_trace(app, action);
  add_capture(app, action);
}

}  // namespace skiff::cli
