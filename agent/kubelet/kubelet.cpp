// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/kubelet.h"

#include <spdlog/spdlog.h>

#include <thread>

#include "agent/kubelet/housekeeping.h"
#include "agent/kubelet/pod_end.h"
#include "agent/kubelet/pod_sync.h"

namespace skiff::kubelet {
namespace {

constexpr std::chrono::seconds kHousekeeping{10};
constexpr std::chrono::seconds kMostBackoff{10};  // of a pod that cannot be synced

// Names the pod in logs and tells two pods of one name apart.
kube::ObjectKey queue_key(const PodRecord& record) {
  return {record.namespace_ + "/" + record.name, record.uid};
}

Options complete(Options options) {
  if (options.allocatable_millicores == 0)
    options.allocatable_millicores = 1000 * std::max(1u, std::thread::hardware_concurrency());
  if (options.allocatable_memory_bytes == 0)
    options.allocatable_memory_bytes =
        static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGE_SIZE);
  return options;
}

std::string label(const runtime::StringMap& labels, const char* name) {
  const auto found = labels.find(name);
  return found == labels.end() ? "" : found->second;
}

}  // namespace

Kubelet::Kubelet(Options options, const Dependencies& given)
    : options_(complete(std::move(options))),
      given_(given),
      own_objects_(given.objects ? nullptr
                                 : std::make_unique<ApiObjectSource>(given.executor, given.client,
                                                                     given.clock)),
      objects_(given.objects ? *given.objects : *own_objects_),
      observer_(given.runtime, options_),
      volumes_(options_, objects_, given.pool),
      images_(given.runtime, objects_, given.events, options_, given.clock),
      prober_(given.executor, given.runtime, given.events, given.clock,
              [this](const api::Pod& pod) {
                if (auto found = records_.find(pod.metadata.uid); found != records_.end())
                  enqueue(*found->second);
              }),
      statuses_(given.executor, given.client),
      parts_{.executor = given.executor,
             .options = options_,
             .runtime = given.runtime,
             .client = given.client,
             .services = given.services,
             .events = given.events,
             .clock = given.clock,
             .pool = given.pool,
             .objects = objects_,
             .observer = observer_,
             .volumes = volumes_,
             .images = images_,
             .prober = prober_,
             .statuses = statuses_,
             .enqueue = [this](const PodRecord& record) { enqueue(record); }},
      loop_(given.executor,
            {.name = "pod", .workers = options_.parallel_pods, .backoff = {.most = kMostBackoff}},
            *this),
      relist_now_(given.executor) {}

void Kubelet::start() {
  given_.pods.subscribe(
      [this](const PodPtr& before, const PodPtr& after) { on_pod(before, after); });
  given_.runtime.watch_events([this](const runtime::ContainerEvent& event) { on_event(event); });
  loop_.start();
  spawn(given_.executor, "pod relist", relist_forever());
  spawn(given_.executor, "kubelet housekeeping", keep_house_forever());
}

void Kubelet::enqueue(const PodRecord& record) {
  loop_.enqueue(queue_key(record));
}

void Kubelet::on_pod(const PodPtr& before, const PodPtr& after) {
  // The same name may have passed to another pod, or the pod (never in Kubernetes) to another node.
  const bool same = after && before && before->metadata.uid == after->metadata.uid;
  if (before && !same) {
    if (const auto old = records_.find(before->metadata.uid); old != records_.end()) {
      old->second->gone = true;
      enqueue(*old->second);
    }
  }
  if (!after || after->spec.nodeName != options_.node_name) return;
  RecordPtr& record = records_[after->metadata.uid];
  if (!record) record = std::make_shared<PodRecord>();
  record->namespace_ = after->metadata.namespace_;
  record->name = after->metadata.name;
  record->uid = after->metadata.uid;
  // Files that show labels and annotations follow them at once.
  if (record->pod && (record->pod->metadata.labels != after->metadata.labels ||
                      record->pod->metadata.annotations != after->metadata.annotations))
    record->volumes_checked.reset();
  record->pod = after;
  record->gone = false;
  enqueue(*record);
}

awaitable<Result<kube::Outcome>> Kubelet::reconcile(const kube::ObjectKey& key) {
  const std::string uid = key.name;
  const auto found = records_.find(uid);
  if (found == records_.end()) co_return kube::Outcome::done();
  const RecordPtr record = found->second;
  if (!record->ended) {
    Result<kube::Outcome> outcome =
        record->ending() ? co_await end_pod(parts_, record) : co_await sync_pod(parts_, record);
    if (!outcome.ok() || !record->ended) co_return outcome;
  }
  // Until the API has forgotten it, the record keeps the pod from being started anew.
  if (record->gone || !record->pod) records_.erase(uid);
  co_return kube::Outcome::done();
}

void Kubelet::on_event(const runtime::ContainerEvent& event) {
  if (event.kind != runtime::ContainerEvent::Kind::Exited) return;  // starts are our own doing
  if (const std::string* uid = observer_.owner(event.id))
    spawn(given_.executor, "container exit", watch_exit(event.id, *uid));
  else
    relist_now_.notify();
}

// The event may come before the runtime's own books show the exit: ask again until they do.
awaitable<void> Kubelet::watch_exit(std::string id, std::string uid) {
  for (const int pause_ms : {0, 20, 100, 500, 2000}) {
    co_await sleep_for(std::chrono::milliseconds(pause_ms));
    if (observer_.knows_exit(id)) co_return;
    const auto found = records_.find(uid);
    if (found == records_.end()) co_return;
    enqueue(*found->second);
  }
}

awaitable<void> Kubelet::relist_forever() {
  // Nothing is an orphan before every pod of this node has been seen.
  co_await given_.pods.wait_synced();
  bool first = true;
  for (;;) {
    const Status status = co_await relist();
    if (!status.ok())
      spdlog::warn("list pods of the runtime: {}, retrying", message(status));
    else if (std::exchange(first, false))
      co_await clear_leftovers();
    co_await relist_now_.wait(options_.relist_period);
  }
}

awaitable<Status> Kubelet::relist() {
  CO_ASSIGN_OR_RETURN(const auto sandboxes, (co_await given_.runtime.list_sandboxes({})));
  CO_ASSIGN_OR_RETURN(const auto containers, (co_await given_.runtime.list_containers({})));
  std::unordered_map<std::string, int> listed;
  std::unordered_map<std::string, std::string> owners;
  auto look = [&](const std::string& id, int state, const runtime::StringMap& labels) {
    const std::string uid = label(labels, kPodUidLabel);
    if (uid.empty()) return;  // not a pod of ours
    listed[id] = state;
    owners[id] = uid;
    RecordPtr& record = records_[uid];
    if (!record) {
      record = std::make_shared<PodRecord>();
      record->namespace_ = label(labels, kPodNamespaceLabel);
      record->name = label(labels, kPodNameLabel);
      record->uid = uid;
      record->gone = true;
    }
    const auto before = last_listed_.find(id);
    if (before == last_listed_.end() || before->second != state || record->gone) enqueue(*record);
  };
  for (const auto& sandbox : sandboxes)
    look(sandbox.id, static_cast<int>(sandbox.state), sandbox.labels);
  for (const auto& container : containers)
    look(container.id, static_cast<int>(container.state), container.labels);
  for (const auto& [id, state] : last_listed_) {
    const std::string* uid = observer_.owner(id);
    const auto record = uid ? records_.find(*uid) : records_.end();
    if (!listed.contains(id) && record != records_.end()) enqueue(*record->second);
  }
  last_listed_ = std::move(listed);
  observer_.set_owners(std::move(owners));
  co_return absl::OkStatus();
}

awaitable<void> Kubelet::clear_leftovers() {
  // The disk first: what a pod that arrives meanwhile makes is not in the list.
  std::set<std::string> left =
      co_await offload(given_.pool, [this] { return pods_on_disk(options_); });
  std::erase_if(left, [this](const std::string& uid) { return records_.contains(uid); });
  const Status status =
      co_await offload(given_.pool, [this, left] { return remove_leftovers(options_, left); });
  if (!status.ok()) spdlog::warn("clear what pods left: {}, ignoring", message(status));
}

awaitable<void> Kubelet::keep_house_forever() {
  Housekeeping housekeeping(options_, given_.runtime, given_.pool);
  for (;;) {
    co_await sleep_for(kHousekeeping);
    if (const Status status = co_await housekeeping.run(); !status.ok())
      spdlog::warn("kubelet housekeeping: {}, retrying", message(status));
  }
}

RecordPtr Kubelet::find_record(const std::string& namespace_, const std::string& name) const {
  const PodPtr pod = given_.pods.get({namespace_, name});
  if (!pod) return nullptr;
  const auto found = records_.find(pod->metadata.uid);
  return found == records_.end() ? nullptr : found->second;
}

awaitable<Result<ContainerInstance>> Kubelet::find_instance(std::string namespace_,
                                                            std::string pod_name,
                                                            std::string container, bool previous) {
  const RecordPtr record = find_record(namespace_, pod_name);
  if (!record) co_return not_found("pod \"{}\" not found on this node", pod_name);
  const PodPtr pod = record->pod;
  if (container.empty() && pod->spec.containers.size() == 1)
    container = pod->spec.containers[0].name;
  if (!find_container(*pod, container))
    co_return invalid_argument("container {} is not valid for pod {}", container, pod_name);
  CO_ASSIGN_OR_RETURN(const Observed observed, (co_await observer_.observe(record->uid)));
  const ObservedContainer* instance =
      previous ? observed.previous(container) : observed.latest(container);
  if (!instance && previous)
    co_return invalid_argument("previous terminated container \"{}\" in pod \"{}\" not found",
                               container, pod_name);
  if (!instance)
    co_return invalid_argument("container \"{}\" in pod \"{}\" is waiting to start", container,
                               pod_name);
  co_return ContainerInstance{
      instance->status.id, is_running(instance),
      PodPaths(options_, *pod).log_file(container, instance->status.attempt)};
}

awaitable<Result<std::string>> Kubelet::find_sandbox(std::string namespace_, std::string pod_name) {
  const RecordPtr record = find_record(namespace_, pod_name);
  if (!record) co_return not_found("pod \"{}\" not found on this node", pod_name);
  CO_ASSIGN_OR_RETURN(const Observed observed, (co_await observer_.observe(record->uid)));
  const runtime::Sandbox* sandbox = observed.sandbox();
  if (!sandbox || sandbox->state != runtime::SandboxState::Ready)
    co_return failed_precondition("pod \"{}\" is not running", pod_name);
  co_return sandbox->id;
}

}  // namespace skiff::kubelet
