// SPDX-License-Identifier: Apache-2.0
#include "kube/object_table.h"

#include <absl/container/btree_set.h>

#include <cstring>
#include <utility>

#include "api/pack.h"

namespace skiff::kube {
namespace {

// Before each packed object.
struct PackedHead {
  uint32_t size = 0;  // of all that follows
  uint32_t namespace_size = 0;
  uint32_t name_size = 0;
};

PackedHead head_of(const void* block) {
  PackedHead head;
  std::memcpy(&head, block, sizeof(head));
  return head;
}

std::string_view text_of(const void* block) {
  return {static_cast<const char*>(block) + sizeof(PackedHead), head_of(block).size};
}

}  // namespace

const void* pack_object(const api::TypeInfo& type, const void* object, KeyView key) {
  std::string text;
  text += key.namespace_;
  text += key.name;
  api::pack(type, object, text);
  const PackedHead head{.size = static_cast<uint32_t>(text.size()),
                        .namespace_size = static_cast<uint32_t>(key.namespace_.size()),
                        .name_size = static_cast<uint32_t>(key.name.size())};
  char* block = new char[sizeof(head) + text.size()];
  std::memcpy(block, &head, sizeof(head));
  std::memcpy(block + sizeof(head), text.data(), text.size());
  return block;
}

void free_packed(const void* block) {
  delete[] static_cast<const char*>(block);
}

KeyView packed_key(const void* block) {
  const PackedHead head = head_of(block);
  const std::string_view text = text_of(block);
  return {text.substr(0, head.namespace_size), text.substr(head.namespace_size, head.name_size)};
}

void unpack_object(const api::TypeInfo& type, const void* block, void* into) {
  const PackedHead head = head_of(block);
  api::unpack(type, text_of(block).substr(head.namespace_size + head.name_size), into);
}

struct ObjectTable::Objects {
  struct Less {
    using is_transparent = void;
    KeyView (*key_of)(const void*);

    KeyView view(const void* held) const { return key_of(held); }
    KeyView view(const KeyView& key) const { return key; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return view(a) < view(b);
    }
  };

  absl::btree_set<const void*, Less> set;
};

ObjectTable::ObjectTable(Form form)
    : form_(form),
      objects_(new Objects{absl::btree_set<const void*, Objects::Less>({form.key_of})}) {}

ObjectTable::~ObjectTable() {
  for (const void* held : objects_->set) form_.free(held);
}

const void* ObjectTable::find(KeyView key) const {
  const auto it = objects_->set.find(key);
  return it == objects_->set.end() ? nullptr : *it;
}

size_t ObjectTable::size() const {
  return objects_->set.size();
}

void ObjectTable::each(const Visit& visit) const {
  for (const void* held : objects_->set) visit(held);
}

void ObjectTable::each(std::string_view namespace_, const Visit& visit) const {
  for (auto it = objects_->set.lower_bound(KeyView(namespace_, ""));
       it != objects_->set.end() && form_.key_of(*it).namespace_ == namespace_; ++it)
    visit(*it);
}

ObjectTable::Held ObjectTable::put(const void* held) {
  const auto [it, inserted] = objects_->set.insert(held);
  // The same key: the order stays.
  return {inserted ? nullptr : std::exchange(const_cast<const void*&>(*it), held), form_.free};
}

ObjectTable::Held ObjectTable::erase(KeyView key) {
  const auto it = objects_->set.find(key);
  if (it == objects_->set.end()) return {nullptr, form_.free};
  Held gone(*it, form_.free);
  objects_->set.erase(it);
  return gone;
}

struct IndexTable::Entries {
  absl::btree_set<std::pair<size_t, const void*>> set;  // hash of the value, object
};

IndexTable::IndexTable() : entries_(std::make_unique<Entries>()) {}
IndexTable::~IndexTable() = default;
IndexTable::IndexTable(IndexTable&&) noexcept = default;

void IndexTable::insert(std::string_view value, const void* held) {
  entries_->set.emplace(std::hash<std::string_view>{}(value), held);
}

void IndexTable::erase(std::string_view value, const void* held) {
  entries_->set.erase({std::hash<std::string_view>{}(value), held});
}

std::vector<const void*> IndexTable::find(std::string_view value) const {
  const size_t hash = std::hash<std::string_view>{}(value);
  std::vector<const void*> found;
  for (auto it = entries_->set.lower_bound({hash, nullptr});
       it != entries_->set.end() && it->first == hash; ++it)
    found.push_back(it->second);
  return found;
}

}  // namespace skiff::kube
