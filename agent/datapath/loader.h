// SPDX-License-Identifier: Apache-2.0
// Brings one object of bpf/ into the kernel: constants set, maps sized and shared through their
// pins, errors with the end of the verifier's log.
#pragma once

#include <bpf/libbpf.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/datapath/options.h"
#include "base/result.h"

namespace skiff::datapath {

// A skeleton that destroys itself. Programs and maps it loaded live on where pinned or attached.
template <class T>
struct SkeletonDeleter {
  void operator()(T* skeleton) const { T::destroy(skeleton); }
};
template <class T>
using Skeleton = std::unique_ptr<T, SkeletonDeleter<T>>;

// What libbpf and the verifier said while a call ran on this thread.
class LogCapture {
 public:
  LogCapture();
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  // The last lines: where the verifier says why.
  std::string tail(size_t lines = 12) const;

 private:
  std::string text_;
};

// What becomes of a pinned map that does not fit.
enum class Misfit : uint8_t {
  kReplace,  // unpinned: the new one begins empty, and its name is noted
  kMigrate,  // stays; the new one is pinned under next/, for MapUpgrade (map_upgrade.h) to fill
};

// Points every map of `object` at its pin, so that objects and restarts share them. A pinned map
// fits if its type and the layout of its keys and values are the same, and if it is large enough.
Status adopt_maps(bpf_object* object, const DatapathOptions& options, Misfit misfit,
                  std::vector<std::string>& replaced);

// Leaves out programs that the running kernel cannot have: at tracepoints that it lacks, in
// netfilter before 6.4 (libbpf 1.1 does not know their section `netfilter/NAME` either). Returns
// the names of those tracepoints, and "netfilter".
std::vector<std::string> leave_out_unknown(bpf_object* object);

// For an object that only reads what others write: every map is the one pinned under `pin_dir`,
// which has to be there, but those `is_own` takes; it may size them.
Status share_maps(bpf_object* object, const std::string& pin_dir,
                  const std::function<bool(bpf_map*, std::string_view name)>& is_own);

// Opens and loads skeleton T. `configure` runs in between. Objects other than those of Datapath
// share its maps, and replace what is theirs alone.
template <class T>
Result<Skeleton<T>> load_skeleton(const char* name, const DatapathOptions& options,
                                  const std::function<void(T&)>& configure,
                                  std::vector<std::string>& replaced,
                                  Misfit misfit = Misfit::kReplace) {
  const LogCapture log;
  Skeleton<T> skeleton(T::open(nullptr));
  if (!skeleton) return errno_status(errno, fmt::format("open object {}", name));
  configure(*skeleton);
  RETURN_IF_ERROR(adopt_maps(skeleton->obj, options, misfit, replaced), "object {}", name);
  if (const int failed = T::load(skeleton.get()); failed != 0) {
    return annotate(errno_status(-failed, log.tail()), fmt::format("load object {}", name));
  }
  return skeleton;
}

}  // namespace skiff::datapath
