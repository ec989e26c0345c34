// SPDX-License-Identifier: Apache-2.0
// The CNI operations of Network.
#include "agent/network/cni_error.h"
#include "agent/network/network.h"
#include "agent/network/pod_link.h"
#include "agent/network/shaping.h"

namespace skiff::network {
namespace {

std::string subject_of(const CniRequest& request) {
  const std::string pod = request.argument("K8S_POD_NAME");
  if (pod.empty()) return "container " + request.container_id;
  return "pod " + request.argument("K8S_POD_NAMESPACE") + "/" + pod;
}

Attachment attachment_of(const CniRequest& request) {
  const std::string key = request.key();
  return {.container_id = request.container_id,
          .interface = request.interface,
          .netns = request.netns,
          .pod_namespace = request.argument("K8S_POD_NAMESPACE"),
          .pod_name = request.argument("K8S_POD_NAME"),
          .pod_uid = request.argument("K8S_POD_UID"),
          .host_interface = host_interface_of(key),
          .host_mac = host_mac_of(key),
          .pod_mac = pod_mac_of(key),
          .port_mappings = request.port_mappings,
          .bandwidth = request.bandwidth};
}

}  // namespace

awaitable<CniAnswer> Network::call(CniCall call) {
  const std::string version = answer_version(call);
  const Result<CniRequest> request = parse_request(call);
  if (!request.ok()) co_return failed(request.status(), version);
  CniAnswer answer;
  const Status status = co_await run(*request, answer);
  if (!status.ok()) co_return failed(status, version);
  co_return answer;
}

awaitable<Status> Network::run(const CniRequest& request, CniAnswer& answer) {
  switch (request.command) {
    case CniCommand::kAdd: {
      CO_ASSIGN_OR_RETURN(const Attachment attachment, co_await add(request), "add {}",
                          subject_of(request));
      answer = added(attachment, request);
      co_return absl::OkStatus();
    }
    case CniCommand::kDel:
      co_return annotate(co_await remove(request.key()), "delete " + subject_of(request));
    case CniCommand::kCheck:
      co_return annotate(co_await check(request.container_id, request.interface),
                         "check " + subject_of(request));
    case CniCommand::kGc: {
      std::vector<std::string> gone;
      for (const auto& [key, attachment] : attachments_)
        if (attachment.attached && !std::ranges::count(request.valid_attachments, key))
          gone.push_back(key);
      co_return annotate(co_await remove_all(std::move(gone)), "collect");
    }
    case CniCommand::kStatus:
      if (!ready())
        co_return cni_error(CniCode::kNotAvailable,
                            fmt::format("node {} has no pod range yet", options_.node_name));
      co_return absl::OkStatus();
    case CniCommand::kVersion:
      answer = versions(request);
      co_return absl::OkStatus();
  }
  co_return internal_error("unknown command");
}

awaitable<Result<Attachment>> Network::add(const CniRequest& request) {
  if (!ready())
    co_return cni_error(CniCode::kTryAgainLater,
                        fmt::format("node {} has no pod range yet", options_.node_name));
  const std::string key = request.key();
  const KeyedLock::Guard guard = co_await lock_.acquire(key);
  if (attachments_.contains(key))
    co_return already_exists("{} of {} is attached already", request.interface,
                             request.container_id);
  Attachment attachment = attachment_of(request);
  attachment.mtu = pod_mtu_;
  attachment.created = clock_.now();
  CO_ASSIGN_OR_RETURN(attachment.addresses, ipam_.allocate());
  attachments_.emplace(key, attachment);
  step(AddStep::kAllocated, key);

  const Status built = co_await build(attachment);
  if (!built.ok()) {
    // Best effort: what is left now, the DEL that follows or the next start removes.
    (void)co_await tear_down(attachment);
    co_return built;
  }
  attachments_[key] = attachment;
  notify(attachment, true);
  co_return attachment;
}

Status Network::finish_link(Attachment& attachment) {
  ASSIGN_OR_RETURN(attachment.shaping, shape_pod_link(attachment, uplink_), "bandwidth");
  // Now with the link's index, by which the datapath is told to forget it after a crash.
  return journal_.write(attachment);
}

awaitable<Status> Network::build(Attachment& attachment) {
  Result<Attachment> created =
      co_await offload(workers_, [this, attachment]() mutable -> Result<Attachment> {
        RETURN_IF_ERROR(journal_.write(attachment));
        step(AddStep::kJournaled, attachment.key());
        RETURN_IF_ERROR(create_pod_link(attachment));
        step(AddStep::kCreated, attachment.key());
        const Status finished = finish_link(attachment);
        if (!finished.ok()) {
          (void)remove_pod_link(attachment.host_interface, attachment.host_mac);
          return finished;
        }
        return attachment;
      });
  CO_RETURN_IF_ERROR(created);
  attachment = std::move(created).value();
  if (attacher_ != nullptr)
    CO_RETURN_IF_ERROR(co_await attacher_->attach(attachment), "attach to {}",
                       attachment.host_interface);
  step(AddStep::kHooked, attachment.key());
  attachment.attached = true;
  const Status programmed = co_await offload(workers_, [this, attachment]() -> Status {
    RETURN_IF_ERROR(program_pod_link(attachment));
    step(AddStep::kProgrammed, attachment.key());
    RETURN_IF_ERROR(journal_.write(attachment));
    step(AddStep::kCommitted, attachment.key());
    return absl::OkStatus();
  });
  co_return programmed;
}

awaitable<Status> Network::remove(std::string key) {
  const KeyedLock::Guard guard = co_await lock_.acquire(key);
  const auto it = attachments_.find(key);
  Attachment attachment;
  if (it != attachments_.end()) {
    attachment = it->second;
  } else {
    // Without a record, what its name alone tells may still be there.
    const size_t at = key.find('@');
    attachment.container_id = key.substr(0, at);
    attachment.interface = key.substr(at + 1);
    attachment.host_interface = host_interface_of(key);
    attachment.host_mac = host_mac_of(key);
  }
  co_return co_await tear_down(std::move(attachment));
}

awaitable<Status> Network::tear_down(Attachment attachment) {
  const std::string key = attachment.key();
  CO_RETURN_IF_ERROR(co_await offload(workers_, [attachment] {
    return remove_pod_link(attachment.host_interface, attachment.host_mac);
  }));
  // After the link: while it was there, nothing of the pod passed without the datapath.
  if (attacher_ != nullptr && attachment.host_index != 0)
    CO_RETURN_IF_ERROR(co_await attacher_->detach(attachment), "detach from {}",
                       attachment.host_interface);
  CO_RETURN_IF_ERROR(co_await offload(workers_, [this, key] { return journal_.remove(key); }));
  ipam_.release(attachment.addresses);
  if (attachments_.erase(key) > 0) notify(attachment, false);
  co_return absl::OkStatus();
}

awaitable<Status> Network::check(std::string container_id, std::string interface) {
  const Attachment* found = find(container_id, interface);
  if (found == nullptr)
    co_return cni_error(CniCode::kUnknownContainer,
                        fmt::format("container {} has no {}", container_id, interface));
  const Attachment attachment = *found;
  co_return co_await offload(workers_, [attachment]() -> Status {
    RETURN_IF_ERROR(check_pod_link(attachment));
    return check_pod_shaping(attachment);
  });
}

void Network::step(AddStep step, const std::string& key) const {
  if (options_.on_step) options_.on_step(step, key);
}

}  // namespace skiff::network
