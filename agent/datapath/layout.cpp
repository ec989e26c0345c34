// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/layout.h"

#include <bpf/btf.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace skiff::datapath {

namespace {

constexpr int kDeepest = 16;

bool is_padding(const std::string& path) {
  const size_t dot = path.rfind('.');
  return std::string_view(path).substr(dot == std::string::npos ? 0 : dot + 1).starts_with("pad");
}

class Flattener {
 public:
  Flattener(const ::btf* btf, Layout& layout) : btf_(btf), layout_(layout) {}

  Status add(uint32_t type_id, const std::string& path, uint32_t offset, int depth) {
    if (depth > kDeepest) return failed_precondition("{}: nested too deep", path);
    bool network_order = false;
    const btf_type* type = resolve(type_id, network_order);
    if (type == nullptr) return failed_precondition("{}: type {} is unknown", path, type_id);
    if (btf_is_struct(type)) return add_members(type, path, offset, depth);
    if (btf_is_array(type)) return add_elements(type, path, offset, depth);
    if (btf_is_int(type) || btf_is_any_enum(type)) {
      layout_.fields.push_back({.path = path,
                                .offset = offset,
                                .size = type->size,
                                .count = 1,
                                .network_order = network_order});
      return {};
    }
    return failed_precondition("{}: neither number nor struct", path);
  }

 private:
  // Through typedefs and qualifiers; the names of some say the byte order.
  const btf_type* resolve(uint32_t type_id, bool& network_order) const {
    const btf_type* type = ::btf__type_by_id(btf_, type_id);
    for (int depth = 0; type != nullptr && depth < kDeepest; ++depth) {
      if (!btf_is_typedef(type) && !btf_is_mod(type)) return type;
      if (btf_is_typedef(type)) {
        network_order |=
            std::string_view(::btf__name_by_offset(btf_, type->name_off)).starts_with("__be");
      }
      type = ::btf__type_by_id(btf_, type->type);
    }
    return nullptr;
  }

  Status add_members(const btf_type* type, const std::string& path, uint32_t offset, int depth) {
    for (uint32_t i = 0; i < btf_vlen(type); ++i) {
      const char* name = ::btf__name_by_offset(btf_, btf_members(type)[i].name_off);
      const std::string inner = path.empty() ? name : fmt::format("{}.{}", path, name);
      const uint32_t bits = btf_member_bit_offset(type, i);
      if (btf_member_bitfield_size(type, i) != 0 || bits % 8 != 0) {
        return failed_precondition("{}: is a bit field", inner);
      }
      RETURN_IF_ERROR(add(btf_members(type)[i].type, inner, offset + bits / 8, depth + 1));
    }
    return {};
  }

  Status add_elements(const btf_type* type, const std::string& path, uint32_t offset, int depth) {
    const struct btf_array* array = btf_array(type);
    bool network_order = false;
    const btf_type* element = resolve(array->type, network_order);
    if (element != nullptr && (btf_is_int(element) || btf_is_any_enum(element))) {
      layout_.fields.push_back({.path = path,
                                .offset = offset,
                                .size = element->size,
                                .count = array->nelems,
                                .network_order = network_order});
      return {};
    }
    const int64_t size = ::btf__resolve_size(btf_, array->type);
    if (size < 0) return failed_precondition("{}: elements of unknown size", path);
    for (uint32_t i = 0; i < array->nelems; ++i) {
      RETURN_IF_ERROR(add(array->type, fmt::format("{}[{}]", path, i),
                          offset + i * static_cast<uint32_t>(size), depth + 1));
    }
    return {};
  }

  static bool btf_is_any_enum(const btf_type* type) {
    return btf_kind(type) == BTF_KIND_ENUM || btf_kind(type) == 19;  // 19: ENUM64, since 6.0
  }

  const ::btf* btf_;
  Layout& layout_;
};

}  // namespace

Result<Layout> layout_of(const ::btf* btf, uint32_t type_id) {
  Layout layout;
  const int64_t size = ::btf__resolve_size(btf, type_id);
  if (size < 0) return failed_precondition("type {} has no size", type_id);
  layout.size = static_cast<uint32_t>(size);
  RETURN_IF_ERROR(Flattener(btf, layout).add(type_id, "", 0, 0));
  return layout;
}

Result<Conversion> Conversion::plan(const Layout& from, const Layout& to) {
  Conversion conversion;
  if (from.fields.empty() || to.fields.empty()) {
    if (from.size != to.size) {
      return failed_precondition("{} bytes of unknown layout do not fit {}", from.size, to.size);
    }
    conversion.copy_ = true;
    conversion.moves_.push_back({.from = 0, .to = 0, .from_size = to.size, .to_size = to.size});
    return conversion;
  }
  conversion.copy_ = from == to;
  for (const Field& field : to.fields) {
    const auto old = std::ranges::find(from.fields, field.path, &Field::path);
    if (old == from.fields.end()) {
      conversion.adds_ |= !is_padding(field.path);
      continue;
    }
    const bool widened = old->size < field.size && !field.network_order;
    if ((old->size != field.size && !widened) || old->network_order != field.network_order) {
      if (is_padding(field.path)) continue;
      return failed_precondition("field {} had {} bytes and has {}", field.path, old->size,
                                 field.size);
    }
    for (uint32_t i = 0; i < std::min(old->count, field.count); ++i) {
      conversion.moves_.push_back({.from = old->offset + i * old->size,
                                   .to = field.offset + i * field.size,
                                   .from_size = old->size,
                                   .to_size = field.size});
    }
  }
  for (const Field& field : from.fields) {
    conversion.drops_ |= !is_padding(field.path) &&
                         std::ranges::find(to.fields, field.path, &Field::path) == to.fields.end();
  }
  return conversion;
}

// Numbers that were not in network order are the host's, little end first on every machine that
// eBPF is translated for here: widening adds zeros behind.
void Conversion::apply(std::span<const std::byte> from, std::span<std::byte> to) const {
  std::ranges::fill(to, std::byte{0});
  for (const Move& move : moves_) {
    std::memcpy(to.data() + move.to, from.data() + move.from, move.from_size);
  }
}

}  // namespace skiff::datapath
