// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/view.h"

namespace skiff::apiserver {

Result<Object> object_from_stored(const Resource& resource, std::string_view stored) {
  if (resource.view) return resource.view->shown(stored);
  ASSIGN_OR_RETURN(Object object, Object::from_json(*resource.kind, stored), "stored object");
  return object;
}

std::string json_to_store(const Resource& resource, const Object& object) {
  return resource.view ? resource.view->stored(object) : object.to_json();
}

Result<store::Bytes> bytes_to_show(const Resource& resource, const store::Bytes& stored) {
  if (!resource.view) return stored;
  ASSIGN_OR_RETURN(const Object object, resource.view->shown(*stored));
  return std::make_shared<const std::string>(object.to_json());
}

}  // namespace skiff::apiserver
