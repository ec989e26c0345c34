// SPDX-License-Identifier: Apache-2.0
// Brings the entries of maps over when their layout or size has changed. While it goes on, the old
// map is PIN_DIR/maps/NAME and the new one PIN_DIR/next/NAME; a crash at any point leaves a state
// that the next start goes on from: the old map is dropped by one rename, after every program reads
// the new one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/datapath/kernel_map.h"
#include "agent/datapath/layout.h"

namespace skiff::datapath {

// Where the map `name` is to be found: next/ during an upgrade, else maps/.
std::string map_path(const std::string& pin_dir, const std::string& name);

class MapUpgrade {
 public:
  // Looks for pairs of an old and a new map under `pin_dir`. Programs are not switched yet.
  static Result<MapUpgrade> find(const std::string& pin_dir);

  bool empty() const { return maps_.empty(); }
  std::vector<std::string> names() const;
  // Maps whose old entries cannot be read, with the reason; their new ones begin empty.
  const std::vector<std::string>& unreadable() const { return unreadable_; }
  // One of them is written by the agent: it has to be written anew before programs may read it.
  bool must_wait() const { return must_wait_; }

  // Before programs are switched: everything, then what programs wrote meanwhile.
  Status copy();
  // After: what programs wrote to the old maps until the last of them was switched.
  Status catch_up();
  // The new maps take the place of the old ones. Idempotent.
  Status finish();

 private:
  struct Pair {
    std::string name;
    KernelMapHandle from, to;
    // Absent: nothing is copied.
    std::optional<Conversion> key, value;
  };
  Status add(const std::string& name);
  Status copy_all(const Pair& pair) const;
  Status copy_missing(const Pair& pair) const;

  std::string pin_dir_;
  std::vector<Pair> maps_;
  std::vector<std::string> finishable_;
  std::vector<std::string> unreadable_;
  bool must_wait_ = false;
};

}  // namespace skiff::datapath
