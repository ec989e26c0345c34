// SPDX-License-Identifier: Apache-2.0
#include "tests/scripts/scene.h"

#include <gtest/gtest.h>

#include "agent/proxy/host_port_plan.h"
#include "api/codec.h"
#include "api/yaml.h"
#include "base/file.h"
#include "cli/services/describe.h"

namespace skiff::scripts {
namespace {

std::string trimmed(std::string text) {
  while (text.ends_with("\n\n")) text.pop_back();
  return text == "\n" ? "" : text;
}

}  // namespace

Status Scene::run(const Command& command) {
  if (command.name == "node") return look_from(command.argument);
  if (command.name == "nodes") return set_nodes(command.argument);
  if (command.name == "room") return make_room(static_cast<uint32_t>(std::stoul(command.argument)));
  if (command.name == "apply") return apply(command.body);
  if (command.name == "delete") return remove(command.argument);
  if (command.name == "restart") return restart();
  return invalid_argument("no command {}", command.name);
}

Result<std::string> Scene::maps() const {
  std::vector<api::Service> services;
  for (const auto& [key, service] : services_) services.push_back(service);
  ASSIGN_OR_RETURN(const auto lines,
                   cli::describe_services(*maps_, cli::service_names(services, {})));
  std::string text;
  for (const auto& [key, reasons] : refused_)
    for (const std::string& reason : reasons) text += key + " refused: " + reason + "\n";
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

Status Scene::apply(const std::string& yaml) {
  ASSIGN_OR_RETURN(const auto documents, api::yaml_documents_to_json(yaml));
  for (const std::string& json : documents) {
    ASSIGN_OR_RETURN(const api::TypeNames type, api::peek_type(json));
    if (type.kind == "Service") {
      ASSIGN_OR_RETURN(api::Service service, api::decode_json<api::Service>(json));
      const std::string key = service.metadata.namespace_ + "/" + service.metadata.name;
      services_[key] = std::move(service);
      RETURN_IF_ERROR(sync(key));
    } else if (type.kind == "Pod") {
      ASSIGN_OR_RETURN(api::Pod pod, api::decode_json<api::Pod>(json));
      const std::string key = pod.metadata.namespace_ + "/" + pod.metadata.name;
      pods_[key] = std::move(pod);
      RETURN_IF_ERROR(sync_pod(key));
    } else {
      ASSIGN_OR_RETURN(api::EndpointSlice slice, api::decode_json<api::EndpointSlice>(json));
      const std::string key =
          slice.metadata.namespace_ + "/" + slice.metadata.labels["kubernetes.io/service-name"];
      const std::string name = slice.metadata.name;
      slices_[key][name] = std::make_shared<const api::EndpointSlice>(std::move(slice));
      RETURN_IF_ERROR(sync(key));
    }
  }
  return absl::OkStatus();
}

Status Scene::remove(const std::string& key) {
  if (key.starts_with("pod ")) {
    pods_.erase(key.substr(4));
    return sync_pod(key.substr(4));
  }
  services_.erase(key);
  slices_.erase(key);
  return sync(key);
}

// "node-1" or "node-1 zone-a"
Status Scene::look_from(const std::string& argument) {
  const size_t space = argument.find(' ');
  view_.node = argument.substr(0, space);
  view_.zone = space == std::string::npos ? "" : argument.substr(space + 1);
  return sync_all();
}

Status Scene::set_nodes(std::string argument) {
  for (size_t start = 0; start < argument.size();) {
    const size_t end = std::min(argument.find(' ', start), argument.size());
    ASSIGN_OR_RETURN(const auto address, IpAddress::parse(argument.substr(start, end - start)));
    view_.node_addresses.insert(address);
    start = end + 1;
  }
  return sync_all();
}

Status Scene::sync_all() {
  for (const auto& [key, service] : services_) RETURN_IF_ERROR(sync(key));
  for (const auto& [key, pod] : pods_) RETURN_IF_ERROR(sync_pod(key));
  return absl::OkStatus();
}

Status Scene::sync_pod(const std::string& key) {
  proxy::HostPortPlan plan;
  const auto pod = pods_.find(key);
  if (pod != pods_.end())
    plan = proxy::plan_host_ports(
        pod->second,
        {.node_addresses = {view_.node_addresses.begin(), view_.node_addresses.end()},
         .is_own_address =
             [this](const IpAddress& address) { return view_.node_addresses.contains(address); },
         .node_port_owner =
             [this](uint8_t protocol, uint16_t port) {
               return writer_->node_port_owner(protocol, port);
             }});
  note_refused(key, plan.refused, writer_->apply("pod " + key, plan.frontends));
  return absl::OkStatus();
}

// What is refused shows in `maps`.
void Scene::note_refused(const std::string& key, const std::vector<std::string>& refused,
                         const Status& applied) {
  refused_[key] = refused;
  if (!applied.ok()) refused_[key].emplace_back(message(applied));
}

Status Scene::make_room(std::optional<uint32_t> slots) {
  writer_.reset();  // before its maps
  ASSIGN_OR_RETURN(maps_, ground_.clear(slots));
  writer_ = std::make_unique<proxy::FrontendWriter>(*maps_, clock_);
  return absl::OkStatus();
}

Status Scene::restart() {
  writer_.reset();  // before its maps
  ASSIGN_OR_RETURN(maps_, ground_.reopen());
  writer_ = std::make_unique<proxy::FrontendWriter>(*maps_, clock_);
  RETURN_IF_ERROR(writer_->restore());
  RETURN_IF_ERROR(sync_all());
  return writer_->prune();
}

Status Scene::sync(const std::string& key) {
  proxy::ServicePlan plan;
  std::vector<proxy::SlicePtr> slices;
  for (const auto& [name, slice] : slices_[key]) slices.push_back(slice);
  const auto service = services_.find(key);
  if (service != services_.end()) plan = proxy::plan_service(service->second, slices, view_);
  note_refused(key, plan.refused, writer_->apply(key, plan.frontends));
  load_balancers_[key] = plan.load_balancer_addresses;
  std::set<IpAddress> addresses;
  for (const auto& [name, own] : load_balancers_) addresses.insert(own.begin(), own.end());
  RETURN_IF_ERROR(writer_->apply("load balancers", proxy::wildcard_frontends(addresses)));
  return absl::OkStatus();
}

std::vector<std::filesystem::path> all_scripts() {
  std::vector<std::filesystem::path> scripts;
  for (const auto& entry : std::filesystem::directory_iterator(SKIFF_SCRIPTS))
    if (entry.path().extension() == ".script") scripts.push_back(entry.path());
  std::sort(scripts.begin(), scripts.end());
  return scripts;
}

std::string script_name(const std::filesystem::path& script) {
  std::string name = script.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

void play(const std::filesystem::path& script, Ground& ground) {
  const std::string text = read_file(script).value();
  Scene scene(ground);
  const Status begun = scene.begin();
  ASSERT_TRUE(begun.ok()) << message(begun);
  int compared = 0;
  for (const Command& command : parse_script(text)) {
    SCOPED_TRACE(fmt::format("{}:{}", script.string(), command.line));
    if (command.name == "maps") {
      EXPECT_EQ(scene.maps().value(), trimmed(command.body));
      ++compared;
      continue;
    }
    const Status status = scene.run(command);
    ASSERT_TRUE(status.ok()) << message(status);
  }
  EXPECT_GT(compared, 0) << "a script without `maps` shows nothing";
}

}  // namespace skiff::scripts
