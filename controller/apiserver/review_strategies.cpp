// SPDX-License-Identifier: Apache-2.0
// Reviews: questions that are created, answered in their status, and never stored.
#include "api/authentication/types.h"
#include "api/authorization/types.h"
#include "base/check.h"
#include "controller/apiserver/strategies.h"

namespace skiff::apiserver {
namespace {

api::UserInfo info_of(const User& user) {
  return {.username = user.name, .uid = user.uid, .groups = user.groups, .extra = user.extra};
}

User user_of(const api::SubjectAccessReviewSpec& spec) {
  return {.name = spec.user, .uid = spec.uid, .groups = spec.groups, .extra = spec.extra};
}

// The request that the attributes describe; 422 unless exactly one of them is given.
template <class Spec>
Result<RequestInfo> request_of(const Spec& spec, const char* kind) {
  if (spec.resourceAttributes.has_value() == spec.nonResourceAttributes.has_value())
    return errors::invalid(
        {"authorization.k8s.io", kind}, "",
        {cause::invalid("spec.resourceAttributes", "null",
                        "exactly one of nonResourceAttributes or resourceAttributes must be "
                        "specified")});
  if (spec.nonResourceAttributes)
    return RequestInfo{.path = spec.nonResourceAttributes->path,
                       .verb = spec.nonResourceAttributes->verb};
  const api::ResourceAttributes& wanted = *spec.resourceAttributes;
  return RequestInfo{.is_resource = true,
                     .verb = wanted.verb,
                     .group = wanted.group,
                     .version = wanted.version,
                     .namespace_ = wanted.namespace_,
                     .resource = wanted.resource,
                     .name = wanted.name,
                     .subresource = wanted.subresource};
}

Status judge(api::SubjectAccessReviewStatus& status, const User& user,
             const Result<RequestInfo>& info, WriteContext& context) {
  RETURN_IF_ERROR(info);
  CHECK(context.access != nullptr);
  const Decision decision = context.access->authorize(user, *info);
  status = {.allowed = decision.allowed, .reason = decision.reason};
  return absl::OkStatus();
}

class WhoAmI final : public TypedStrategy<api::SelfSubjectReview> {
  Status create(api::SelfSubjectReview& review, WriteContext& context) const override {
    review.status.userInfo = info_of(context.user);
    return absl::OkStatus();
  }
};

class MayI final : public TypedStrategy<api::SelfSubjectAccessReview> {
  Status create(api::SelfSubjectAccessReview& review, WriteContext& context) const override {
    return judge(review.status, context.user, request_of(review.spec, "SelfSubjectAccessReview"),
                 context);
  }
};

class MayThey final : public TypedStrategy<api::SubjectAccessReview> {
  Status create(api::SubjectAccessReview& review, WriteContext& context) const override {
    return judge(review.status, user_of(review.spec),
                 request_of(review.spec, "SubjectAccessReview"), context);
  }
};

class MayTheyHere final : public TypedStrategy<api::LocalSubjectAccessReview> {
  Status create(api::LocalSubjectAccessReview& review, WriteContext& context) const override {
    if (review.spec.resourceAttributes)
      review.spec.resourceAttributes->namespace_ = review.metadata.namespace_;
    return judge(review.status, user_of(review.spec),
                 request_of(review.spec, "LocalSubjectAccessReview"), context);
  }
};

// Rules are told where they are all-embracing; anything finer is only known by asking about it.
class WhatMayI final : public TypedStrategy<api::SelfSubjectRulesReview> {
  Status create(api::SelfSubjectRulesReview& review, WriteContext& context) const override {
    CHECK(context.access != nullptr);
    const std::vector<std::string> any = {"*"};
    RequestInfo all{.is_resource = true, .verb = "*", .group = "*", .resource = "*"};
    all.namespace_ = review.spec.namespace_;
    if (context.access->authorize(context.user, all).allowed) {
      review.status.resourceRules = {{.verbs = any, .apiGroups = any, .resources = any}};
      review.status.nonResourceRules = {{.verbs = any, .nonResourceURLs = any}};
    } else {
      review.status.resourceRules = {
          {.verbs = {"create"},
           .apiGroups = {"authorization.k8s.io"},
           .resources = {"selfsubjectaccessreviews", "selfsubjectrulesreviews"}},
          {.verbs = {"create"},
           .apiGroups = {"authentication.k8s.io"},
           .resources = {"selfsubjectreviews"}}};
      review.status.nonResourceRules = {
          {.verbs = {"get"},
           .nonResourceURLs = {"/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez",
                               "/openapi", "/openapi/*", "/readyz", "/version"}}};
      review.status.incomplete = true;
    }
    return absl::OkStatus();
  }
};

class WhoseToken final : public TypedStrategy<api::TokenReview> {
  Status create(api::TokenReview& review, WriteContext& context) const override {
    CHECK(context.access != nullptr);
    const auto user = context.access->identify(review.spec.token);
    review.status = {};
    if (!user.ok()) {
      review.status.error = "invalid bearer token";
      return absl::OkStatus();
    }
    review.status.authenticated = true;
    review.status.user = info_of(*user);
    review.status.audiences = review.spec.audiences;
    return absl::OkStatus();
  }
};

}  // namespace

std::shared_ptr<const Strategy> review_strategy(const api::TypeInfo& type) {
  if (&type == &api::type_of<api::SelfSubjectReview>()) return std::make_shared<WhoAmI>();
  if (&type == &api::type_of<api::SelfSubjectAccessReview>()) return std::make_shared<MayI>();
  if (&type == &api::type_of<api::SubjectAccessReview>()) return std::make_shared<MayThey>();
  if (&type == &api::type_of<api::LocalSubjectAccessReview>())
    return std::make_shared<MayTheyHere>();
  if (&type == &api::type_of<api::SelfSubjectRulesReview>()) return std::make_shared<WhatMayI>();
  if (&type == &api::type_of<api::TokenReview>()) return std::make_shared<WhoseToken>();
  return nullptr;
}

}  // namespace skiff::apiserver
