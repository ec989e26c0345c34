// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/loader.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <map>

#include "agent/datapath/bpffs.h"
#include "agent/datapath/kernel_map.h"
#include "base/unique_fd.h"

namespace skiff::datapath {

namespace {

thread_local std::string* captured = nullptr;

int capture(libbpf_print_level level, const char* format, va_list arguments) {
  if (captured == nullptr || level == LIBBPF_DEBUG) return 0;
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  const size_t before = captured->size();
  captured->resize(before + static_cast<size_t>(std::max(length, 0)) + 1);
  std::vsnprintf(captured->data() + before, static_cast<size_t>(length) + 1, format, arguments);
  captured->pop_back();  // the terminator
  return length;
}

uint32_t wanted_size(const std::string& name, const MapSizes& sizes) {
  static const std::map<std::string_view, uint32_t MapSizes::*> kSizes = {
      {"frontends", &MapSizes::frontends}, {"backends", &MapSizes::backends},
      {"flows", &MapSizes::flows},         {"aliases", &MapSizes::flows},
      {"new_flows", &MapSizes::new_flows}, {"new_aliases", &MapSizes::new_flows},
      {"affinity", &MapSizes::affinity},   {"reverse_sockets", &MapSizes::reverse_sockets},
  };
  if (const auto grown = sizes.grown.find(name); grown != sizes.grown.end()) return grown->second;
  const auto it = kSizes.find(name);
  return it == kSizes.end() ? 0 : sizes.*(it->second);
}

// As libbpf will make it.
MapShape shape_of(const bpf_object* object, const bpf_map* map) {
  MapShape shape = {.type = ::bpf_map__type(map),
                    .key_size = ::bpf_map__key_size(map),
                    .value_size = ::bpf_map__value_size(map),
                    .max_entries = ::bpf_map__max_entries(map),
                    .flags = ::bpf_map__map_flags(map),
                    .copies = 1,
                    .key = {},
                    .value = {}};
  const btf* types = ::bpf_object__btf(object);
  if (auto key = layout_of(types, ::bpf_map__btf_key_type_id(map)); key.ok()) shape.key = *key;
  if (auto value = layout_of(types, ::bpf_map__btf_value_type_id(map)); value.ok())
    shape.value = *value;
  return shape;
}

bool same_fields(const Layout& a, const Layout& b) {
  return a.fields.empty() || b.fields.empty() || a == b;
}

bool same_layout(const MapShape& a, const MapShape& b) {
  return a.type == b.type && a.key_size == b.key_size && a.value_size == b.value_size &&
         a.flags == b.flags && same_fields(a.key, b.key) && same_fields(a.value, b.value);
}

// Takes the map pinned at `path` for `map` if it fits. False: there is none, or it does not.
Result<bool> adopt_pinned(const bpf_object* object, bpf_map* map, const std::string& path) {
  const UniqueFd pinned(::bpf_obj_get(path.c_str()));
  if (!pinned) {
    if (errno == ENOENT) return false;
    return errno_status(errno, fmt::format("open map {}", path));
  }
  ASSIGN_OR_RETURN(const MapShape shape, map_shape(pinned.get()), "map {}", path);
  if (!same_layout(shape, shape_of(object, map)) ||
      shape.max_entries < ::bpf_map__max_entries(map)) {
    return false;
  }
  ::bpf_map__set_max_entries(map, shape.max_entries);
  return true;
}

// The entries of a pinned map; 0 without one. A map never shrinks: what it holds has to fit.
uint32_t pinned_entries(const std::string& path) {
  const UniqueFd pinned(::bpf_obj_get(path.c_str()));
  bpf_map_info info = {};
  uint32_t length = sizeof(info);
  const bool known = pinned && ::bpf_obj_get_info_by_fd(pinned.get(), &info, &length) == 0;
  return known ? info.max_entries : 0;
}

Result<std::string> pin_for(const bpf_object* object, bpf_map* map, const DatapathOptions& options,
                            Misfit misfit, std::vector<std::string>& replaced) {
  const std::string name = ::bpf_map__name(map);
  const std::string current = fmt::format("{}/maps/{}", options.pin_dir, name);
  const std::string next = fmt::format("{}/next/{}", options.pin_dir, name);
  // One that an upgrade is filling comes first: programs read it already.
  ASSIGN_OR_RETURN(const bool upgrading, adopt_pinned(object, map, next));
  if (upgrading) return next;
  RETURN_IF_ERROR(remove_pin(next));
  ASSIGN_OR_RETURN(const bool fits, adopt_pinned(object, map, current));
  if (fits) return current;
  const uint32_t entries = pinned_entries(current);
  if (entries == 0) return current;
  ::bpf_map__set_max_entries(map, std::max(entries, ::bpf_map__max_entries(map)));
  if (misfit == Misfit::kMigrate) return next;
  replaced.push_back(name);
  RETURN_IF_ERROR(remove_pin(current));
  return current;
}

}  // namespace

LogCapture::LogCapture() {
  static const auto previous = ::libbpf_set_print(capture);
  (void)previous;
  captured = &text_;
}

LogCapture::~LogCapture() {
  captured = nullptr;
}

std::string LogCapture::tail(size_t lines) const {
  size_t start = text_.size();
  while (start > 0 && lines > 0) {
    const size_t newline = text_.rfind('\n', start - 1);
    if (newline == std::string::npos) {
      start = 0;
      break;
    }
    start = newline;
    if (newline + 1 != text_.size()) --lines;
  }
  return text_.substr(start);
}

Status adopt_maps(bpf_object* object, const DatapathOptions& options, Misfit misfit,
                  std::vector<std::string>& replaced) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (::bpf_map__is_internal(map)) continue;
    const std::string name = ::bpf_map__name(map);
    const uint32_t size = wanted_size(name, options.sizes);
    if (size > 0) ::bpf_map__set_max_entries(map, size);
    ASSIGN_OR_RETURN(const std::string pin, pin_for(object, map, options, misfit, replaced),
                     "map {}", name);
    if (const int failed = ::bpf_map__set_pin_path(map, pin.c_str()); failed != 0) {
      return errno_status(-failed, fmt::format("pin path of map {}", name));
    }
  }
  return {};
}

std::vector<std::string> leave_out_unknown(bpf_object* object) {
  constexpr std::string_view kTracepoint = "tp_btf/", kNetfilter = "netfilter/";
  // Numbers of the kernel's ABI (6.4, commit 84601d6ee68a) that the 6.1 headers do not name.
  constexpr int kProgramNetfilter = 32, kAttachNetfilter = 45;
  const std::unique_ptr<btf, void (*)(btf*)> kernel(::btf__load_vmlinux_btf(), ::btf__free);
  const auto has = [&](const std::string& name, uint32_t kind) {
    return kernel && ::btf__find_by_name_kind(kernel.get(), name.c_str(), kind) >= 0;
  };
  std::vector<std::string> unknown;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    const std::string_view section = ::bpf_program__section_name(program);
    std::string missing;
    if (section.starts_with(kTracepoint)) {
      const std::string name(section.substr(kTracepoint.size()));
      if (!has("btf_trace_" + name, BTF_KIND_TYPEDEF)) missing = name;
    } else if (section.starts_with(kNetfilter)) {
      ::bpf_program__set_type(program, static_cast<bpf_prog_type>(kProgramNetfilter));
      ::bpf_program__set_expected_attach_type(program,
                                              static_cast<bpf_attach_type>(kAttachNetfilter));
      if (!has("bpf_nf_ctx", BTF_KIND_STRUCT)) missing = "netfilter";
    }
    if (missing.empty()) continue;
    ::bpf_program__set_autoload(program, false);
    if (std::ranges::find(unknown, missing) == unknown.end()) unknown.push_back(missing);
  }
  return unknown;
}

Status share_maps(bpf_object* object, const std::string& pin_dir,
                  const std::function<bool(bpf_map*, std::string_view name)>& is_own) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    const std::string_view name = ::bpf_map__name(map);
    if (::bpf_map__is_internal(map) || is_own(map, name)) continue;
    const std::string path = fmt::format("{}/maps/{}", pin_dir, name);
    const UniqueFd pinned(::bpf_obj_get(path.c_str()));
    if (!pinned) return errno_status(errno, fmt::format("open map {}", path));
    if (const int failed = ::bpf_map__reuse_fd(map, pinned.get()); failed != 0)
      return errno_status(-failed, fmt::format("share map {}", name));
  }
  return {};
}

}  // namespace skiff::datapath
