// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/apiserver/api_fixture.h"

#include <charconv>

#include "base/check.h"

namespace skiff::apiserver {
namespace {

Registry registry(const store::Store& store) {
  auto built = builtin_resources(
      store, {.service_ranges = {*Cidr::parse("10.96.0.0/16"), *Cidr::parse("fd00:10:96::/112")}});
  CHECK(built.ok());
  return *std::move(built);
}

}  // namespace

ApiTest::ApiTest() : store_(store::memory_store(loop_.get_executor())) {
  backend_ = std::make_unique<Backend>(Backend{.executor = loop_.get_executor(),
                                               .store = *store_,
                                               .clock = clock_,
                                               .registry = registry(*store_),
                                               .printer = plain_table_printer()});
  server_ = std::make_unique<Server>(*backend_, std::vector<std::unique_ptr<Authenticator>>(),
                                     simple_authorizer());
  create_namespace("default");
}

http::Request ApiTest::request(const std::string& method, const std::string& path,
                               const std::string& body, const HeaderList& headers) {
  http::Request request{.method = method, .path = path};
  request.body = body;
  for (const auto& [name, value] : headers) request.headers.set(name, value);
  return request;
}

http::Response ApiTest::call(const std::string& method, const std::string& path,
                             const std::string& body, const HeaderList& headers) {
  LocalTransport transport(loop_.get_executor(), *server_, system_user("test"));
  auto response = run(transport.call(request(method, path, body, headers)));
  CHECK(response.ok());
  code = response->status;
  return *std::move(response);
}

json::value ApiTest::ask(const std::string& method, const std::string& path,
                         const std::string& body, const HeaderList& headers) {
  const std::string text = call(method, path, body, headers).body_text();
  boost::system::error_code error;
  json::value document = json::parse(text, error);
  EXPECT_FALSE(error) << text;
  return document;
}

json::value ApiTest::patch(const std::string& path, const std::string& type,
                           const std::string& body) {
  return ask("PATCH", path, body, {{"content-type", "application/" + type}});
}

std::unique_ptr<http::BodyReader> ApiTest::stream(const std::string& path) {
  LocalTransport transport(loop_.get_executor(), *server_, system_user("test"));
  unread_.clear();
  auto reader = run(transport.stream(request("GET", path, "", {})));
  CHECK(reader.ok());
  code = (*reader)->status();
  return *std::move(reader);
}

json::value ApiTest::next(http::BodyReader& reader) {
  size_t end = unread_.find('\n');
  while (end == std::string::npos) {
    auto piece = run(reader.read());
    CHECK(piece.ok());
    if (piece->empty()) return nullptr;
    unread_ += *piece;
    end = unread_.find('\n');
  }
  json::value event = json::parse(unread_.substr(0, end));
  unread_.erase(0, end + 1);
  return event;
}

void ApiTest::create_namespace(const std::string& name) {
  call("POST", "/api/v1/namespaces", R"({"metadata":{"name":")" + name + R"("}})");
  EXPECT_EQ(code, 201) << name;
  call("POST", "/api/v1/namespaces/" + name + "/serviceaccounts",
       R"({"metadata":{"name":"default"}})");
  EXPECT_EQ(code, 201) << name;
}

std::string at(const json::value& document, std::string_view path) {
  const json::value* value = &document;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    const std::string_view part = path.substr(0, dot);
    if (value->is_object()) {
      value = value->as_object().if_contains(part);
    } else if (value->is_array()) {
      size_t index = 0;
      std::from_chars(part.data(), part.data() + part.size(), index);
      value = value->as_array().if_contains(index);
    } else {
      value = nullptr;
    }
    if (value == nullptr) return "";
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  return value->is_string() ? std::string(value->as_string()) : json::serialize(*value);
}

std::vector<std::string> names(const json::value& list) {
  std::vector<std::string> found;
  for (const json::value& item : list.at("items").as_array())
    found.push_back(at(item, "metadata.name"));
  return found;
}

std::string pod_json(const std::string& name, const std::string& more_metadata,
                     const std::string& more_spec) {
  return R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":")" + name + "\"" + more_metadata +
         R"(},"spec":{"containers":[{"name":"c","image":"nginx"}])" + more_spec + "}}";
}

std::string config_json(const std::string& name, const std::string& value,
                        const std::string& more_metadata) {
  return R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name + "\"" +
         more_metadata + R"(},"data":{"key":")" + value + R"("}})";
}

}  // namespace skiff::apiserver
