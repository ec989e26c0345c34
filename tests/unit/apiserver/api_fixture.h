// SPDX-License-Identifier: Apache-2.0
// A whole API server over a store in memory, asked in process.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <memory>
#include <string>
#include <vector>

#include "controller/apiserver/backend.h"
#include "controller/apiserver/local_transport.h"
#include "controller/apiserver/server.h"
#include "controller/apiserver/strategies.h"
#include "tests/fakes/fake_clock.h"
#include "tests/run_on.h"

namespace skiff::apiserver {

namespace json = boost::json;

class ApiTest : public testing::Test {
 protected:
  ApiTest();

  using HeaderList = std::vector<std::pair<std::string, std::string>>;
  http::Response call(const std::string& method, const std::string& path,
                      const std::string& body = "", const HeaderList& headers = {});
  // The same, parsed. The HTTP code is in `code`.
  json::value ask(const std::string& method, const std::string& path, const std::string& body = "",
                  const HeaderList& headers = {});
  json::value patch(const std::string& path, const std::string& type, const std::string& body);
  // An open watch; next() gives its events one by one.
  std::unique_ptr<http::BodyReader> stream(const std::string& path);
  json::value next(http::BodyReader& reader);
  // Runs a task of the test's own to its end.
  template <class T>
  T run(awaitable<T> task) {
    return run_on(loop_, std::move(task));
  }
  void create_namespace(const std::string& name);

  int code = 0;
  asio::io_context loop_;
  FakeClock clock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Server> server_;

 private:
  http::Request request(const std::string& method, const std::string& path, const std::string& body,
                        const HeaderList& headers);

  std::string unread_;
};

// The text at a dotted path (`metadata.labels.app`, `items.0.metadata.name`), strings without
// quotes; "" if absent.
std::string at(const json::value& document, std::string_view path);
std::vector<std::string> names(const json::value& list);

std::string pod_json(const std::string& name, const std::string& more_metadata = "",
                     const std::string& more_spec = "");
std::string config_json(const std::string& name, const std::string& value,
                        const std::string& more_metadata = "");

}  // namespace skiff::apiserver
