// SPDX-License-Identifier: Apache-2.0
// Brings one object of bpf/ into the kernel: constants set, maps sized and shared through their
// pins, errors with the end of the verifier's log.
#pragma once

#include <bpf/libbpf.h>

#include <functional>
#include <memory>
#include <string>
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

// Points every map of `object` at its pin, so that objects and restarts share them. A pinned map of
// another type or with other key or value sizes is unpinned, so that a new one is made: its name is
// appended to `recreated`.
Status adopt_maps(bpf_object* object, const DatapathOptions& options,
                  std::vector<std::string>& recreated);

// Opens and loads skeleton T. `configure` runs in between.
template <class T>
Result<Skeleton<T>> load_skeleton(const char* name, const DatapathOptions& options,
                                  const std::function<void(T&)>& configure,
                                  std::vector<std::string>& recreated) {
  const LogCapture log;
  Skeleton<T> skeleton(T::open(nullptr));
  if (!skeleton) return errno_status(errno, fmt::format("open object {}", name));
  configure(*skeleton);
  RETURN_IF_ERROR(adopt_maps(skeleton->obj, options, recreated), "object {}", name);
  if (const int failed = T::load(skeleton.get()); failed != 0) {
    return annotate(errno_status(-failed, log.tail()), fmt::format("load object {}", name));
  }
  return skeleton;
}

}  // namespace skiff::datapath
