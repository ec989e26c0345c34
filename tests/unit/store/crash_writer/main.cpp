// SPDX-License-Identifier: Apache-2.0
// Writes to a store until it is killed, and says on its output what it is about to write (`? key`),
// and what was acknowledged
// (`+ key revision`, `- key revision`). Each key has one writer, so the last lines about it tell
// what must be there.
#include <unistd.h>

#include <string>

#include "base/async.h"
#include "controller/store/store.h"

namespace skiff::store {
namespace {

// One write(2) each: whole lines, in order, the moment they are true.
void say(const std::string& line) {
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::_exit(3);
}

ValueMaker value(const std::string& key) {
  return spliced(fmt::format(R"({{"metadata":{{"resourceVersion":""}},"key":"{}","fill":"{}"}})",
                             key, std::string(1000, 'x')));
}

awaitable<void> write_forever(Store& store, int writer) {
  const std::string run = std::to_string(store.revision());
  for (int i = 0;; ++i) {
    const std::string key = fmt::format("/w/{}/{}/{}", run, writer, i);
    for (int step = 0; step <= i % 3; ++step) {
      say(fmt::format("? {}\n", key));
      const auto written = step == 0   ? co_await store.create(key, value(key))
                           : step == 1 ? co_await store.update(key, kAnyRevision, value(key))
                                       : co_await store.remove(key, kAnyRevision);
      if (!written.ok()) ::_exit(4);
      say(fmt::format("{} {} {}\n", step == 2 ? '-' : '+', key, (*written)->mod_revision));
    }
  }
}

}  // namespace
}  // namespace skiff::store

int main(int, char** argv) {
  skiff::asio::io_context io;
  auto store = skiff::store::open_rocks_store(io.get_executor(), {.directory = argv[1]});
  if (!store.ok()) {
    fmt::print(stderr, "{}\n", skiff::message(store.status()));
    return 2;
  }
  for (int writer = 0; writer < 16; ++writer) {
    skiff::spawn(io.get_executor(), "writer", skiff::store::write_forever(**store, writer));
  }
  io.run();
}
