// SPDX-License-Identifier: Apache-2.0
// A node's proxy over the maps of some ground, driven by the commands of a script.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/datapath/maps.h"
#include "agent/proxy/frontend_writer.h"
#include "agent/proxy/service_plan.h"
#include "api/core/pod.h"
#include "tests/fakes/fake_clock.h"
#include "tests/scripts/script.h"

namespace skiff::scripts {

// Where the maps are: in memory, or in the kernel.
class Ground {
 public:
  virtual ~Ground() = default;
  // Empty maps, in place of those before; `backend_slots` absent: as many as a node has.
  virtual Result<datapath::Maps*> clear(std::optional<uint32_t> backend_slots) = 0;
  // The same maps, as a new agent finds them.
  virtual Result<datapath::Maps*> reopen() = 0;
};

class Scene {
 public:
  explicit Scene(Ground& ground) : ground_(ground) {}

  Status begin() { return make_room(std::nullopt); }
  Status run(const Command& command);
  // What `skiff services` would print.
  Result<std::string> maps() const;

 private:
  Status apply(const std::string& yaml);
  Status remove(const std::string& key);
  Status look_from(const std::string& argument);
  Status set_nodes(std::string argument);
  Status make_room(std::optional<uint32_t> slots);
  Status restart();
  Status sync(const std::string& key);
  Status sync_pod(const std::string& key);
  Status sync_all();
  void note_refused(const std::string& key, const std::vector<std::string>& refused,
                    const Status& applied);

  Ground& ground_;
  proxy::Viewpoint view_ = {.node = "node-1", .zone = "", .node_addresses = {}};
  std::map<std::string, std::vector<std::string>> refused_;
  std::map<std::string, std::vector<IpAddress>> load_balancers_;
  FakeClock clock_;
  datapath::Maps* maps_ = nullptr;  // of the ground
  std::unique_ptr<proxy::FrontendWriter> writer_;
  std::map<std::string, api::Service> services_;
  std::map<std::string, api::Pod> pods_;
  std::map<std::string, std::map<std::string, proxy::SlicePtr>> slices_;
};

// Every *.script of this folder, and the name of its test.
std::vector<std::filesystem::path> all_scripts();
std::string script_name(const std::filesystem::path& script);

// Runs it: a gtest failure for each `maps` that says something else.
void play(const std::filesystem::path& script, Ground& ground);

}  // namespace skiff::scripts
