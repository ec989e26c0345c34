// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/watch_frames.h"

namespace skiff::apiserver {

std::string watch_line(std::string_view type, std::string_view object) {
  std::string line;
  line.reserve(object.size() + type.size() + 24);
  line.append(R"({"type":")").append(type).append(R"(","object":)").append(object).append("}\n");
  return line;
}

std::shared_ptr<const std::string> WatchFrames::line(std::string_view type,
                                                     const store::RecordPtr& record) {
  Slot& slot = slots_[static_cast<size_t>(record->mod_revision) % kKept];
  if (slot.record == record && slot.type == type) return slot.line;
  slot = {record, type, std::make_shared<const std::string>(watch_line(type, *record->value))};
  return slot.line;
}

}  // namespace skiff::apiserver
