// SPDX-License-Identifier: Apache-2.0
// A containerd of the test's own: its root, state, socket and images lie in one temporary
// directory.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace skiff::kubelet {

class Containerd {
 public:
  explicit Containerd(std::filesystem::path dir) : dir_(std::move(dir)) {}
  ~Containerd();  // stops it, unmounts what it mounted, removes the directory

  // Why it cannot run here; empty if it can.
  static std::string obstacle();
  Status start();
  Status import_image(const std::string& name);  // pause, busybox, … of `make images`
  std::string socket() const { return dir_ / "containerd.sock"; }

 private:
  std::filesystem::path dir_;
  int pid_ = 0;
};

}  // namespace skiff::kubelet
