// SPDX-License-Identifier: Apache-2.0
// Random objects for tests and fuzzing: well-formed, seldom valid.
#pragma once

#include <cstdint>
#include <random>

#include "api/describe.h"

namespace skiff::api {

struct RandomOptions {
  double fill = 0.5;     // chance of a field to be set
  int max_elements = 3;  // of lists and maps
  bool odd_text = true;  // strings with quotes, controls and characters beyond ASCII
};

// Fills the default-valued `*into`. The same generator state gives the same object.
void randomize(const TypeInfo& type, void* into, std::mt19937_64& random,
               const RandomOptions& options = {});

template <class T>
T random_object(std::mt19937_64& random, const RandomOptions& options = {}) {
  T object{};
  randomize(type_of<T>(), &object, random, options);
  return object;
}

}  // namespace skiff::api
