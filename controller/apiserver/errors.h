// SPDX-License-Identifier: Apache-2.0
// Errors as Kubernetes words them. Each is a Status that carries its HTTP code and its `kind:
// Status` document along, through every annotate(); a Status from elsewhere gets both by its absl
// code.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/http/message.h"
#include "base/result.h"

namespace skiff::apiserver {

// `pods`, `deployments.apps`: how messages name a resource. Also a kind: `Deployment.apps`.
struct Qualified {
  std::string_view group;
  std::string_view name;
  std::string to_string() const;
};

// One entry of details.causes: reason is FieldValueRequired, FieldValueInvalid, …; message without
// the field.
struct Cause {
  std::string reason;
  std::string message;
  std::string field;
};

// What a Status document says, apart from its code.
struct StatusDetails {
  std::string name;
  std::string group;
  std::string kind;  // the resource (plural) of most errors, the kind of Invalid ones
  std::string uid;
  std::vector<Cause> causes;
  int retry_after_seconds = 0;
};

// Causes in the wording of Kubernetes' field errors.
namespace cause {
Cause required(std::string field, std::string_view detail = {});
// `value` is JSON text, as it stands in the object.
Cause invalid(std::string field, std::string_view value, std::string_view detail);
Cause not_supported(std::string field, std::string_view value,
                    const std::vector<std::string>& supported);
Cause duplicate(std::string field, std::string_view value);
Cause forbidden(std::string field, std::string_view detail);
}  // namespace cause

namespace errors {
Status not_found(const Qualified& resource, std::string_view name);
Status already_exists(const Qualified& resource, std::string_view name);
// The whole sentence behind `Operation cannot be fulfilled on pods "x": `.
Status conflict(const Qualified& resource, std::string_view name, std::string_view reason);
Status modified(const Qualified& resource, std::string_view name);
// Server-side apply of what other managers own: one cause a field.
Status apply_conflict(std::string_view message, std::vector<Cause> causes);
Status invalid(const Qualified& kind, std::string_view name, std::vector<Cause> causes);
// `pods "x" is forbidden: REASON`.
Status forbidden(const Qualified& resource, std::string_view name, std::string_view reason,
                 std::vector<Cause> causes = {});
Status bad_request(std::string_view message);
Status unauthorized();
// `continue_token` goes into the metadata of the document: how to go on all the same.
Status expired(std::string_view message, std::string_view continue_token = {});
Status too_large_revision(int64_t wanted, int64_t current);
Status method_not_allowed(std::string_view message);
Status not_acceptable();
Status unsupported_media_type(std::string_view accepted);
Status too_many_requests(std::string_view message, int retry_after_seconds,
                         std::vector<Cause> causes = {});
Status request_too_large(size_t limit_bytes);
Status server_timeout(std::string_view message);
Status unavailable(std::string_view message);
Status internal(std::string_view message);
// 500 with nothing but the message, as Kubernetes answers what its libraries refuse.
Status plain(std::string_view message);
}  // namespace errors

// An ABORTED of the store itself: another writer was faster. Conflicts worded by errors:: are
// answers, this is a reason to retry.
bool is_store_conflict(const Status& status);

// The HTTP code of `status`: its own, or the one that belongs to its absl code.
int http_code(const Status& status);
// The metav1.Status document of `status`.
std::string status_document(const Status& status);
// The document of a success, as a removal answers it.
std::string success_document(const StatusDetails& details);
http::Response error_response(const Status& status);

}  // namespace skiff::apiserver
