// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/symbols.h"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace skiff::trace {

// Lines are "ffffffff81000000 T name [module]"; only code counts.
void Symbols::load() {
  loaded_ = true;
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) {
    const size_t space = line.find(' ');
    if (space == std::string::npos || space + 3 >= line.size()) continue;
    const char type = line[space + 1];
    if (type != 't' && type != 'T' && type != 'w' && type != 'W') continue;
    uint64_t address = 0;
    std::from_chars(line.data(), line.data() + space, address, 16);
    if (address == 0) continue;
    const size_t end = line.find_first_of(" \t", space + 3);
    symbols_.push_back({address, static_cast<uint32_t>(names_.size())});
    names_.append(line, space + 3, end == std::string::npos ? end : end - space - 3);
    names_ += '\0';
  }
  std::sort(symbols_.begin(), symbols_.end(),
            [](const Symbol& a, const Symbol& b) { return a.address < b.address; });
  symbols_.shrink_to_fit();
  names_.shrink_to_fit();
}

std::string Symbols::name(uint64_t address) {
  if (!loaded_) load();
  auto it = std::upper_bound(symbols_.begin(), symbols_.end(), address,
                             [](uint64_t wanted, const Symbol& s) { return wanted < s.address; });
  if (it == symbols_.begin()) return fmt::format("{:#x}", address);
  --it;
  return fmt::format("{}+{:#x}", names_.c_str() + it->name, address - it->address);
}

}  // namespace skiff::trace
