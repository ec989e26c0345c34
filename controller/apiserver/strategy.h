// SPDX-License-Identifier: Apache-2.0
// What is particular to one kind: filling in at creation, rules of change, validation, how it is
// deleted. Everything else about writing an object is in create.cpp, update.cpp, remove.cpp, once
// for all kinds.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/clock.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/object.h"
#include "controller/apiserver/resource.h"
#include "controller/apiserver/user.h"
#include "controller/store/store.h"

namespace skiff::apiserver {

using Causes = std::vector<Cause>;

// One write on its way to the store. Strategies may read the store, warn, and take things
// (addresses, ports) that must be given back if the write does not happen.
struct WriteContext {
  const store::Store& store;
  const User& user;
  const Resource& resource;
  TimePoint now;
  bool dry_run = false;
  Access* access = nullptr;
  std::vector<std::string> warnings;
  std::vector<std::function<void()>> on_commit;    // after the store has it
  std::vector<std::function<void()>> on_rollback;  // the store refused, or dry run

  void commit();
  void rollback();
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  // May wait for what a creation needs and others are about to make. Before everything else.
  virtual awaitable<void> await_create(const Object& object, WriteContext& context) const;
  // After defaulting, before validation. Server-owned metadata is set. A refusal is a whole error
  // (errors::forbidden, …).
  virtual Status prepare_create(Object& object, WriteContext& context) const;
  // `object` has the server-owned metadata and the status of `old`.
  virtual Status prepare_update(Object& object, const Object& old, WriteContext& context) const;
  virtual void prepare_status_update(Object& object, const Object& old) const;
  // Rules of every write, beyond those of the field tables; then those of a change.
  virtual void validate(const Object& object, Causes& causes) const;
  virtual void validate_update(const Object& object, const Object& old, Causes& causes) const;
  // 403 for what may never be deleted.
  virtual Status check_delete(const Object& object) const;
  // The grace in seconds that a deletion of `object` gives it, if `asked` for that many.
  virtual int64_t grace_seconds(const Object& object, std::optional<int64_t> asked) const;
  // A deletion has begun that cannot end at once.
  virtual void begin_deletion(Object& object) const;
  // Something beyond metadata.finalizers and grace keeps a deleted object in place.
  virtual bool held(const Object& object) const;
  // The store no longer has it: give back what prepare_create took.
  virtual void removed(const Object& object) const;
};

// A strategy that sees its objects as T.
template <class T>
class TypedStrategy : public Strategy {
 public:
  Status prepare_create(Object& object, WriteContext& context) const final {
    return create(object.as<T>(), context);
  }
  Status prepare_update(Object& object, const Object& old, WriteContext& context) const final {
    return update(object.as<T>(), old.as<T>(), context);
  }
  void prepare_status_update(Object& object, const Object& old) const final {
    update_status(object.as<T>(), old.as<T>());
  }
  void validate(const Object& object, Causes& causes) const final { check(object.as<T>(), causes); }
  void validate_update(const Object& object, const Object& old, Causes& causes) const final {
    check_update(object.as<T>(), old.as<T>(), causes);
  }
  Status check_delete(const Object& object) const final { return deletable(object.as<T>()); }
  int64_t grace_seconds(const Object& object, std::optional<int64_t> asked) const final {
    return grace(object.as<T>(), asked);
  }
  void begin_deletion(Object& object) const final { deleting(object.as<T>()); }
  bool held(const Object& object) const final { return keeps(object.as<T>()); }
  void removed(const Object& object) const final { gone(object.as<T>()); }

 protected:
  virtual Status create(T&, WriteContext&) const { return absl::OkStatus(); }
  virtual Status update(T&, const T&, WriteContext&) const { return absl::OkStatus(); }
  virtual void update_status(T&, const T&) const {}
  virtual void check(const T&, Causes&) const {}
  virtual void check_update(const T&, const T&, Causes&) const {}
  virtual Status deletable(const T&) const { return absl::OkStatus(); }
  virtual int64_t grace(const T&, std::optional<int64_t>) const { return 0; }
  virtual void deleting(T&) const {}
  virtual bool keeps(const T&) const { return false; }
  virtual void gone(const T&) const {}
};

}  // namespace skiff::apiserver
