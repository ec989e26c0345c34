// SPDX-License-Identifier: Apache-2.0
// `skiff capture`: packets of all nodes into one pcapng file or pipe, with pods' names.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/trace/pcapng.h"
#include "cli/packets/tap_client.h"

namespace skiff::cli {

struct CaptureOptions {
  TapOptions tap;
  std::string file;  // "-": standard output
};

Status capture(const CaptureOptions& options);

// What came from the nodes, as blocks of a pcapng file. Pure.
class CaptureWriter {
 public:
  // `most`: packets in the file, of all nodes; 0: no limit.
  CaptureWriter(const ClusterNames& names, uint32_t snap, uint64_t most = 0)
      : names_(names), snap_(snap), most_(most) {}

  std::string begin(const std::string& command) const;
  // The blocks a message becomes; may be empty.
  std::string take(const std::string& node, const trace::TapMessage& message);
  uint64_t packets() const { return packets_; }
  bool full() const { return most_ != 0 && packets_ >= most_; }
  // As far as the nodes have said.
  uint64_t lost() const;
  // The last blocks: what came, by interface; what was lost, which a node counts as a whole, at the
  // first interface of each.
  std::string end() const;

 private:
  std::string packet(uint32_t interface, const trace::TapPacket& packet);

  const ClusterNames& names_;
  uint32_t snap_;
  uint64_t most_;
  std::map<std::pair<std::string, uint32_t>, uint32_t> interfaces_;  // by node and place
  std::vector<uint64_t> received_;                                   // by interface
  uint64_t packets_ = 0;
  std::map<std::string, trace::TapTally> tallies_;  // by node, the last one
};

}  // namespace skiff::cli
