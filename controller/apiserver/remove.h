// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/meta.h"
#include "base/async.h"
#include "controller/apiserver/backend.h"
#include "controller/apiserver/call.h"
#include "controller/apiserver/object.h"

namespace skiff::apiserver {

// DeleteOptions from the body, or from query parameters where the body is silent.
Result<api::DeleteOptions> delete_options(const Call& call);

struct Removal {
  bool finished = false;  // gone; else deletion has begun and `object` shows it
  store::Bytes object;
  std::string uid;
};

// Deletes `name` of call.resource in `namespace_`, or begins to.
awaitable<Result<Removal>> remove_object(Backend& backend, const Call& call, std::string namespace_,
                                         std::string name, const api::DeleteOptions& options);

// True if nothing holds an object that is to be deleted.
bool may_go(const Resource& resource, const Object& object);

}  // namespace skiff::apiserver
