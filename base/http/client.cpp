// SPDX-License-Identifier: Apache-2.0
#include "base/http/client.h"

namespace skiff::http {

std::unique_ptr<Client> Client::make(const Executor&, ClientOptions) {
  return nullptr;
}

}  // namespace skiff::http
