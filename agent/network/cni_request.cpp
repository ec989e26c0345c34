// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni_request.h"

#include <algorithm>

#include "agent/network/cni_error.h"

namespace skiff::network {
namespace {

namespace json = boost::json;

constexpr size_t kMaxInterfaceName = 15;
constexpr size_t kMaxContainerId = 200;  // it becomes part of a file name

struct CommandRule {
  std::string_view name;
  CniCommand command;
  std::string_view since;
  std::vector<const char*> required;
};

const std::vector<CommandRule>& command_rules() {
  static const std::vector<CommandRule> rules = {
      {"ADD", CniCommand::kAdd, "0.3.1", {"CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"}},
      {"DEL", CniCommand::kDel, "0.3.1", {"CNI_CONTAINERID", "CNI_IFNAME"}},
      {"CHECK", CniCommand::kCheck, "0.4.0", {"CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"}},
      {"GC", CniCommand::kGc, "1.1.0", {}},
      {"STATUS", CniCommand::kStatus, "1.1.0", {}},
      {"VERSION", CniCommand::kVersion, "0.3.1", {}},
  };
  return rules;
}

std::string variable(const CniCall& call, const std::string& name) {
  const auto it = call.environment.find(name);
  return it == call.environment.end() ? "" : it->second;
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The specification's own rule; it also keeps the ID safe as a file name.
Status check_container_id(const std::string& id) {
  const bool valid = !id.empty() && id.size() <= kMaxContainerId && is_alphanumeric(id[0]) &&
                     std::ranges::all_of(id, [](char c) {
                       return is_alphanumeric(c) || c == '_' || c == '.' || c == '-';
                     });
  if (valid) return absl::OkStatus();
  return cni_error(CniCode::kBadEnvironment,
                   fmt::format("CNI_CONTAINERID \"{}\": want letters, digits, '_', '.', '-'", id));
}

Status check_interface(const std::string& name) {
  const bool valid = !name.empty() && name.size() <= kMaxInterfaceName && name != "." &&
                     name != ".." && std::ranges::none_of(name, [](unsigned char c) {
                       return c == '/' || c == ':' || c <= ' ' || c == 0x7f;
                     });
  if (valid) return absl::OkStatus();
  return cni_error(CniCode::kBadEnvironment,
                   fmt::format("CNI_IFNAME \"{}\": not a name of a link", name));
}

Status check_variables(const CniCall& call, const CommandRule& rule) {
  std::string missing;
  for (const char* name : rule.required)
    if (variable(call, name).empty()) missing += (missing.empty() ? "" : ", ") + std::string(name);
  if (missing.empty()) return absl::OkStatus();
  return cni_error(CniCode::kBadEnvironment,
                   fmt::format("required environment variables missing: {}", missing));
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// As plugins written in Go read it: containerd says "HostPort" where the convention is "hostPort".
const json::value* member(const json::object& object, std::string_view name) {
  if (const json::value* exact = object.if_contains({name.data(), name.size()})) return exact;
  for (const auto& [key, value] : object)
    if (std::ranges::equal(key, name, {}, lower, lower)) return &value;
  return nullptr;
}

std::string string_of(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

uint64_t number_of(const json::object& object, const char* name) {
  const json::value* value = member(object, name);
  boost::system::error_code error;
  const auto number = value == nullptr ? 0 : value->to_number<int64_t>(error);
  return error || number < 0 ? 0 : static_cast<uint64_t>(number);
}

// "KEY=value;KEY=value"
Result<std::map<std::string, std::string>> parse_arguments(std::string_view text) {
  std::map<std::string, std::string> arguments;
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos)
      return cni_error(CniCode::kBadEnvironment,
                       fmt::format("CNI_ARGS: \"{}\": want KEY=VALUE", pair));
    arguments.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return arguments;
}

Result<std::vector<PortMapping>> parse_mappings(const json::value& value) {
  std::vector<PortMapping> mappings;
  const json::array* list = value.if_array();
  if (list == nullptr)
    return cni_error(CniCode::kBadConfig, "runtimeConfig.portMappings: want a list");
  for (const json::value& item : *list) {
    const json::object* object = item.if_object();
    const uint64_t host = object == nullptr ? 0 : number_of(*object, "hostPort");
    const uint64_t container = object == nullptr ? 0 : number_of(*object, "containerPort");
    if (host == 0) continue;  // runtimes pass container ports without a host port, too
    if (host > 65535 || container == 0 || container > 65535)
      return cni_error(CniCode::kBadConfig, "runtimeConfig.portMappings: port out of 1..65535");
    PortMapping mapping{.host_port = static_cast<uint16_t>(host),
                        .container_port = static_cast<uint16_t>(container),
                        .protocol = string_of(*object, "protocol"),
                        .host_ip = string_of(*object, "hostIP")};
    std::ranges::transform(mapping.protocol, mapping.protocol.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
    if (mapping.protocol.empty()) mapping.protocol = "TCP";
    mappings.push_back(std::move(mapping));
  }
  return mappings;
}

// Kubernetes takes 1k to 1P; runtimes pass the largest number they know for a burst without limit.
Result<uint64_t> parse_rate(const json::object& bandwidth, const char* name) {
  constexpr uint64_t kLeast = 1000, kMost = 1'000'000'000'000'000;
  const json::value* value = member(bandwidth, name);
  if (value == nullptr || value->is_null()) return 0;
  boost::system::error_code error;
  const auto rate = value->to_number<uint64_t>(error);
  if (error || !value->is_number() || (rate != 0 && (rate < kLeast || rate > kMost)))
    return cni_error(CniCode::kBadConfig,
                     fmt::format("runtimeConfig.bandwidth.{}: {}: want bits per second from {} to "
                                 "{}, or 0",
                                 name, std::string(json::serialize(*value)), kLeast, kMost));
  return rate;
}

Result<uint64_t> parse_burst(const json::object& bandwidth, const char* name) {
  const json::value* value = member(bandwidth, name);
  if (value == nullptr || value->is_null()) return 0;
  boost::system::error_code error;
  const auto burst = value->to_number<uint64_t>(error);
  if (error)
    return cni_error(CniCode::kBadConfig, fmt::format("runtimeConfig.bandwidth.{}: {}: want bits",
                                                      name, std::string(json::serialize(*value))));
  return burst;
}

Result<Bandwidth> parse_bandwidth(const json::value& value) {
  const json::object* limits = value.if_object();
  if (limits == nullptr)
    return cni_error(CniCode::kBadConfig, "runtimeConfig.bandwidth: want an object");
  Bandwidth bandwidth;
  ASSIGN_OR_RETURN(bandwidth.ingress_rate, parse_rate(*limits, "ingressRate"));
  ASSIGN_OR_RETURN(bandwidth.ingress_burst, parse_burst(*limits, "ingressBurst"));
  ASSIGN_OR_RETURN(bandwidth.egress_rate, parse_rate(*limits, "egressRate"));
  ASSIGN_OR_RETURN(bandwidth.egress_burst, parse_burst(*limits, "egressBurst"));
  return bandwidth;
}

Status read_runtime_config(const json::object& config, CniRequest& request) {
  const json::value* value = config.if_contains("runtimeConfig");
  const json::object* runtime = value == nullptr ? nullptr : value->if_object();
  if (runtime == nullptr) return absl::OkStatus();
  if (const json::value* mappings = member(*runtime, "portMappings")) {
    ASSIGN_OR_RETURN(request.port_mappings, parse_mappings(*mappings));
  }
  if (const json::value* limits = member(*runtime, "bandwidth")) {
    ASSIGN_OR_RETURN(request.bandwidth, parse_bandwidth(*limits));
  }
  return absl::OkStatus();
}

Status read_valid_attachments(const json::object& config, CniRequest& request) {
  const json::value* list = config.if_contains("cni.dev/valid-attachments");
  if (list == nullptr) list = config.if_contains("cni.dev/attachments");  // older libcni
  if (list == nullptr || !list->is_array())
    return cni_error(CniCode::kBadConfig, "GC: cni.dev/valid-attachments: want a list");
  for (const json::value& item : list->get_array())
    if (const json::object* object = item.if_object())
      request.valid_attachments.push_back(string_of(*object, "containerID") + "@" +
                                          string_of(*object, "ifname"));
  return absl::OkStatus();
}

Result<json::object> parse_config(const std::string& input) {
  boost::system::error_code error;
  json::value config = json::parse(input, error);
  if (error) return cni_error(CniCode::kDecode, fmt::format("standard input: {}", error.message()));
  if (!config.is_object()) return cni_error(CniCode::kDecode, "standard input: want a JSON object");
  return std::move(config.get_object());
}

Status check_version(const std::string& version, const CommandRule& rule) {
  if (!is_cni_version(version))
    return cni_error(CniCode::kIncompatibleVersion,
                     fmt::format("cniVersion \"{}\" is not supported: want one of {}", version,
                                 fmt::join(kCniVersions, ", ")));
  if (!at_least(version, rule.since))
    return cni_error(CniCode::kIncompatibleVersion,
                     fmt::format("{} needs cniVersion {} or later, the configuration says {}",
                                 rule.name, rule.since, version));
  return absl::OkStatus();
}

}  // namespace

bool is_cni_version(std::string_view version) {
  return std::ranges::find(kCniVersions, version) != std::end(kCniVersions);
}

bool at_least(std::string_view version, std::string_view wanted) {
  return std::ranges::find(kCniVersions, version) >= std::ranges::find(kCniVersions, wanted);
}

std::string CniRequest::argument(const std::string& name) const {
  const auto it = arguments.find(name);
  return it == arguments.end() ? "" : it->second;
}

Result<CniRequest> parse_request(const CniCall& call) {
  const std::string command = variable(call, "CNI_COMMAND");
  const auto rule = std::ranges::find(command_rules(), command, &CommandRule::name);
  if (rule == command_rules().end())
    return cni_error(
        CniCode::kBadEnvironment,
        fmt::format("CNI_COMMAND \"{}\": want ADD, DEL, CHECK, GC, STATUS or VERSION", command));
  RETURN_IF_ERROR(check_variables(call, *rule));
  ASSIGN_OR_RETURN(const json::object config, parse_config(call.input));
  CniRequest request{.command = rule->command,
                     .version = string_of(config, "cniVersion"),
                     .network = string_of(config, "name"),
                     .container_id = variable(call, "CNI_CONTAINERID"),
                     .netns = variable(call, "CNI_NETNS"),
                     .interface = variable(call, "CNI_IFNAME")};
  if (request.command == CniCommand::kVersion) return request;
  RETURN_IF_ERROR(check_version(request.version, *rule));
  if (request.network.empty()) return cni_error(CniCode::kBadConfig, "name: missing");
  if (!rule->required.empty()) {
    RETURN_IF_ERROR(check_container_id(request.container_id));
    RETURN_IF_ERROR(check_interface(request.interface));
  }
  ASSIGN_OR_RETURN(request.arguments, parse_arguments(variable(call, "CNI_ARGS")));
  RETURN_IF_ERROR(read_runtime_config(config, request));
  if (request.command == CniCommand::kGc) RETURN_IF_ERROR(read_valid_attachments(config, request));
  if (const json::value* previous = config.if_contains("prevResult"))
    request.previous_result = *previous;
  if (request.command == CniCommand::kCheck && !request.previous_result.is_object())
    return cni_error(CniCode::kBadConfig, "CHECK: prevResult: missing");
  return request;
}

std::string answer_version(const CniCall& call) {
  const auto config = parse_config(call.input);
  const std::string version = config.ok() ? string_of(*config, "cniVersion") : "";
  return is_cni_version(version) ? version : std::string(std::end(kCniVersions)[-1]);
}

}  // namespace skiff::network
