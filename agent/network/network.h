// SPDX-License-Identifier: Apache-2.0
// The pod network of one node: answers CNI calls, keeps the attachments and the routes to other
// nodes.
//
// ADD is allocate → journal → create → attach (the datapath) → program → journal again → answer. A
// crash anywhere leaves an attachment that its journal entry names; start() rolls back what was not
// finished and takes up what was.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/network/attacher.h"
#include "agent/network/cni_server.h"
#include "agent/network/ipam.h"
#include "agent/network/journal.h"
#include "agent/network/keyed_lock.h"
#include "agent/network/node_setup.h"
#include "agent/network/routes.h"
#include "base/clock.h"

namespace skiff::network {

// The places of an ADD at which a crash has to heal; reported to Options::on_step.
enum class AddStep { kAllocated, kJournaled, kCreated, kHooked, kProgrammed, kCommitted };

struct Options {
  std::string node_name;
  std::filesystem::path run_directory;   // cni.sock and cni-tombstones/ are made here
  std::filesystem::path data_directory;  // network/attachments/ is made here
  std::filesystem::path conf_directory;  // the runtime's; empty: no conflist is written
  std::string uplink;                    // empty: the device of the default route
  uint32_t mtu = 0;  // of pods; 0: the uplink's, less what the overlay needs while there is one
  OverlayMode overlay = OverlayMode::kAuto;
  bool carries_clients = false;  // Fabric's
  unsigned workers = 4;          // threads for kernel calls, which mostly wait for its one lock
  std::function<void(AddStep, const std::string& key)>
      on_step;  // on any thread; for tests and timing
};

// Lives on the loop, whose thread must be in the node's network namespace when this is made. All
// calls on the loop.
class Network {
 public:
  // `attacher` may be null; it outlives this, as `clock` does.
  Network(Executor executor, Options options, const Clock& clock, Attacher* attacher);
  ~Network();

  // Prepares the node, restores the attachments, then serves calls: ADD is refused with "try again
  // later" until set_ranges.
  awaitable<Status> start();
  // The pod ranges of this node, one per family; may change. Makes ADD possible and writes the
  // conflist, last.
  awaitable<Status> set_ranges(std::vector<Cidr> ranges);
  bool ready() const { return started_ && ipam_.ready(); }

  // Makes the ways to other nodes' pods so: routes, the overlay, and the MTU of pods, also of those
  // that run. `nodes` holds this node if its addresses are known. The skipped ranges are no error.
  awaitable<Result<std::vector<RoutePlan::Skipped>>> sync_routes(std::vector<PeerNode> nodes);

  // Every attachment that was answered, by container.
  std::vector<Attachment> pods() const;
  // Null if there is none. An attachment's interface is eth0 unless somebody calls by hand.
  const Attachment* find(const std::string& container_id,
                         const std::string& interface = "eth0") const;
  // Called after every change; those present are delivered at once. Observers live as long as this.
  using Observer = std::function<void(const Attachment&, bool attached)>;
  void subscribe(Observer observer);

  // Removes attachments older than kSandboxStart at `listed_at` whose container is not in `live`:
  // runtimes forget DELs. Younger ones may be of sandboxes that have not come up yet, which
  // runtimes list only once they run. Goes on after errors.
  static constexpr std::chrono::minutes kSandboxStart{5};
  awaitable<Status> collect(std::set<std::string> live, TimePoint listed_at);
  // The same where no runtime can be asked: removes attachments whose device has gone, as it does
  // with the pod's network namespace.
  awaitable<Status> collect_gone();
  // Whether both ends are as ADD made them; runtimes never ask (CHECK), so the caller should from
  // time to time.
  awaitable<Status> check(std::string container_id, std::string interface = "eth0");

  // Withdraws from the runtime; attachments stay, so that DEL still works. For uninstalling only,
  // not for a restart.
  Status uninstall();

  awaitable<CniAnswer> call(CniCall call);  // what the socket leads to
  std::filesystem::path socket_path() const { return options_.run_directory / "cni.sock"; }

 private:
  awaitable<Status> restore();
  awaitable<Status> restore_one(Attachment attachment);
  awaitable<Status> run(const CniRequest& request, CniAnswer& answer);
  awaitable<Result<Attachment>> add(const CniRequest& request);
  awaitable<Status> build(Attachment& attachment);
  Status finish_link(Attachment& attachment);  // on a worker
  awaitable<Status> tear_down(Attachment attachment);
  awaitable<Status> remove(std::string key);
  awaitable<Status> remove_all(std::vector<std::string> keys);
  awaitable<Status> take_missed_removals();
  awaitable<Status> set_pod_mtu(uint32_t mtu);
  void notify(const Attachment& attachment, bool attached);
  void step(AddStep step, const std::string& key) const;

  Executor executor_;
  Options options_;
  const Clock& clock_;
  Attacher* attacher_;
  asio::thread_pool workers_;
  Journal journal_;
  Ipam ipam_;
  KeyedLock lock_;
  CniServer server_;
  Uplink uplink_;
  uint32_t pod_mtu_ = 0;
  bool started_ = false;
  std::map<std::string, Attachment> attachments_;  // by key(); also those in the making
  std::vector<Observer> observers_;
};

}  // namespace skiff::network
