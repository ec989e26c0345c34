// SPDX-License-Identifier: Apache-2.0
// What every program costs the verifier and the stack, against bpf/budget.txt. SKIFF_BPF_OBJECTS
// and SKIFF_BPF_BUDGET say where those are when not where they were built.
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <sstream>

#include "agent/datapath/abi.h"
#include "agent/datapath/loader.h"

namespace skiff::testing {
namespace {

// Instructions as the verifier walked them, all paths; stack of the deepest call chain in bytes.
struct Cost {
  uint64_t instructions = 0;
  uint64_t stack = 0;
};
using Costs = std::map<std::string, Cost>;

std::string from_environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

Costs read_budget() {
  Costs budget;
  std::ifstream file(from_environment("SKIFF_BPF_BUDGET", SKIFF_BPF_BUDGET));
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    Cost cost;
    if (words >> name >> cost.instructions >> cost.stack) budget[name] = cost;
  }
  return budget;
}

// Everything switched on: what the constants switch off, the verifier does not walk.
void configure(bpf_object* object) {
  const btf* types = ::bpf_object__btf(object);
  const int id = ::btf__find_by_name_kind(types, ".rodata", BTF_KIND_DATASEC);
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (std::string_view(::bpf_map__name(map)).ends_with(".rodata")) break;
  }
  if (id < 0 || map == nullptr) return;
  size_t size = 0;
  auto* bytes = static_cast<std::byte*>(const_cast<void*>(::bpf_map__initial_value(map, &size)));
  const btf_type* section = ::btf__type_by_id(types, static_cast<uint32_t>(id));
  for (uint32_t i = 0; i < btf_vlen(section); ++i) {
    const btf_var_secinfo& info = btf_var_secinfos(section)[i];
    const btf_type* variable = ::btf__type_by_id(types, info.type);
    if (std::string_view(::btf__name_by_offset(types, variable->name_off)) != "config") continue;
    skiff_config config = {};
    config.node_netns_cookie = 1;
    config.node_port_min = 30000;
    config.node_port_max = 32767;
    config.snat_port_min = 61000;
    config.snat_port_max = 65535;
    config.check_pod_source = SKIFF_CHECK_POD_ADDRESS | SKIFF_CHECK_POD_MAC;
    config.trace = 1;
    config.node_port_loopback = 1;
    config.policy_rejects = 1;
    config.foreign = SKIFF_FOREIGN_PODS | SKIFF_FOREIGN_FLOWS;
    std::memcpy(bytes + info.offset, &config, sizeof(config));
  }
}

Cost parse(const std::string& log) {
  Cost cost;
  std::smatch found;
  if (std::regex_search(log, found, std::regex("processed (\\d+) insns")))
    cost.instructions = std::stoull(found[1]);
  if (std::regex_search(log, found, std::regex("stack depth ([0-9+]+)"))) {
    // One figure a subprogram; those of ours call one level deep at most at a time.
    std::istringstream parts(found[1]);
    uint64_t first = 0, deepest = 0;
    bool is_first = true;
    for (std::string part; std::getline(parts, part, '+'); is_first = false) {
      const uint64_t bytes = std::stoull(part);
      (is_first ? first : deepest) = is_first ? bytes : std::max(deepest, bytes);
    }
    cost.stack = first + deepest;
  }
  return cost;
}

struct Loaded {
  Costs costs;
  std::string error;
};

Loaded load(const std::filesystem::path& path) {
  const datapath::LogCapture log;
  Loaded loaded;
  const std::unique_ptr<bpf_object, void (*)(bpf_object*)> object(
      ::bpf_object__open_file(path.c_str(), nullptr), ::bpf_object__close);
  if (object == nullptr) {
    loaded.error = "does not open: " + log.tail();
    return loaded;
  }
  configure(object.get());
  (void)datapath::leave_out_unknown(object.get());
  std::map<std::string, std::vector<char>> logs;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object.get()) {
    if (!::bpf_program__autoload(program)) continue;
    std::vector<char>& buffer = logs[::bpf_program__name(program)];
    buffer.resize(1 << 20);
    ::bpf_program__set_log_level(program, 4);  // figures only
    ::bpf_program__set_log_buf(program, buffer.data(), buffer.size());
  }
  if (::bpf_object__load(object.get()) < 0) loaded.error = "does not load: " + log.tail();
  for (const auto& [name, buffer] : logs) {
    const std::string text(buffer.data());
    loaded.costs[name] = parse(text);
    if (!loaded.error.empty())  // why, for one of them
      loaded.error += "\n" + name + ": " + text.substr(text.size() > 2000 ? text.size() - 2000 : 0);
  }
  return loaded;
}

// Objects for kernels that have a certain function; those without it do without the object.
bool is_for_this_kernel(const std::string& object) {
  static const std::map<std::string, const char*> kNeeds = {{"abort.bpf.o", "bpf_sock_destroy"}};
  const auto needed = kNeeds.find(object);
  if (needed == kNeeds.end()) return true;
  const std::unique_ptr<btf, void (*)(btf*)> kernel(::btf__load_vmlinux_btf(), ::btf__free);
  const bool there =
      kernel && ::btf__find_by_name_kind(kernel.get(), needed->second, BTF_KIND_FUNC) > 0;
  if (!there) fmt::print("{}: not on this kernel, which has no {}\n", object, needed->second);
  return there;
}

TEST(Budget, EveryProgramLoadsAndStaysWithinItsBudget) {
  if (::geteuid() != 0) GTEST_SKIP() << "loading programs needs root";
  const rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_MEMLOCK, &unlimited);
  const Costs budget = read_budget();
  ASSERT_FALSE(budget.empty()) << "no budget file";
  size_t objects = 0;
  for (const auto& entry : std::filesystem::directory_iterator(
           from_environment("SKIFF_BPF_OBJECTS", SKIFF_BPF_OBJECTS))) {
    if (!entry.path().string().ends_with(".bpf.o")) continue;
    if (!is_for_this_kernel(entry.path().filename())) continue;
    ++objects;
    const Loaded loaded = load(entry.path());
    EXPECT_EQ(loaded.error, "") << entry.path().filename();
    for (const auto& [name, cost] : loaded.costs) {
      fmt::print("{:<24} {:>7} {:>4}\n", name, cost.instructions, cost.stack);
      const auto allowed = budget.find(name);
      if (allowed == budget.end()) {
        ADD_FAILURE() << name << " has no budget";
        continue;
      }
      EXPECT_LE(cost.instructions, allowed->second.instructions) << name;
      EXPECT_LE(cost.stack, allowed->second.stack) << name;
    }
  }
  EXPECT_GT(objects, 0u);
}

}  // namespace
}  // namespace skiff::testing
