// SPDX-License-Identifier: Apache-2.0
// Reflector: keeps a Store<T> equal to the server's objects by list and watch. A lost connection
// resumes the watch where it was; 410 lists again; the store keeps serving what it has meanwhile.
// An attempt that ends soon, however it ends, is followed by a pause that doubles.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kube/client.h"
#include "kube/store.h"

namespace skiff::kube {

// What a reflector feeds: the untyped side of a Store<T>, so that the loop below is compiled once.
class ReflectorSink {
 public:
  virtual ~ReflectorSink() = default;
  // Takes all objects that can be read; the status is about the last one that cannot.
  virtual Status replace(const std::vector<std::string_view>& objects) = 0;
  virtual Status put(std::string_view object) = 0;
  virtual Status erase(std::string_view object) = 0;
  // Everything up to `resource_version` has been told.
  virtual void saw(std::string_view resource_version) = 0;
};

// Of an object that comes: leaves out what nobody here reads.
template <class T>
using Trim = std::function<void(T&)>;

template <class T>
class StoreSink : public ReflectorSink {
 public:
  explicit StoreSink(Store<T>& store, Trim<T> trim = nullptr)
      : store_(store), trim_(std::move(trim)) {}
  Status replace(const std::vector<std::string_view>& objects) override {
    // One object we cannot read must not blind us to all others.
    Status undecoded = absl::OkStatus();
    typename Store<T>::Replacement replacement(store_);
    for (std::string_view object : objects) {
      auto value = read(object);
      if (value.ok()) {
        replacement.put(*std::move(value));
      } else {
        undecoded = value.status();
      }
    }
    replacement.finish();
    return undecoded;
  }
  Status put(std::string_view object) override {
    ASSIGN_OR_RETURN(auto value, read(object));
    store_.put(std::move(value));
    return absl::OkStatus();
  }
  Status erase(std::string_view object) override {
    ASSIGN_OR_RETURN(const auto value, read(object));
    store_.erase(key_of(*value));
    return absl::OkStatus();
  }
  void saw(std::string_view resource_version) override { store_.saw(resource_version); }

 protected:
  virtual Result<T> decode(std::string_view object) const { return api::decode_json<T>(object); }

 private:
  Result<std::shared_ptr<const T>> read(std::string_view object) const {
    ASSIGN_OR_RETURN(T value, decode(object));
    if (trim_) trim_(value);
    return std::make_shared<const T>(std::move(value));
  }

  Store<T>& store_;
  Trim<T> trim_;
};

struct ReflectorOptions {
  std::string namespace_;  // empty: all
  std::string label_selector;
  std::string field_selector;
  std::chrono::milliseconds first_retry{100};
  std::chrono::milliseconds most_retry{5'000};
  // An attempt that went well for so long makes the next pause the first again.
  std::chrono::milliseconds healthy_after{10'000};
  // Return when the server does not have the resource, instead of asking for ever.
  bool return_if_missing = false;
};

// The loop itself: list, watch, again. `kind` and `sink` must outlive it.
awaitable<void> reflect(std::shared_ptr<Transport> transport, const api::Kind& kind,
                        ReflectorOptions options, std::unique_ptr<ReflectorSink> sink);

// Starts reflecting `T` into `store`, which must outlive the loop; `trim`: of each object first.
template <class T>
void start_reflector(const Executor& executor, std::shared_ptr<Transport> transport,
                     Store<T>& store, ReflectorOptions options = {}, Trim<T> trim = nullptr) {
  spawn(executor, "reflector",
        reflect(std::move(transport), api::kind_of<T>(), std::move(options),
                std::make_unique<StoreSink<T>>(store, std::move(trim))));
}

}  // namespace skiff::kube
