// SPDX-License-Identifier: Apache-2.0
// How the datapath learns of pods. Implemented outside of this folder and wired by the daemon.
#pragma once

#include "agent/network/attachment.h"
#include "agent/network/overlay.h"
#include "base/async.h"

namespace skiff::network {

// Called on the loop. Both calls are idempotent: after a restart every attachment is attached
// again, and a failed ADD is detached whatever it reached.
class Attacher {
 public:
  virtual ~Attacher() = default;
  // Both ends exist and are down; no packet of the pod passes before this returns. An error fails
  // the ADD.
  virtual awaitable<Status> attach(Attachment attachment) = 0;
  // The links are gone. An attachment that never came to be attached may be named.
  virtual awaitable<Status> detach(Attachment attachment) = 0;
  // Replaces what is known of the overlay, whose device is there; empty: there is none.
  virtual awaitable<Status> set_overlay(Overlay overlay) = 0;
};

}  // namespace skiff::network
