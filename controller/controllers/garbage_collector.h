// SPDX-License-Identifier: Apache-2.0
// Garbage collector: removes objects whose owners are all gone, and carries out foreground and
// orphan deletion. It knows every stored kind by its metadata alone.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "api/kind.h"
#include "api/meta.h"
#include "kube/client.h"
#include "kube/reconciler.h"
#include "kube/store.h"

namespace skiff::controllers {

// An object of any kind, of which only the metadata is read.
struct AnyMeta {
  api::ObjectMeta metadata;
};

// Pure: what to do with an object's owner references, given which owners are absent and which wait
// for their dependents.
struct OwnersVerdict {
  bool remove = false;                // nobody owns it any more
  bool foreground = false;            // remove it so that its own dependents go first
  std::vector<std::string> dangling;  // uids of references to cut off while other owners remain
};
OwnersVerdict judge_owners(const api::ObjectMeta& object,
                           const std::unordered_set<std::string>& absent,
                           const std::unordered_set<std::string>& waiting_for_dependents,
                           bool has_dependents);

// Keys are uids (in ObjectKey::name), of present objects and of owners that are gone.
class GarbageCollector final : public kube::Reconciler {
 public:
  GarbageCollector(const Executor& executor, kube::Client client);
  awaitable<Result<kube::Outcome>> reconcile(const kube::ObjectKey& key) override;
  // Starts watching every stored kind.
  void watch(const Executor& executor, kube::ReconcileLoop& loop);

 private:
  struct KindStore {
    KindStore(const Executor& executor, const api::Kind& of)
        : kind(of), store(executor, kube::Keep::kPacked) {}
    const api::Kind& kind;
    kube::Store<AnyMeta> store;
  };
  struct Place {
    const KindStore* of = nullptr;
    kube::ObjectKey key;
  };

  void changed(const KindStore& of, const std::shared_ptr<const AnyMeta>& before,
               const std::shared_ptr<const AnyMeta>& after, kube::ReconcileLoop& loop);
  std::shared_ptr<const AnyMeta> find(const std::string& uid, Place& place) const;
  std::vector<Place> dependents_of(const std::string& uid) const;
  bool all_synced() const;
  awaitable<Result<bool>> is_absent(api::OwnerReference owner, std::string ns);
  awaitable<Status> process_finalizers(std::shared_ptr<const AnyMeta> object, Place place);
  awaitable<Status> check_owners(std::shared_ptr<const AnyMeta> object, Place place);
  awaitable<Status> remove_finalizer(std::shared_ptr<const AnyMeta> object, Place place,
                                     std::string finalizer);
  awaitable<Status> remove(std::shared_ptr<const AnyMeta> object, Place place, std::string policy);

  kube::Client client_;
  std::vector<std::unique_ptr<KindStore>> kinds_;
  std::unordered_map<std::string, Place> by_uid_;
  std::unordered_map<std::string, std::unordered_set<std::string>> dependents_;  // owner uid → uids
  kube::ReconcileLoop* loop_ = nullptr;
};

}  // namespace skiff::controllers

namespace skiff::api {
template <>
struct Describe<controllers::AnyMeta> {
  static const TypeInfo type;
};
}  // namespace skiff::api
