// SPDX-License-Identifier: Apache-2.0
// authentication.k8s.io/v1: who is it?
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// A user as the authenticator knows them.
struct UserInfo {
  std::string username;
  std::string uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;
};
KUBE_TYPE(UserInfo)

// The token to look at.
struct TokenReviewSpec {
  std::string token;
  std::vector<std::string> audiences;
};
KUBE_TYPE(TokenReviewSpec)

// Whom the token belongs to.
struct TokenReviewStatus {
  bool authenticated = false;
  UserInfo user;
  std::string error;
  std::vector<std::string> audiences;
};
KUBE_TYPE(TokenReviewStatus)

// Asks whom a bearer token belongs to.
struct TokenReview {
  ObjectMeta metadata;
  TokenReviewSpec spec;
  TokenReviewStatus status;
};
KUBE_TYPE(TokenReview)

// The object with which a token dies.
struct BoundObjectReference {
  std::string kind;
  std::string apiVersion;
  std::string name;
  std::string uid;
};
KUBE_TYPE(BoundObjectReference)

// For whom, for how long, bound to what.
struct TokenRequestSpec {
  std::vector<std::string> audiences;
  Box<BoundObjectReference> boundObjectRef;
  std::optional<int64_t> expirationSeconds;
};
KUBE_TYPE(TokenRequestSpec)

// The token.
struct TokenRequestStatus {
  std::string token;
  Time expirationTimestamp;
};
KUBE_TYPE(TokenRequestStatus)

// Asks for a token of a service account.
struct TokenRequest {
  ObjectMeta metadata;
  TokenRequestSpec spec;
  TokenRequestStatus status;
};
KUBE_TYPE(TokenRequest)

// Who the caller is.
struct SelfSubjectReviewStatus {
  UserInfo userInfo;
};
KUBE_TYPE(SelfSubjectReviewStatus)

// Asks who the caller is.
struct SelfSubjectReview {
  ObjectMeta metadata;
  SelfSubjectReviewStatus status;
};
KUBE_TYPE(SelfSubjectReview)

}  // namespace skiff::api
