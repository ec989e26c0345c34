// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/fake_runtime.h"

namespace skiff::runtime {
namespace {

bool matches(const StringMap& labels, const StringMap& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& entry) {
    const auto found = labels.find(entry.first);
    return found != labels.end() && found->second == entry.second;
  });
}

std::string instance(const ContainerConfig& config) {
  return fmt::format("{}/{}", config.name, config.attempt);
}

}  // namespace

void FakeRuntime::add_image(const std::string& reference) {
  Image image;
  image.id = "sha256:" + reference;
  image.repo_tags = {reference};
  image.size_bytes = 1000;
  images[reference] = image;
}

void FakeRuntime::exit_container(const std::string& name, int32_t exit_code) {
  for (auto& container : containers_)
    if (container.status.name == name && container.status.state == ContainerState::Running)
      end(container, exit_code);
}

void FakeRuntime::cut_off(const std::string& name) {
  for (auto& container : containers_) {
    if (container.status.name != name) continue;
    container.status.state = ContainerState::Exited;
    container.status.started_at = {};
    container.status.exit_code = 128;
    container.status.reason = "StartError";
    container.status.message =
        "failed to create containerd task: failed to create shim task: context canceled: unknown";
  }
}

void FakeRuntime::leave_created(const std::string& name) {
  for (auto& container : containers_) {
    if (container.status.name != name) continue;
    container.status.state = ContainerState::Created;
    container.status.started_at = {};
  }
}

void FakeRuntime::lose(const std::string& name) {
  const auto lost = [&](const auto& container) { return container.status.name == name; };
  const auto found = std::find_if(containers_.begin(), containers_.end(), lost);
  const std::string id = found == containers_.end() ? "" : found->status.id;
  std::erase_if(containers_, lost);
  if (on_event_) on_event_({ContainerEvent::Kind::Exited, id});
}

void FakeRuntime::kill_sandbox(const std::string& pod_uid) {
  for (auto& sandbox : sandboxes_) {
    if (sandbox.metadata.uid != pod_uid || sandbox.state != SandboxState::Ready) continue;
    sandbox.state = SandboxState::NotReady;
    sandbox.ips.clear();
    if (on_event_) on_event_({ContainerEvent::Kind::Exited, sandbox.id});
  }
}

bool FakeRuntime::called(const std::string& call) const {
  return std::find(calls.begin(), calls.end(), call) != calls.end();
}

int FakeRuntime::count(const std::string& prefix) const {
  return static_cast<int>(std::count_if(calls.begin(), calls.end(), [&](const std::string& call) {
    return call.starts_with(prefix);
  }));
}

const ContainerConfig* FakeRuntime::config_of(const std::string& name) const {
  for (auto it = containers_.rbegin(); it != containers_.rend(); ++it)
    if (it->config.name == name) return &it->config;
  return nullptr;
}

std::vector<std::string> FakeRuntime::running() const {
  std::vector<std::string> names;
  for (const auto& container : containers_)
    if (container.status.state == ContainerState::Running) names.push_back(container.status.name);
  return names;
}

Status FakeRuntime::log(std::string call, const std::string& failure) {
  calls.push_back(std::move(call));
  const auto found = failures.find(failure);
  return found == failures.end() ? absl::OkStatus() : found->second;
}

void FakeRuntime::end(FakeContainer& container, int32_t exit_code) {
  container.status.state = ContainerState::Exited;
  container.status.exit_code = exit_code;
  container.status.finished_at = clock_.now();
  container.status.reason = exit_code == 0 ? "Completed" : "Error";
  if (on_event_) on_event_({ContainerEvent::Kind::Exited, container.status.id});
}

FakeRuntime::FakeContainer* FakeRuntime::find(const std::string& id) {
  for (auto& container : containers_)
    if (container.status.id == id) return &container;
  return nullptr;
}

awaitable<Result<Version>> FakeRuntime::version() {
  co_return Version{"fake", "1.0", "v1"};
}

awaitable<Result<std::vector<Condition>>> FakeRuntime::status() {
  co_return std::vector<Condition>{{"RuntimeReady", true, "", ""}, {"NetworkReady", true, "", ""}};
}

awaitable<Status> FakeRuntime::update_pod_cidr(std::string cidr) {
  co_return log("update pod cidr " + cidr, "update pod cidr");
}

awaitable<Result<std::string>> FakeRuntime::run_sandbox(SandboxConfig config) {
  CO_RETURN_IF_ERROR(log("run sandbox " + config.metadata.name, "run sandbox"));
  Sandbox sandbox;
  sandbox.id = fmt::format("sandbox-{}", next_id_++);
  sandbox.metadata = config.metadata;
  sandbox.state = SandboxState::Ready;
  sandbox.created_at = clock_.now() + std::chrono::microseconds(next_id_);
  sandbox.labels = config.labels;
  sandbox.annotations = config.annotations;
  sandbox.namespaces = config.security.namespaces;
  if (config.security.namespaces.network == NamespaceMode::Pod) sandbox.ips = {next_ip};
  sandboxes_.push_back(sandbox);
  co_return sandbox.id;
}

awaitable<Status> FakeRuntime::stop_sandbox(std::string id) {
  CO_RETURN_IF_ERROR(log("stop sandbox " + id, "stop sandbox"));
  for (auto& container : containers_)
    if (container.sandbox_id == id && container.status.state == ContainerState::Running)
      end(container, 137);
  for (auto& sandbox : sandboxes_)
    if (sandbox.id == id) {
      sandbox.state = SandboxState::NotReady;
      sandbox.ips.clear();
    }
  co_return absl::OkStatus();
}

awaitable<Status> FakeRuntime::remove_sandbox(std::string id) {
  CO_RETURN_IF_ERROR(log("remove sandbox " + id, "remove sandbox"));
  std::erase_if(containers_, [&](const auto& c) { return c.sandbox_id == id; });
  std::erase_if(sandboxes_, [&](const auto& s) { return s.id == id; });
  co_return absl::OkStatus();
}

awaitable<Result<Sandbox>> FakeRuntime::sandbox_status(std::string id) {
  for (const auto& sandbox : sandboxes_)
    if (sandbox.id == id) co_return sandbox;
  co_return not_found("sandbox status: no sandbox {}", id);
}

awaitable<Result<std::vector<Sandbox>>> FakeRuntime::list_sandboxes(StringMap labels) {
  if (const auto found = failures.find("list"); found != failures.end()) co_return found->second;
  std::vector<Sandbox> list;
  for (const auto& sandbox : sandboxes_)
    if (matches(sandbox.labels, labels)) list.push_back(sandbox);
  co_return list;
}

awaitable<Result<std::string>> FakeRuntime::create_container(std::string sandbox_id,
                                                             ContainerConfig config,
                                                             SandboxConfig sandbox) {
  CO_RETURN_IF_ERROR(log("create " + instance(config), "create " + config.name));
  FakeContainer container;
  container.sandbox_id = std::move(sandbox_id);
  container.status.id = fmt::format("container-{}", next_id_++);
  container.status.name = config.name;
  container.status.attempt = config.attempt;
  container.status.state = ContainerState::Created;
  container.status.created_at = clock_.now() + std::chrono::microseconds(next_id_);
  container.status.image = config.image;
  container.status.image_ref = config.image;
  container.status.labels = config.labels;
  container.status.annotations = config.annotations;
  container.status.log_path = fmt::format("{}/{}", sandbox.log_directory, config.log_path);
  container.config = std::move(config);
  containers_.push_back(container);
  co_return container.status.id;
}

awaitable<Status> FakeRuntime::start_container(std::string id) {
  FakeContainer* container = find(id);
  if (!container) co_return not_found("start container: no container {}", id);
  const Status failed =
      log("start " + instance(container->config), "start " + container->config.name);
  if (!failed.ok()) {
    container->status.message = std::string(message(failed));
    end(*container, 128);
    co_return failed;
  }
  container->status.state = ContainerState::Running;
  container->status.started_at = clock_.now();
  co_return absl::OkStatus();
}

awaitable<Status> FakeRuntime::stop_container(std::string id, std::chrono::seconds grace) {
  FakeContainer* container = find(id);
  if (!container) co_return absl::OkStatus();
  CO_RETURN_IF_ERROR(log(fmt::format("stop {} {}s", instance(container->config), grace.count()),
                         "stop " + container->config.name));
  const bool obeys = !stubborn.contains(container->config.name);
  if (!obeys && grace > std::chrono::seconds(0)) {
    co_await sleep_for(grace);
    container = find(id);
  }
  if (container && container->status.state == ContainerState::Running)
    end(*container, obeys && grace > std::chrono::seconds(0) ? 143 : 137);
  co_return absl::OkStatus();
}

awaitable<Status> FakeRuntime::remove_container(std::string id) {
  if (FakeContainer* container = find(id))
    CO_RETURN_IF_ERROR(log("remove " + instance(container->config), "remove container"));
  std::erase_if(containers_, [&](const auto& c) { return c.status.id == id; });
  co_return absl::OkStatus();
}

awaitable<Result<std::vector<Container>>> FakeRuntime::list_containers(StringMap labels) {
  if (const auto found = failures.find("list"); found != failures.end()) co_return found->second;
  std::vector<Container> list;
  for (const auto& c : containers_) {
    if (!matches(c.status.labels, labels)) continue;
    Container container;
    container.id = c.status.id;
    container.sandbox_id = c.sandbox_id;
    container.name = c.status.name;
    container.attempt = c.status.attempt;
    container.image = c.status.image;
    container.image_ref = c.status.image_ref;
    container.state = c.status.state;
    container.created_at = c.status.created_at;
    container.labels = c.status.labels;
    container.annotations = c.status.annotations;
    list.push_back(std::move(container));
  }
  co_return list;
}

awaitable<Result<ContainerStatus>> FakeRuntime::container_status(std::string id) {
  if (FakeContainer* container = find(id)) co_return container->status;
  co_return not_found("container status: no container {}", id);
}

awaitable<Status> FakeRuntime::update_resources(std::string id, LinuxResources) {
  co_return log("update resources " + id, "update resources");
}

awaitable<Status> FakeRuntime::reopen_log(std::string id) {
  co_return log("reopen log " + id, "reopen log");
}

awaitable<Result<std::vector<ContainerStats>>> FakeRuntime::container_stats() {
  co_return std::vector<ContainerStats>{};
}

awaitable<Result<ExecResult>> FakeRuntime::exec_sync(std::string id,
                                                     std::vector<std::string> command,
                                                     std::chrono::seconds) {
  FakeContainer* container = find(id);
  const std::string name = container ? container->config.name : id;
  CO_RETURN_IF_ERROR(log(fmt::format("exec {} {}", name, command.at(0)), "exec " + name));
  const auto found = exec_results.find(command.at(0));
  co_return found == exec_results.end() ? ExecResult{} : found->second;
}

awaitable<Result<std::string>> FakeRuntime::exec_url(ExecRequest request) {
  co_return "http://127.0.0.1/exec/" + request.container_id;
}

awaitable<Result<std::string>> FakeRuntime::attach_url(AttachRequest request) {
  co_return "http://127.0.0.1/attach/" + request.container_id;
}

awaitable<Result<std::string>> FakeRuntime::port_forward_url(std::string sandbox_id,
                                                             std::vector<int32_t>) {
  co_return "http://127.0.0.1/portforward/" + sandbox_id;
}

awaitable<Result<std::vector<Image>>> FakeRuntime::list_images() {
  std::vector<Image> list;
  for (const auto& [reference, image] : images) list.push_back(image);
  co_return list;
}

awaitable<Result<std::optional<Image>>> FakeRuntime::image_status(std::string image) {
  const auto found = images.find(image);
  if (found == images.end()) co_return std::nullopt;
  co_return found->second;
}

awaitable<Result<std::string>> FakeRuntime::pull_image(std::string image, std::optional<ImageAuth>,
                                                       SandboxConfig) {
  CO_RETURN_IF_ERROR(log("pull " + image, "pull " + image));
  const auto found = registry.find(image);
  if (found == registry.end())
    co_return not_found("pull image: failed to resolve reference \"{}\": not found", image);
  images[image] = found->second;
  co_return found->second.id;
}

awaitable<Status> FakeRuntime::remove_image(std::string image) {
  std::erase_if(images, [&](const auto& entry) { return entry.second.id == image; });
  co_return log("remove image " + image, "remove image");
}

awaitable<Result<std::vector<FilesystemUsage>>> FakeRuntime::image_filesystems() {
  co_return std::vector<FilesystemUsage>{};
}

}  // namespace skiff::runtime
