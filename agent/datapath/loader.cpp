// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/loader.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <cstdarg>
#include <map>

#include "agent/datapath/bpffs.h"
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

uint32_t wanted_size(std::string_view name, const MapSizes& sizes) {
  static const std::map<std::string_view, uint32_t MapSizes::*> kSizes = {
      {"frontends", &MapSizes::frontends}, {"backends", &MapSizes::backends},
      {"flows", &MapSizes::flows},         {"aliases", &MapSizes::flows},
      {"new_flows", &MapSizes::new_flows}, {"new_aliases", &MapSizes::new_flows},
      {"affinity", &MapSizes::affinity},   {"reverse_sockets", &MapSizes::reverse_sockets},
  };
  const auto it = kSizes.find(name);
  return it == kSizes.end() ? 0 : sizes.*(it->second);
}

bool same_layout(const bpf_map_info& pinned, const bpf_map* map) {
  return pinned.type == ::bpf_map__type(map) && pinned.key_size == ::bpf_map__key_size(map) &&
         pinned.value_size == ::bpf_map__value_size(map) &&
         pinned.map_flags == ::bpf_map__map_flags(map);
}

// Takes the size of the map pinned at `path`, or clears the way for a new one.
Status adopt_pinned(bpf_map* map, const std::string& path, std::vector<std::string>& recreated) {
  const UniqueFd pinned(::bpf_obj_get(path.c_str()));
  if (!pinned) {
    if (errno == ENOENT) return {};
    return errno_status(errno, fmt::format("open map {}", path));
  }
  bpf_map_info info = {};
  uint32_t length = sizeof(info);
  if (::bpf_obj_get_info_by_fd(pinned.get(), &info, &length) < 0) {
    return errno_status(errno, fmt::format("look at map {}", path));
  }
  if (same_layout(info, map)) {
    ::bpf_map__set_max_entries(map, info.max_entries);
    return {};
  }
  recreated.emplace_back(::bpf_map__name(map));
  return remove_pin(path);
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

Status adopt_maps(bpf_object* object, const DatapathOptions& options,
                  std::vector<std::string>& recreated) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (::bpf_map__is_internal(map)) continue;
    const std::string name = ::bpf_map__name(map);
    const std::string path = fmt::format("{}/maps/{}", options.pin_dir, name);
    if (const uint32_t size = wanted_size(name, options.sizes); size != 0) {
      ::bpf_map__set_max_entries(map, size);
    }
    RETURN_IF_ERROR(adopt_pinned(map, path, recreated), "map {}", name);
    if (const int failed = ::bpf_map__set_pin_path(map, path.c_str()); failed != 0) {
      return errno_status(-failed, fmt::format("pin path of map {}", name));
    }
  }
  return {};
}

}  // namespace skiff::datapath
