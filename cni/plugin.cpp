// SPDX-License-Identifier: Apache-2.0
#include "cni/plugin.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <string_view>

#include "cni/agent_call.h"
#include "cni/json.h"
#include "cni/loopback.h"

namespace skiff::cni {
namespace {

// CNI specification, "Error"; the whole list is in agent/network/cni_error.h.
enum Code {
  kBadEnvironment = 4,
  kIo = 5,
  kDecode = 6,
  kBadConfig = 7,
  kTryAgainLater = 11,
  kNotAvailable = 50
};

constexpr const char* kNewestVersion = "1.1.0";
constexpr const char* kAbout =
    "skiff-cni: the CNI plugin of skiff; speaks CNI 0.3.1, 0.4.0, 1.0.0 and 1.1.0\n";

std::string variable(const Environment& environment, const char* name) {
  const auto it = environment.find(name);
  return it == environment.end() ? "" : it->second;
}

std::string version_of(const std::string& input) {
  const auto version = find_string(input, "cniVersion");
  return version && !version->empty() ? *version : kNewestVersion;
}

Outcome error(const std::string& input, Code code, const std::string& message) {
  return {.exit_code = 1,
          .output = "{\"cniVersion\":" + quote(version_of(input)) + ",\"code\":" +
                    std::to_string(code) + ",\"msg\":" + quote(message) + ",\"details\":\"\"}\n",
          .remark = ""};
}

Outcome versions(const std::string& input) {
  return {.exit_code = 0,
          .output = "{\"cniVersion\":" + quote(version_of(input)) +
                    ",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n",
          .remark = ""};
}

std::string missing_variables(const Environment& environment, const std::string& command) {
  std::string missing;
  const auto want = [&](std::initializer_list<const char*> names) {
    for (const char* name : names)
      if (variable(environment, name).empty())
        missing += (missing.empty() ? "" : ", ") + std::string(name);
  };
  if (command == "ADD" || command == "CHECK") want({"CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"});
  if (command == "DEL") want({"CNI_CONTAINERID", "CNI_IFNAME"});
  return missing;
}

bool safe_in_file_name(std::string_view text) {
  if (text.empty() || text.size() > 200 || text[0] == '.') return false;
  for (const char c : text)
    if (c == '/' || c == '@' || static_cast<unsigned char>(c) <= ' ') return false;
  return true;
}

// What a DEL leaves for the agent to do when it is back. A pod must be stoppable while the agent is
// being replaced.
Outcome leave_tombstone(const Environment& environment, const std::string& input,
                        const std::string& socket) {
  const std::string container = variable(environment, "CNI_CONTAINERID");
  const std::string interface = variable(environment, "CNI_IFNAME");
  if (!safe_in_file_name(container) || !safe_in_file_name(interface))
    return error(input, kBadEnvironment, "CNI_CONTAINERID or CNI_IFNAME: not a valid name");
  const std::string directory = socket.substr(0, socket.rfind('/') + 1) + "cni-tombstones";
  const std::string path = directory + "/" + container + "@" + interface;
  ::mkdir(directory.c_str(), 0700);
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return error(input, kIo, "agent is down; create " + path + ": " + std::strerror(errno));
  ::close(fd);
  return {
      .exit_code = 0, .output = "", .remark = "agent is down, removal is left for its return\n"};
}

Outcome without_agent(const Environment& environment, const std::string& input,
                      const std::string& socket, const AgentAnswer& answer) {
  const std::string command = variable(environment, "CNI_COMMAND");
  const std::string reason = "skiff-agent at " + socket + ": " + answer.reason;
  const bool down = answer.outcome == AgentAnswer::Outcome::kUnreachable;
  if (command == "DEL" && down) return leave_tombstone(environment, input, socket);
  return error(input, command == "STATUS" ? kNotAvailable : kTryAgainLater, reason);
}

std::string encode_call(const Environment& environment, const std::string& input) {
  std::string body = "{\"env\":{";
  for (const auto& [name, value] : environment) {
    if (body.back() != '{') body += ",";
    body += quote(name) + ":" + quote(value);
  }
  return body + "},\"stdin\":" + quote(input) + "}";
}

// `lo` goes with its namespace: only ADD has something to do.
Outcome loopback(const Environment& environment, const std::string& input) {
  if (variable(environment, "CNI_COMMAND") != "ADD") return {};
  const std::string netns = variable(environment, "CNI_NETNS");
  if (const std::string problem = bring_loopback_up(netns); !problem.empty())
    return error(input, kIo, problem);
  return {
      .exit_code = 0,
      .output = "{\"cniVersion\":" + quote(version_of(input)) +
                ",\"interfaces\":[{\"name\":\"lo\",\"mac\":\"00:00:00:00:00:00\",\"sandbox\":" +
                quote(netns) +
                "}],\"ips\":[{\"version\":\"4\",\"address\":\"127.0.0.1/8\",\"interface\":0}]," +
                "\"dns\":{}}\n",
      .remark = ""};
}

}  // namespace

Outcome run(const Environment& environment, const std::string& input) {
  const std::string command = variable(environment, "CNI_COMMAND");
  if (command.empty()) return {.exit_code = 0, .output = "", .remark = kAbout};
  if (command == "VERSION") return versions(input);
  if (const std::string missing = missing_variables(environment, command); !missing.empty())
    return error(input, kBadEnvironment, "required environment variables missing: " + missing);
  if (find_string(input, "type") == "loopback") return loopback(environment, input);
  const auto socket = find_string(input, "socket");
  if (!socket || !socket->starts_with('/'))
    return error(input, kBadConfig,
                 "configuration on standard input: socket: want an absolute path");

  const AgentAnswer answer = call_agent(*socket, encode_call(environment, input));
  if (answer.outcome != AgentAnswer::Outcome::kAnswered)
    return without_agent(environment, input, *socket, answer);
  const auto exit_code = find_integer(answer.body, "exitCode");
  const auto output = find_string(answer.body, "stdout");
  if (!exit_code || !output)
    return error(input, kDecode, "skiff-agent at " + *socket + ": answer is not understood");
  return {.exit_code = static_cast<int>(*exit_code), .output = *output, .remark = ""};
}

}  // namespace skiff::cni
