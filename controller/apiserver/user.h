// SPDX-License-Identifier: Apache-2.0
// Who asks, and whether they may: the two questions the server asks before anything else.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/http/message.h"
#include "base/result.h"
#include "controller/apiserver/request_info.h"

namespace skiff::apiserver {

inline constexpr const char* kAnonymous = "system:anonymous";
inline constexpr const char* kMasters = "system:masters";
inline constexpr const char* kAuthenticated = "system:authenticated";
inline constexpr const char* kNodes = "system:nodes";

struct User {
  std::string name;
  std::string uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;

  bool in_group(std::string_view group) const;
};

// The user whom every request without credentials stands for.
User anonymous_user();

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Nothing: the request shows no credentials of this kind, ask the next one. UNAUTHENTICATED: it
  // shows wrong ones.
  virtual Result<std::optional<User>> authenticate(const http::Request& request) = 0;
};

struct Decision {
  bool allowed = false;
  std::string reason;  // why not, or by which rule; may be empty
};

class Authorizer {
 public:
  virtual ~Authorizer() = default;
  virtual Decision authorize(const User& user, const RequestInfo& info) = 0;
};

// Both questions about others: what reviews (TokenReview, SubjectAccessReview, …) ask.
class Access {
 public:
  virtual ~Access() = default;
  // UNAUTHENTICATED if nobody owns the token.
  virtual Result<User> identify(const std::string& bearer_token) = 0;
  virtual Decision authorize(const User& user, const RequestInfo& info) = 0;
};

// system:masters, nodes and the system's own controllers may do everything; whoever is known may
// read discovery and ask about himself (system:discovery, system:basic-user); the group
// system:monitoring may read /metrics; anybody may see health and version
// (system:public-info-viewer).
std::unique_ptr<Authorizer> simple_authorizer();

// The 403 for `user` asking `info`, in Kubernetes' words.
Status forbidden(const User& user, const RequestInfo& info, const Decision& decision);

}  // namespace skiff::apiserver
