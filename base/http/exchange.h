// SPDX-License-Identifier: Apache-2.0
// One request of a client and its answer, whatever the wire version.
#pragma once

#include <memory>
#include <string>

#include "base/http/message.h"

namespace skiff::http {

class Exchange {
 public:
  virtual ~Exchange() = default;
  // Suspends until status() and headers() are there.
  virtual awaitable<Status> head() = 0;
  virtual int status() const = 0;
  virtual const Headers& headers() const = 0;
  // The next piece of the body, empty at the end.
  virtual awaitable<Result<std::string>> read() = 0;
  // Gives the answer up; what waits for it gets `why`. Nothing after the end.
  virtual void cancel(const Status& why) = 0;
  // After a failure: the server has surely not acted on the request, which may be sent again.
  virtual bool unprocessed() const = 0;
};

}  // namespace skiff::http
