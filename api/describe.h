// SPDX-License-Identifier: Apache-2.0
// Field tables: the one description of a type that every operation (codec, patch, validation, ...)
// interprets. A header announces a type with KUBE_TYPE(T); its source file describes it with
// KUBE_FIELDS(T, KUBE_FIELD(...), ...), after one KUBE_PACKAGE(...) for the file. Tables are
// constant-initialised: no start-up cost, no order of initialisation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skiff::api {

struct TypeInfo;

// A nullable T with value semantics: what a pointer to a struct is in Go. Copies are deep.
template <class T>
class Box {
 public:
  Box() = default;
  Box(T value) : value_(std::make_unique<T>(std::move(value))) {}
  Box(const Box& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
  Box(Box&&) noexcept = default;
  Box& operator=(const Box& other) {
    if (this != &other) value_ = other ? std::make_unique<T>(*other) : nullptr;
    return *this;
  }
  Box& operator=(Box&&) noexcept = default;

  explicit operator bool() const { return value_ != nullptr; }
  bool has_value() const { return value_ != nullptr; }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }
  T* get() { return value_.get(); }
  const T* get() const { return value_.get(); }

  // A new default value in place of what was there.
  T& emplace() { return *(value_ = std::make_unique<T>()); }
  // What is there, or a new default value.
  T& ensure() { return value_ ? *value_ : emplace(); }
  void reset() { value_.reset(); }

 private:
  std::unique_ptr<T> value_;
};

enum class Form : uint8_t {
  kBool,
  kInt32,
  kInt64,
  kDouble,
  kString,
  kBytes,
  kQuantity,
  kIntOrString,
  kTime,
  kMicroTime,
  kRawJson,
  kStruct,
  kOptional,  // std::optional<scalar>
  kBox,       // Box<struct>
  kList,      // std::vector
  kMap,       // std::map<std::string, T>
  kUnion,     // struct whose JSON is that of the one field that is there, told by the kind of value
  kDocument,  // Document: an object whose schema is known at run time only
};

// How a list merges: as a whole, as a set of scalars, or as entries found by their keys
// (server-side apply).
enum class ListType : uint8_t { kAtomic, kSet, kMap };

// The strategic merge patch strategies of Kubernetes; a field without one is replaced (list) or
// merged (struct, map).
enum class Patch : uint8_t { kDefault, kReplace, kMerge, kRetainKeys, kMergeRetainKeys };

// One field of a struct. Designated initialisers in the tables follow this order.
struct FieldInfo {
  std::string_view name;  // as in JSON
  uint32_t offset = 0;
  const TypeInfo* type = nullptr;
  uint16_t number = 0;  // protobuf field number
  // Protobuf number of the embedded message that holds this field; 0: none. 0x0203: message 3
  // within message 2.
  uint16_t outer = 0;
  bool required = false;   // must be given; always written
  bool null_zero = false;  // a zero Time is written as null instead of left out
  bool immutable = false;  // may not change once the object exists
  Patch patch = Patch::kDefault;
  ListType list = ListType::kAtomic;
  bool atomic = false;    // struct or map: owned as a whole (server-side apply)
  bool granular = false;  // not as a whole here, although its type is
  std::string_view merge_key =
      {};  // list of structs: the field that identifies an entry in a strategic merge patch
  std::string_view keys = {};  // ListType::kMap: the fields that identify an entry, comma-separated
  std::string_view values = {};  // strings: the values allowed, comma-separated
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
  // The default as JSON text, of a field that is one of `keys`, for whoever looks for an
  // entry in which it is left out (server-side apply; nothing reads it yet). Every other default is
  // a hook (group.h).
  std::string_view fallback = {};
  std::string_view doc = {};
};

// Operations on values whose type is known only by its TypeInfo.
struct ValueOps {
  void* (*create)();
  void (*destroy)(void*);
};
struct MaybeOps {                   // kOptional, kBox
  const void* (*get)(const void*);  // null when absent
  void* (*emplace)(void*);
  void (*reset)(void*);
};
struct ListOps {
  size_t (*size)(const void*);
  void* (*at)(void*, size_t);
  void* (*append)(void*);
  void (*clear)(void*);
};
struct MapOps {
  using Visit = void (*)(void* context, const std::string& key, const void* value);
  size_t (*size)(const void*);
  void* (*insert)(void*, std::string&& key);  // the value of a new or an existing key
  const void* (*find)(const void*, std::string_view key);
  void (*each)(const void*, void* context, Visit visit);  // in order of keys
  void (*clear)(void*);
};

// The decoder marks the fields it has seen in 64 bits.
inline constexpr size_t kMaxFields = 64;

// A type: its form and, by form, its fields, its element, and the operations above.
struct TypeInfo {
  Form form = Form::kStruct;
  std::string_view name;          // as Kubernetes calls it: `Pod`
  std::string_view package = {};  // where Kubernetes defines it, with a dot: `io.k8s.api.core.v1.`
  bool atomic = false;  // owned as a whole wherever it occurs, unless a field says granular
  std::span<const FieldInfo> fields = {};
  const TypeInfo* element = nullptr;  // of kOptional, kBox, kList, kMap
  const ValueOps* value = nullptr;
  const MaybeOps* maybe = nullptr;
  const ListOps* list = nullptr;
  const MapOps* map = nullptr;

  // The field called `json_name`, or null.
  const FieldInfo* field(std::string_view json_name) const;
  // The name in OpenAPI: `io.k8s.api.core.v1.Pod`.
  std::string definition() const { return std::string(package).append(name); }
};

inline const void* member(const void* object, const FieldInfo& field) {
  return static_cast<const std::byte*>(object) + field.offset;
}
inline void* member(void* object, const FieldInfo& field) {
  return static_cast<std::byte*>(object) + field.offset;
}

// Makes `*to` equal to `*from`, both of `type`. By the tables: the copy operations of C++ would be
// compiled into the table of every type that holds pods.
void assign(const TypeInfo& type, void* to, const void* from);

// Calls `visit(const std::string& key, const void* value)` for each entry of a map.
template <class Visit>
void for_each_entry(const TypeInfo& type, const void* map, Visit&& visit) {
  type.map->each(map, &visit, [](void* context, const std::string& key, const void* value) {
    (*static_cast<Visit*>(context))(key, value);
  });
}

namespace detail {

template <class T>
inline constexpr ValueOps kValueOps = {
    .create = [] { return static_cast<void*>(new T()); },
    .destroy = [](void* value) { delete static_cast<T*>(value); },
};

template <class M>
inline constexpr MaybeOps kMaybeOps = {
    .get =
        [](const void* maybe) {
          const auto& m = *static_cast<const M*>(maybe);
          return static_cast<const void*>(m.has_value() ? &*m : nullptr);
        },
    .emplace = [](void* maybe) { return static_cast<void*>(&static_cast<M*>(maybe)->emplace()); },
    .reset = [](void* maybe) { static_cast<M*>(maybe)->reset(); },
};

template <class V>
inline constexpr ListOps kListOps = {
    .size = [](const void* list) { return static_cast<const V*>(list)->size(); },
    .at = [](void* list, size_t i) { return static_cast<void*>(&(*static_cast<V*>(list))[i]); },
    .append = [](void* list) { return static_cast<void*>(&static_cast<V*>(list)->emplace_back()); },
    .clear = [](void* list) { static_cast<V*>(list)->clear(); },
};

template <class M>
inline constexpr MapOps kMapOps = {
    .size = [](const void* map) { return static_cast<const M*>(map)->size(); },
    .insert =
        [](void* map, std::string&& key) {
          return static_cast<void*>(&(*static_cast<M*>(map))[std::move(key)]);
        },
    .find =
        [](const void* map, std::string_view key) {
          const auto& m = *static_cast<const M*>(map);
          const auto found = m.find(std::string(key));
          return static_cast<const void*>(found == m.end() ? nullptr : &found->second);
        },
    .each =
        [](const void* map, void* context, MapOps::Visit visit) {
          for (const auto& [key, value] : *static_cast<const M*>(map)) visit(context, key, &value);
        },
    .clear = [](void* map) { static_cast<M*>(map)->clear(); },
};

}  // namespace detail

// Describe<T>::type is the description of T. Specialised by KUBE_TYPE for structs, in scalars.h for
// scalars.
template <class T>
struct Describe;

template <class T>
struct Describe<std::optional<T>> {
  static constexpr TypeInfo type = {.form = Form::kOptional,
                                    .element = &Describe<T>::type,
                                    .maybe = &detail::kMaybeOps<std::optional<T>>};
};
template <class T>
struct Describe<Box<T>> {
  static constexpr TypeInfo type = {
      .form = Form::kBox, .element = &Describe<T>::type, .maybe = &detail::kMaybeOps<Box<T>>};
};
template <class T>
struct Describe<std::vector<T>> {
  static constexpr TypeInfo type = {.form = Form::kList,
                                    .element = &Describe<T>::type,
                                    .list = &detail::kListOps<std::vector<T>>};
};
template <class T>
struct Describe<std::map<std::string, T>> {
  static constexpr TypeInfo type = {.form = Form::kMap,
                                    .element = &Describe<T>::type,
                                    .map = &detail::kMapOps<std::map<std::string, T>>};
};

template <class T>
constexpr const TypeInfo& type_of() {
  return Describe<T>::type;
}

// `namespace_` is `namespace` in JSON.
constexpr std::string_view json_name(std::string_view member_name) {
  if (member_name.ends_with('_')) member_name.remove_suffix(1);
  return member_name;
}

}  // namespace skiff::api

// In a header, namespace skiff::api: T has a field table.
#define KUBE_TYPE(T)            \
  template <>                   \
  struct Describe<T> {          \
    static const TypeInfo type; \
  };

// Every compiler of ours lays these structs out as plain ones; the standard only promises it for
// standard-layout types.
#define SKIFF_OFFSETS_BEGIN \
  _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Winvalid-offsetof\"")
#define SKIFF_OFFSETS_END _Pragma("GCC diagnostic pop")

// In a source file, namespace skiff::api, once and first: where Kubernetes defines the types of the
// file, as in KUBE_PACKAGE("io.k8s.api.core.v1.").
#define KUBE_PACKAGE(package)                    \
  namespace {                                    \
  constexpr std::string_view kPackage = package; \
  }

// In a source file, namespace skiff::api: the field table of T. `_AS`: of a T that Kubernetes calls
// `kubernetes_name`, because two groups have a type of that name.
#define KUBE_FIELDS(T, ...) KUBE_FIELDS_AS(T, #T, __VA_ARGS__)
#define KUBE_FIELDS_AS(T, kubernetes_name, ...) \
  KUBE_ROWS(T, Form::kStruct, kubernetes_name, false, __VA_ARGS__)

// The same for a T that is owned as a whole (x-kubernetes-map-type: atomic).
#define KUBE_ATOMIC(T, ...) KUBE_ATOMIC_AS(T, #T, __VA_ARGS__)
#define KUBE_ATOMIC_AS(T, kubernetes_name, ...) \
  KUBE_ROWS(T, Form::kStruct, kubernetes_name, true, __VA_ARGS__)

// The alternatives of a T whose JSON is that of one of them.
#define KUBE_UNION(T, ...) KUBE_ROWS(T, Form::kUnion, #T, false, __VA_ARGS__)

#define KUBE_ROWS(T, form_, kubernetes_name, atomic_, ...)                 \
  SKIFF_OFFSETS_BEGIN                                                      \
  namespace {                                                              \
  struct T##Fields {                                                       \
    using Self = T;                                                        \
    static constexpr FieldInfo rows[] = {__VA_ARGS__};                     \
    static_assert(sizeof(rows) / sizeof(rows[0]) <= kMaxFields);           \
  };                                                                       \
  }                                                                        \
  SKIFF_OFFSETS_END                                                        \
  constinit const TypeInfo Describe<T>::type = {.form = form_,             \
                                                .name = kubernetes_name,   \
                                                .package = kPackage,       \
                                                .atomic = atomic_,         \
                                                .fields = T##Fields::rows, \
                                                .value = &detail::kValueOps<T>};

// A struct without fields.
#define KUBE_NO_FIELDS(T)                        \
  constinit const TypeInfo Describe<T>::type = { \
      .form = Form::kStruct, .name = #T, .package = kPackage, .value = &detail::kValueOps<T>};

// One row: the member, its protobuf number, then options as designated initialisers in the order of
// FieldInfo.
#define KUBE_FIELD(member_name, protobuf_number, ...) \
  KUBE_FIELD_AS(member_name, json_name(#member_name), protobuf_number __VA_OPT__(, ) __VA_ARGS__)

// The same for a member whose JSON name is not its own.
#define KUBE_FIELD_AS(member_name, json, protobuf_number, ...)     \
  FieldInfo {                                                      \
    .name = json, .offset = __builtin_offsetof(Self, member_name), \
    .type = &Describe<decltype(Self::member_name)>::type,          \
    .number = protobuf_number __VA_OPT__(, ) __VA_ARGS__           \
  }
