// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/pcap_filter.h"

#include <linux/filter.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace skiff::trace {
namespace {

using Instruction = skiff_filter_instruction;

// A number up to `most`, and the separator after it.
template <class T>
bool take(std::string_view& text, char separator, T& value) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  const auto [next, error] = std::from_chars(begin, end, value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(next - begin));
  if (separator == '\0') return true;
  if (!text.starts_with(separator)) return false;
  text.remove_prefix(1);
  return true;
}

bool reads_packet(uint16_t code) {
  const auto mode = BPF_MODE(code);
  return mode == BPF_ABS || mode == BPF_IND || mode == BPF_MSH;
}

bool is_load(uint16_t code) {
  const auto mode = BPF_MODE(code);
  const bool sized = BPF_SIZE(code) == BPF_W || BPF_SIZE(code) == BPF_H || BPF_SIZE(code) == BPF_B;
  if (!sized || (code & 0xff00) != 0) return false;
  if (BPF_CLASS(code) == BPF_LD)
    return mode == BPF_ABS || mode == BPF_IND ||
           (BPF_SIZE(code) == BPF_W && (mode == BPF_IMM || mode == BPF_LEN || mode == BPF_MEM));
  if (mode == BPF_MSH) return BPF_SIZE(code) == BPF_B;
  return BPF_SIZE(code) == BPF_W && (mode == BPF_IMM || mode == BPF_LEN || mode == BPF_MEM);
}

bool is_known(uint16_t code) {
  static constexpr std::array<uint16_t, 11> kOperations = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV,
                                                           BPF_OR,  BPF_AND, BPF_LSH, BPF_RSH,
                                                           BPF_NEG, BPF_MOD, BPF_XOR};
  static constexpr std::array<uint16_t, 5> kJumps = {BPF_JA, BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
  switch (BPF_CLASS(code)) {
    case BPF_LD:
    case BPF_LDX:
      return is_load(code);
    case BPF_ST:
    case BPF_STX:
      return code == BPF_CLASS(code);
    case BPF_ALU:
      return (code & 0xff00) == 0 &&
             std::ranges::find(kOperations, BPF_OP(code)) != kOperations.end();
    case BPF_JMP:
      return (code & 0xff00) == 0 && std::ranges::find(kJumps, BPF_OP(code)) != kJumps.end();
    case BPF_RET:
      return code == (BPF_RET | BPF_K) || code == (BPF_RET | BPF_A);
    default:
      return code == (BPF_MISC | BPF_TAX) || code == (BPF_MISC | BPF_TXA);
  }
}

// What is wrong with instruction `at`; null: nothing.
const char* problem_of(const std::vector<Instruction>& all, size_t at) {
  const Instruction& one = all[at];
  const uint64_t left = all.size() - at - 1;  // instructions after this
  if (!is_known(one.code)) return "is not known";
  const auto kind = BPF_CLASS(one.code);
  if (kind == BPF_JMP) {
    const bool always = BPF_OP(one.code) == BPF_JA;
    if (always ? one.k >= left : one.jump_true >= left || one.jump_false >= left)
      return "jumps out of the program";
  }
  const bool memory = kind == BPF_ST || kind == BPF_STX ||
                      ((kind == BPF_LD || kind == BPF_LDX) && BPF_MODE(one.code) == BPF_MEM);
  if (memory && one.k >= SKIFF_FILTER_WORDS) return "uses memory that there is not";
  if (kind == BPF_ALU && BPF_SRC(one.code) == BPF_K && one.k == 0 &&
      (BPF_OP(one.code) == BPF_DIV || BPF_OP(one.code) == BPF_MOD))
    return "divides by zero";
  const bool packet = (kind == BPF_LD || kind == BPF_LDX) && reads_packet(one.code);
  if (packet && one.k >= SKIFF_FILTER_BYTES)
    return "looks at more of the packet than its first 256 bytes";
  if (left == 0 && kind != BPF_RET) return "is the last and does not return";
  return nullptr;
}

}  // namespace

Result<PcapFilter> parse_pcap_filter(std::string_view text) {
  PcapFilter filter;
  if (text.empty()) return filter;
  size_t count = 0;
  if (!take(text, ',', count) || count == 0 || count > SKIFF_FILTER_MOST)
    return invalid_argument("pcap: begins with no count of instructions from 1 to {}",
                            SKIFF_FILTER_MOST);
  for (size_t i = 0; i < count; ++i) {
    Instruction one{};
    if (!take(text, ' ', one.code) || !take(text, ' ', one.jump_true) ||
        !take(text, ' ', one.jump_false) || !take(text, i + 1 < count ? ',' : '\0', one.k))
      return invalid_argument("pcap: instruction {} is not four numbers", i);
    filter.instructions.push_back(one);
  }
  if (!text.empty()) return invalid_argument("pcap: goes on after its {} instructions", count);
  RETURN_IF_ERROR(check(filter));
  return filter;
}

std::string to_string(const PcapFilter& filter) {
  if (filter.empty()) return "";
  std::string text = std::to_string(filter.instructions.size());
  for (const Instruction& one : filter.instructions)
    text += fmt::format(",{} {} {} {}", one.code, one.jump_true, one.jump_false, one.k);
  return text;
}

Status check(const PcapFilter& filter) {
  const auto& all = filter.instructions;
  if (all.size() > SKIFF_FILTER_MOST)
    return invalid_argument("pcap: {} instructions are more than {}: a shorter expression",
                            all.size(), SKIFF_FILTER_MOST);
  for (size_t i = 0; i < all.size(); ++i)
    if (const char* problem = problem_of(all, i))
      return invalid_argument("pcap: instruction {} {}", i, problem);
  return {};
}

skiff_tap_filter to_abi(const PcapFilter& filter) {
  skiff_tap_filter value{};
  value.count = static_cast<uint32_t>(filter.instructions.size());
  std::ranges::copy(filter.instructions, value.instructions);
  return value;
}

}  // namespace skiff::trace
