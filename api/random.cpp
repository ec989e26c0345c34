// SPDX-License-Identifier: Apache-2.0
#include "api/random.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "api/document.h"
#include "api/scalars.h"
#include "api/text.h"

namespace skiff::api {
namespace {

class Generator {
 public:
  Generator(std::mt19937_64& random, const RandomOptions& options)
      : random_(random), options_(options) {}

  void fill(const TypeInfo& type, void* into, const FieldInfo* field);

 private:
  bool chance(double probability) { return std::bernoulli_distribution(probability)(random_); }
  int64_t number(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random_);
  }
  TimePoint moment() { return TimePoint(std::chrono::seconds(number(1, 4'000'000'000))); }
  std::string text();
  std::string text_for(const FieldInfo* field);
  template <class T>
  T integer_for(const FieldInfo* field);
  void fill_struct(const TypeInfo& type, void* into);
  void fill_alternative(const TypeInfo& type, void* into);
  // Types that hold themselves (schemas of schemas) end at the second time.
  bool is_deep(const TypeInfo& type) const {
    const TypeInfo* inner = &type;
    while (inner->element != nullptr) inner = inner->element;
    return std::count(above_.begin(), above_.end(), inner) >= kMaxRepeats;
  }
  void fill_scalar(const TypeInfo& type, void* into, const FieldInfo* field);

  static constexpr int kMaxRepeats = 2;

  std::mt19937_64& random_;
  const RandomOptions& options_;
  std::vector<const TypeInfo*> above_;  // the structs around the value
};

std::string Generator::text() {
  static constexpr std::string_view kOdd[] = {"\"", "\\", "\n",  "\x01", "é",
                                              "世", "😀", "</>", "\t"};
  static constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyz0123456789-./ ";
  std::string out;
  for (int64_t left = number(1, 12); left > 0; --left) {
    if (options_.odd_text && chance(0.1))
      out += kOdd[static_cast<size_t>(number(0, std::size(kOdd) - 1))];
    else
      out += kPlain[static_cast<size_t>(number(0, kPlain.size() - 1))];
  }
  return out;
}

std::string Generator::text_for(const FieldInfo* field) {
  if (!field || field->values.empty()) return text();
  const auto values = split(field->values, ',');
  return std::string(
      values[static_cast<size_t>(number(0, static_cast<int64_t>(values.size()) - 1))]);
}

template <class T>
T Generator::integer_for(const FieldInfo* field) {
  using Limits = std::numeric_limits<T>;
  const int64_t low = field ? std::max<int64_t>(field->min, Limits::min()) : Limits::min();
  const int64_t high = field ? std::min<int64_t>(field->max, Limits::max()) : Limits::max();
  return static_cast<T>(chance(0.5) && low <= 1 && high >= 100 ? number(1, 100)
                                                               : number(low, high));
}

void Generator::fill_struct(const TypeInfo& type, void* into) {
  above_.push_back(&type);
  for (const FieldInfo& field : type.fields)
    if ((field.required || chance(options_.fill)) && !is_deep(*field.type))
      fill(*field.type, member(into, field), &field);
  above_.pop_back();
}

void Generator::fill_alternative(const TypeInfo& type, void* into) {
  const auto last = static_cast<int64_t>(type.fields.size()) - 1;
  const FieldInfo& chosen = type.fields[static_cast<size_t>(number(0, last))];
  if (!is_deep(*chosen.type)) fill(*chosen.type, member(into, chosen), &chosen);
}

void Generator::fill_scalar(const TypeInfo& type, void* into, const FieldInfo* field) {
  switch (type.form) {
    case Form::kBool:
      *static_cast<bool*>(into) = chance(0.5);
      return;
    case Form::kInt32:
      *static_cast<int32_t*>(into) = integer_for<int32_t>(field);
      return;
    case Form::kInt64:
      *static_cast<int64_t*>(into) = integer_for<int64_t>(field);
      return;
    case Form::kDouble:
      *static_cast<double*>(into) = static_cast<double>(number(-1000, 1000)) / 8;
      return;
    case Form::kString:
      *static_cast<std::string*>(into) = text_for(field);
      return;
    case Form::kBytes:
      for (int64_t left = number(1, 20); left > 0; --left)
        static_cast<Bytes*>(into)->value += static_cast<char>(number(0, 255));
      return;
    case Form::kQuantity:
      *static_cast<Quantity*>(into) = chance(0.5) ? Quantity::of_bytes(number(0, int64_t{1} << 40))
                                                  : Quantity::of_milli(number(0, 100'000));
      return;
    case Form::kIntOrString:
      *static_cast<IntOrString*>(into) =
          chance(0.5) ? IntOrString(static_cast<int32_t>(number(0, 65535))) : IntOrString(text());
      return;
    case Form::kTime:
      *static_cast<Time*>(into) = moment();
      return;
    case Form::kMicroTime:
      *static_cast<MicroTime*>(into) = moment() + std::chrono::microseconds(number(0, 999'999));
      return;
    default:
      static_cast<RawJson*>(into)->text = R"({"f:spec":{"f:a":[1,"x",null,true]}})";
  }
}

void Generator::fill(const TypeInfo& type, void* into, const FieldInfo* field) {
  switch (type.form) {
    case Form::kStruct:
      return fill_struct(type, into);
    case Form::kUnion:
      return fill_alternative(type, into);
    case Form::kDocument:
      static_cast<Document*>(into)->rest = {{"spec", {{"a", 1}, {"b", {text(), nullptr, 0.5}}}}};
      return fill_struct(type, into);
    case Form::kOptional:
    case Form::kBox:
      return fill(*type.element, type.maybe->emplace(into), field);
    case Form::kList:
      for (int64_t left = number(1, options_.max_elements); left > 0; --left)
        fill(*type.element, type.list->append(into), field);
      return;
    case Form::kMap:
      for (int64_t left = number(1, options_.max_elements); left > 0; --left)
        fill(*type.element, type.map->insert(into, text()), nullptr);
      return;
    default:
      return fill_scalar(type, into, field);
  }
}

}  // namespace

void randomize(const TypeInfo& type, void* into, std::mt19937_64& random,
               const RandomOptions& options) {
  Generator(random, options).fill(type, into, nullptr);
}

}  // namespace skiff::api
