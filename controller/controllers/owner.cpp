// SPDX-License-Identifier: Apache-2.0
#include "controller/controllers/owner.h"

#include "api/codec.h"

namespace skiff::controllers {

const api::OwnerReference* controller_of(const api::ObjectMeta& metadata) {
  for (const api::OwnerReference& owner : metadata.ownerReferences)
    if (owner.controller.value_or(false)) return &owner;
  return nullptr;
}

api::OwnerReference controller_reference(const api::Kind& kind, const api::ObjectMeta& owner) {
  api::OwnerReference reference;
  reference.apiVersion = kind.api_version();
  reference.kind = std::string(kind.kind);
  reference.name = owner.name;
  reference.uid = owner.uid;
  reference.controller = true;
  reference.blockOwnerDeletion = true;
  return reference;
}

std::string adoption_patch(const api::OwnerReference& owner, const std::string& uid) {
  return fmt::format(R"({{"metadata":{{"uid":"{}","ownerReferences":[{}]}}}})", uid,
                     api::encode_json(owner));
}

// A strategic patch: the uid of the object in it is a precondition.
std::string release_patch(const api::ObjectMeta& object, const std::string& owner_uid) {
  return fmt::format(
      R"({{"metadata":{{"uid":"{}","ownerReferences":[{{"$patch":"delete","uid":"{}"}}]}}}})",
      object.uid, owner_uid);
}

}  // namespace skiff::controllers
