// SPDX-License-Identifier: Apache-2.0
// Watch events as lines on the wire, made once for all watchers of the same event.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "controller/store/store.h"

namespace skiff::apiserver {

// `{"type":"ADDED","object":…}` and a newline.
std::string watch_line(std::string_view type, std::string_view object);

class WatchFrames {
 public:
  // The line of `type` over `record`'s bytes. Kept for a while: watchers that keep up share it.
  std::shared_ptr<const std::string> line(std::string_view type, const store::RecordPtr& record);

 private:
  static constexpr size_t kKept = 256;
  struct Slot {
    store::RecordPtr record;
    std::string_view type;  // a literal
    std::shared_ptr<const std::string> line;
  };
  Slot slots_[kKept];
};

}  // namespace skiff::apiserver
