// SPDX-License-Identifier: Apache-2.0
// The kernel's functions by address, from /proc/kallsyms. Read when first asked for: a few MB that
// a node without kernel drops never needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skiff::trace {

class Symbols {
 public:
  explicit Symbols(std::string path = "/proc/kallsyms") : path_(std::move(path)) {}
  // "nft_do_chain+0x3e8"; "0xffffffff81234567" where the kernel hides its addresses.
  std::string name(uint64_t address);

 private:
  void load();

  struct Symbol {
    uint64_t address;
    uint32_t name;  // offset into names_
  };
  std::string path_;
  bool loaded_ = false;
  std::vector<Symbol> symbols_;  // by address
  std::string names_;            // each ended by a NUL
};

}  // namespace skiff::trace
