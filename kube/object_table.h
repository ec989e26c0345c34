// SPDX-License-Identifier: Apache-2.0
// What is under a Store<T>, compiled once for all T: objects in key order, whole or packed, and
// which of them have an index value. Some 11 bytes an object and 22 an index value, where maps of
// keys took ten times that.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/describe.h"
#include "kube/object_key.h"

namespace skiff::kube {

struct KeyView {
  std::string_view namespace_;
  std::string_view name;

  KeyView(std::string_view in, std::string_view called) : namespace_(in), name(called) {}
  KeyView(const ObjectKey& key) : namespace_(key.namespace_), name(key.name) {}
  ObjectKey key() const { return {std::string(namespace_), std::string(name)}; }
  auto operator<=>(const KeyView&) const = default;
};

// The object in one block: its key, then what api::pack() makes of it. For free_packed().
const void* pack_object(const api::TypeInfo& type, const void* object, KeyView key);
void free_packed(const void* block);
KeyView packed_key(const void* block);
// Into the default-valued `*into`.
void unpack_object(const api::TypeInfo& type, const void* block, void* into);

// Owns what it holds, which is opaque to it: a packed block, or what points to an object.
class ObjectTable {
 public:
  struct Form {
    KeyView (*key_of)(const void* held);
    void (*free)(const void* held);
  };
  using Held = std::unique_ptr<const void, void (*)(const void*)>;
  using Visit = std::function<void(const void* held)>;

  explicit ObjectTable(Form form);
  ~ObjectTable();
  ObjectTable(const ObjectTable&) = delete;
  ObjectTable& operator=(const ObjectTable&) = delete;

  const void* find(KeyView key) const;  // null: not there
  size_t size() const;
  // In key order; `visit` changes nothing here. The second form: of one namespace.
  void each(const Visit& visit) const;
  void each(std::string_view namespace_, const Visit& visit) const;
  // Returns what was there under the key; null: nothing.
  Held put(const void* held);
  Held erase(KeyView key);

 private:
  struct Objects;
  Form form_;
  std::unique_ptr<Objects> objects_;
};

// Which objects have a value. Knows values by their hash alone: whoever finds an object here asks
// it whether it has the value.
class IndexTable {
 public:
  IndexTable();
  ~IndexTable();
  IndexTable(IndexTable&&) noexcept;

  void insert(std::string_view value, const void* held);
  void erase(std::string_view value, const void* held);
  std::vector<const void*> find(std::string_view value) const;

 private:
  struct Entries;
  std::unique_ptr<Entries> entries_;
};

}  // namespace skiff::kube
