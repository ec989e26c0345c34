// SPDX-License-Identifier: Apache-2.0
#include "base/http/message.h"

#include <gtest/gtest.h>

#include "base/http/request_target.h"

namespace skiff::http {
namespace {

TEST(Headers, SetReplacesEveryValue) {
  Headers headers;
  headers.add("accept", "a");
  headers.add("accept", "b");
  EXPECT_EQ(headers.all("accept").size(), 2u);
  headers.set("accept", "c");
  EXPECT_EQ(headers.get("accept"), "c");
  EXPECT_EQ(headers.fields().size(), 1u);
  EXPECT_EQ(headers.get("missing"), "");
}

TEST(Query, DecodesNamesAndValuesInOrder) {
  const Query query = Query::parse("command=ls&command=-l&labelSelector=a%3Db%2Cc+d&watch&x=%zz");
  EXPECT_EQ(query.all("command"), (std::vector<std::string_view>{"ls", "-l"}));
  EXPECT_EQ(query.get("labelSelector"), "a=b,c d");
  EXPECT_TRUE(query.has("watch"));
  EXPECT_EQ(query.get("x"), "%zz");
}

TEST(Query, EncodedParsesBackToTheSame) {
  Query query;
  query.add("name", "a b&c=d/ü%");
  EXPECT_EQ(Query::parse(query.encode()).get("name"), "a b&c=d/ü%");
}

TEST(RequestTarget, SplitsPathAndQueryAndDropsTheAuthority) {
  Request request;
  set_target(request, "http://node:10250/a%2Fb/c+d?x=1");
  EXPECT_EQ(request.path, "/a/b/c+d");
  EXPECT_EQ(request.query.get("x"), "1");
  EXPECT_EQ(request.raw_target, "/a%2Fb/c+d?x=1");
}

TEST(RequestTarget, KeepsTheQueryOfAnAuthorityWithoutPath) {
  Request request;
  set_target(request, "http://node:10250?x=1");
  EXPECT_EQ(request.raw_target, "/?x=1");
  EXPECT_EQ(request.path, "/");
  EXPECT_EQ(request.query.get("x"), "1");
}

TEST(RequestTarget, IsEncodedFromPathAndQueryUnlessGiven) {
  Request request;
  request.path = "/api/v1/nodes/a b:80/proxy";
  request.query.add("watch", "true");
  EXPECT_EQ(target_of(request), "/api/v1/nodes/a%20b:80/proxy?watch=true");
  request.raw_target = "/x";
  EXPECT_EQ(target_of(request), "/x");
}

}  // namespace
}  // namespace skiff::http
