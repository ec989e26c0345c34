// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/kubelet.h"

#include <spdlog/spdlog.h>

#include <random>
#include <thread>

#include "agent/kubelet/housekeeping.h"
#include "agent/kubelet/pod_end.h"
#include "agent/kubelet/pod_sync.h"
#include "agent/kubelet/volumes/empty_dir.h"

namespace skiff::kubelet {
namespace {

constexpr std::chrono::seconds kMostBackoff{10};  // of a pod that cannot be synced

// Names the pod in logs and tells two pods of one name apart.
kube::ObjectKey queue_key(const PodRecord& record) {
  return {record.namespace_ + "/" + record.name, record.uid};
}

// Of the file system that holds `directory`, or will; 0 where nobody can tell.
int64_t disk_bytes(std::filesystem::path directory) {
  std::error_code error;
  while (!std::filesystem::exists(directory, error) && directory.has_relative_path())
    directory = directory.parent_path();
  const auto space = std::filesystem::space(directory, error);
  return error ? 0 : static_cast<int64_t>(space.capacity);
}

Options complete(Options options) {
  if (options.allocatable_millicores == 0)
    options.allocatable_millicores = 1000 * std::max(1u, std::thread::hardware_concurrency());
  if (options.allocatable_memory_bytes == 0)
    options.allocatable_memory_bytes =
        static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGE_SIZE);
  if (options.allocatable_disk_bytes == 0)
    options.allocatable_disk_bytes = disk_bytes(options.data_dir);
  return options;
}

std::string label(const runtime::StringMap& labels, const char* name) {
  const auto found = labels.find(name);
  return found == labels.end() ? "" : found->second;
}

double random_fraction() {
  static std::mt19937 generator{std::random_device{}()};
  return std::uniform_real_distribution<>(0, 1)(generator);
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
      metrics_(given.metrics, options_.node_name),
      prober_({.executor = given.executor,
               .runtime = given.runtime,
               .events = given.events,
               .clock = given.clock,
               .metrics = metrics_,
               .on_change =
                   [this](const api::Pod& pod) {
                     if (auto found = records_.find(pod.metadata.uid); found != records_.end())
                       enqueue(*found->second);
                   },
               .random = random_fraction}),
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
             .metrics = metrics_,
             .enqueue = [this](const PodRecord& record) { enqueue(record); }},
      loop_(given.executor,
            {.name = "pod",
             .workers = options_.parallel_pods,
             .backoff = {.most = kMostBackoff},
             .metrics = &given.metrics},
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

void Kubelet::refresh_metrics() {
  RunningCounts counts;
  for (const auto& [uid, record] : records_) counts += record->running;
  metrics_.show(counts);
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
  if (!record->seen) record->seen = given_.clock.now();
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
    const auto began = std::chrono::steady_clock::now();
    const bool ending = record->ending();
    Result<kube::Outcome> outcome =
        ending ? co_await end_pod(parts_, record) : co_await sync_pod(parts_, record);
    metrics_.pod_worked(ending ? "terminating" : "sync", std::chrono::steady_clock::now() - began);
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
    const auto began = std::chrono::steady_clock::now();
    const Status status = co_await relist();
    metrics_.relisted(std::chrono::steady_clock::now() - began);
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
    co_await sleep_for(options_.housekeeping_period);
    if (const Status status = co_await housekeeping.run(); !status.ok())
      spdlog::warn("kubelet housekeeping: {}, retrying", message(status));
    co_await evict_greedy_pods();
  }
}

// Those whose emptyDir holds more than its limit.
awaitable<void> Kubelet::evict_greedy_pods() {
  std::vector<RecordPtr> limited;
  for (const auto& [uid, record] : records_)
    if (!record->ending() && !record->memory.failed && has_limited_empty_dir(*record->pod))
      limited.push_back(record);
  for (const RecordPtr& record : limited) {
    const PodPtr pod = record->pod;
    const auto exceeded = co_await offload(
        given_.pool, [this, pod] { return exceeded_empty_dir(*pod, PodPaths(options_, *pod)); });
    if (!exceeded || record->ending() || record->memory.failed) continue;
    record->memory.failed = Waiting{"Evicted", *exceeded};
    given_.events.warning(kube::reference_to(*pod), "Evicted", *exceeded);
    enqueue(*record);
  }
}

}  // namespace skiff::kubelet
