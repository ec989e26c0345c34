// SPDX-License-Identifier: Apache-2.0
#include "base/http/server_state.h"

namespace skiff::http {

awaitable<void> serve_h2(Accepted accepted) {
  accepted.wire->close();
  co_return;
}

}  // namespace skiff::http
