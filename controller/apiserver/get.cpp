// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/errors.h"
#include "controller/apiserver/list_options.h"
#include "controller/apiserver/render.h"
#include "controller/apiserver/verbs.h"
#include "controller/apiserver/view.h"

namespace skiff::apiserver {

Answer get(Backend& backend, Call& call) {
  CO_ASSIGN_OR_RETURN(const ListOptions options, parse_list_options(call.query(), false));
  if (options.revision.value_or(0) > 0) {
    const Status reached = co_await backend.store.reach(*options.revision, backend.freshness);
    if (!reached.ok())
      co_return errors::too_large_revision(*options.revision, backend.store.revision());
  }
  const auto record = backend.store.get(call.key());
  if (!record.ok()) co_return errors::not_found(call.resource->qualified(), call.info.name);
  CO_ASSIGN_OR_RETURN(store::Bytes bytes, bytes_to_show(*call.resource, (*record)->value));
  co_return object_response(backend, call, 200, std::move(bytes));
}

}  // namespace skiff::apiserver
