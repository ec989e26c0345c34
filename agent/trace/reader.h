// SPDX-License-Identifier: Apache-2.0
// Takes events out of the rings and hands them on. The programs do not wake the agent for each: it
// comes by fifty times a second, or when a ring is a quarter full.
#pragma once

#include <memory>
#include <string>

#include "agent/datapath/trace.h"
#include "agent/trace/hub.h"
#include "agent/trace/taps.h"
#include "base/async.h"

namespace skiff::trace {

// Belongs to the loop. Hub and taps outlive it.
class Reader {
 public:
  static Result<std::unique_ptr<Reader>> open(const Executor& executor, const std::string& pin_dir,
                                              Hub& hub, Taps& taps);
  void start();

 private:
  Reader(const Executor& executor, std::string pin_dir, Hub& hub, Taps& taps);
  awaitable<void> run();
  awaitable<void> watch(int fd);
  void read_all();
  void deliver_event(std::string_view bytes);
  void deliver_tap(std::string_view bytes);
  void count_losses();

  Executor executor_;
  std::string pin_dir_;
  Hub& hub_;
  Taps& taps_;
  std::unique_ptr<datapath::Ring> events_;
  std::unique_ptr<datapath::Ring> packets_;
  int rounds_ = 0;
};

}  // namespace skiff::trace
