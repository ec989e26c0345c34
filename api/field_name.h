// SPDX-License-Identifier: Apache-2.0
// FieldName: where in an object we are, kept cheaply on the way down and written out only when
// something is wrong.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skiff::api {

// A path such as `spec.containers[0].ports[1].name` or `spec.nodeSelector[disk]`. Grows and shrinks
// through Scope.
class FieldName {
 public:
  struct Key {
    std::string_view name;
  };

  // One step down for as long as it lives. `name` must outlive it.
  class Scope {
   public:
    Scope(FieldName& path, std::string_view name) : path_(path) {
      path.steps_.push_back({name, kField});
    }
    Scope(FieldName& path, int index) : path_(path) { path.steps_.push_back({{}, index}); }
    Scope(FieldName& path, Key key) : path_(path) { path.steps_.push_back({key.name, kKey}); }
    ~Scope() { path_.steps_.pop_back(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    FieldName& path_;
  };

  FieldName() { steps_.reserve(16); }
  bool empty() const { return steps_.empty(); }
  // At `list[i]`, directly at the top.
  bool is_item_of(std::string_view list) const {
    return steps_.size() == 2 && steps_[0].name == list && steps_[1].index >= 0;
  }
  // A key of a map is one more name after a dot (as decoders write it) or stands in brackets (as
  // validation does).
  enum class Keys : uint8_t { kDotted, kBracketed };
  std::string to_string(Keys keys = Keys::kDotted) const {
    std::string out;
    for (const Step& step : steps_) {
      if (step.index >= 0) {
        out += '[' + std::to_string(step.index) + ']';
      } else if (step.index == kKey && keys == Keys::kBracketed) {
        out.append("[").append(step.name).append("]");
      } else {
        if (!out.empty()) out += '.';
        out += step.name;
      }
    }
    return out;
  }

 private:
  static constexpr int kField = -1, kKey = -2;
  struct Step {
    std::string_view name;
    int index;
  };
  std::vector<Step> steps_;
};

}  // namespace skiff::api
