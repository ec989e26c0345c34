// SPDX-License-Identifier: Apache-2.0
// Turns store events into the lines of one watch: selector transitions, and the form the client
// asked for.
#pragma once

#include <memory>
#include <string>

#include "controller/apiserver/backend.h"
#include "controller/apiserver/call.h"
#include "controller/apiserver/selection.h"

namespace skiff::apiserver {

using Line = std::shared_ptr<const std::string>;

class WatchEncoder {
 public:
  WatchEncoder(Backend& backend, const Call& call, const Selection& selection)
      : backend_(backend), call_(call), selection_(selection) {}

  // Null if the event does not concern this watch.
  Line encode(const store::Event& event);
  // ADDED for an object that exists at the start; null if it is not selected.
  Line initial(const store::RecordPtr& record);
  // `initial_end`: marks the end of the initial events (WatchList).
  Line bookmark(int64_t revision, bool initial_end);
  Line error(const Status& status) const;

 private:
  Line line(std::string_view type, const store::RecordPtr& record);
  Line transformed(std::string_view type, const store::Bytes& stored);

  Backend& backend_;
  const Call& call_;
  const Selection& selection_;
  bool columns_sent_ = false;
};

}  // namespace skiff::apiserver
