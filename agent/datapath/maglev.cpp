// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/maglev.h"

#include <algorithm>

namespace skiff::datapath {

namespace {

constexpr uint32_t kUnset = UINT32_MAX;
constexpr uint32_t kPrimes[] = {251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65537};
constexpr uint32_t kEntriesPerBackend = 100;
constexpr uint32_t kEntriesOfTheLightest = 10;

// FNV-1a over address and port, then splitmix64: every node must come to the same.
uint64_t hash(const MaglevBackend& backend, uint64_t seed) {
  uint64_t value = 0xcbf29ce484222325 ^ seed;
  const auto add = [&value](uint8_t byte) { value = (value ^ byte) * 0x100000001b3; };
  for (const uint8_t byte : backend.address.bytes()) add(byte);
  add(static_cast<uint8_t>(backend.port >> 8));
  add(static_cast<uint8_t>(backend.port));
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

uint32_t prime_from(uint64_t least) {
  for (const uint32_t prime : kPrimes)
    if (prime >= least) return prime;
  return std::end(kPrimes)[-1];
}

// A backend's own order of all entries: (first + n * step) mod size, step prime to a prime size.
struct Permutation {
  uint32_t next;
  uint32_t step;
  uint64_t credit = 0;
};

}  // namespace

uint32_t maglev_table_size(size_t equal_backends) {
  return prime_from(equal_backends * kEntriesPerBackend);
}

uint32_t maglev_table_size(std::span<const MaglevBackend> backends) {
  uint64_t sum = 0;
  uint64_t lightest = UINT64_MAX;
  for (const MaglevBackend& backend : backends) {
    sum += backend.weight;
    if (backend.weight > 0) lightest = std::min<uint64_t>(lightest, backend.weight);
  }
  const uint64_t for_the_lightest = sum / lightest * kEntriesOfTheLightest;
  return prime_from(std::max<uint64_t>(backends.size() * kEntriesPerBackend, for_the_lightest));
}

std::vector<uint16_t> maglev_table(std::span<const MaglevBackend> backends, uint32_t size) {
  uint32_t heaviest = 0;
  for (const MaglevBackend& backend : backends) heaviest = std::max(heaviest, backend.weight);
  if (heaviest == 0 || backends.size() > UINT16_MAX || size < 3) return {};

  std::vector<Permutation> order;
  for (const MaglevBackend& backend : backends) {
    order.push_back({.next = static_cast<uint32_t>(hash(backend, 1) % size),
                     .step = static_cast<uint32_t>(hash(backend, 2) % (size - 1)) + 1});
  }
  std::vector<uint32_t> table(size, kUnset);
  uint32_t filled = 0;
  while (filled < size) {
    for (size_t i = 0; i < order.size() && filled < size; ++i) {
      // The heaviest takes an entry each round, the others as often as their weight allows.
      Permutation& mine = order[i];
      mine.credit += backends[i].weight;
      if (mine.credit < heaviest) continue;
      mine.credit -= heaviest;
      while (table[mine.next] != kUnset) mine.next = (mine.next + mine.step) % size;
      table[mine.next] = static_cast<uint32_t>(i);
      ++filled;
    }
  }
  return std::vector<uint16_t>(table.begin(), table.end());
}

std::vector<MaglevBlock> maglev_blocks(std::span<const uint16_t> table) {
  std::vector<MaglevBlock> blocks((table.size() + SKIFF_MAGLEV_BLOCK - 1) / SKIFF_MAGLEV_BLOCK);
  for (size_t i = 0; i < table.size(); ++i) {
    blocks[i / SKIFF_MAGLEV_BLOCK].offset[i % SKIFF_MAGLEV_BLOCK] = table[i];
  }
  return blocks;
}

}  // namespace skiff::datapath
