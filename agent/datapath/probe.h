// SPDX-License-Identifier: Apache-2.0
// Asks an eBPF program what it does with a packet, without a trace of the question: a second copy
// of the program, reading the node's own tables, with flows, counters and rings of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/datapath/abi.h"
#include "base/result.h"

namespace skiff::datapath {

enum class ProbeAt : uint8_t {
  kFromPod,     // a pod sends the packet
  kFromDevice,  // it comes in at a device of the node
};

struct ProbeAnswer {
  enum class Action : uint8_t { kPassed, kRedirected, kDropped };
  Action action = Action::kPassed;
  std::string reason;       // label of bpf/abi/reason.h: dropped or refused; empty: neither
  std::string reason_text;  // what it means
  std::string frame;        // as it left the program
  bool carried = false;     // to the node of its backend, as it came (ADR 0041)
};

// What a probe needs to know of the node's programs (Datapath::probe_source). A copy: the programs
// may be replaced meanwhile.
struct ProbeSource {
  skiff_config config{};
  std::string pin_dir;
};

// Belongs to one thread at a time, in the node's network namespace.
class PacketProbe {
 public:
  // Takes some ten milliseconds; any thread of the node's network namespace.
  static Result<std::unique_ptr<PacketProbe>> open(const ProbeSource& source,
                                                   ProbeAt at = ProbeAt::kFromPod);
  ~PacketProbe();
  // `frame` with its Ethernet header, as if it came in at device `ifindex`.
  Result<ProbeAnswer> run(std::string_view frame, uint32_t ifindex);

 private:
  struct State;
  explicit PacketProbe(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace skiff::datapath
