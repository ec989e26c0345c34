// SPDX-License-Identifier: Apache-2.0
#include "api/selector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/core/event.h"
#include "api/core/pod.h"
#include "api/field_path.h"

namespace skiff::api {
namespace {

bool selects(std::string_view selector, const Labels& labels) {
  const auto parsed = Selector::parse(selector);
  EXPECT_TRUE(parsed.ok()) << message(parsed.status());
  return parsed.ok() && parsed->matches(labels);
}

TEST(Selector, MatchesLabels) {
  const Labels web = {{"app", "web"}, {"tier", "2"}};
  for (const char* yes :
       {"", "app=web", "app==web", "app!=db", "none!=x", "app in (web,db)", "app notin (db)", "app",
        "!none", "tier>1", "tier<3", " app = web , !none ", "none notin (x)", "app in ( web )"})
    EXPECT_TRUE(selects(yes, web)) << yes;
  for (const char* no : {"app=db", "app!=web", "app in (db)", "app notin (web,db)", "none", "!app",
                         "tier>2", "none=x", "app=web,tier=3", "app>1", "app="})
    EXPECT_FALSE(selects(no, web)) << no;
}

TEST(Selector, RefusesWhatItCannotRead) {
  for (const char* bad : {"=", "a=b=c", "a in b", "a in (b", "a b", ",", "a,,b", "-a", "a=b!",
                          "a>x", "a in (!)", "a/b/c"})
    EXPECT_FALSE(Selector::parse(bad).ok()) << bad;
}

TEST(Selector, IsWrittenAsItIsRead) {
  for (const char* text : {"a=b", "a!=b", "a in (b,c)", "a notin (b,c)", "a", "!a", "a>1", "a=b,c"})
    EXPECT_EQ(Selector::parse(text)->to_string(), text);
}

TEST(Selector, TakesLabelSelectors) {
  LabelSelector selector;
  EXPECT_TRUE(matches(selector, {}));
  EXPECT_FALSE(matches(Box<LabelSelector>(), {}));
  selector.matchLabels = {{"app", "web"}};
  selector.matchExpressions.push_back({.key = "env", .operator_ = "NotIn", .values = {"test"}});
  EXPECT_TRUE(matches(selector, {{"app", "web"}}));
  EXPECT_FALSE(matches(selector, {{"app", "web"}, {"env", "test"}}));
  selector.matchExpressions[0].operator_ = "Near";
  EXPECT_FALSE(Selector::from(selector).ok());
  EXPECT_FALSE(matches(selector, {{"app", "web"}}));
}

TEST(FieldSelector, ReadsTermsAndEscapes) {
  const auto terms = parse_field_selector("spec.nodeName=n1,status.phase!=Failed,a==b\\,c\\=d,");
  ASSERT_TRUE(terms.ok());
  ASSERT_EQ(terms->size(), 3u);
  EXPECT_EQ((*terms)[0].path, "spec.nodeName");
  EXPECT_TRUE((*terms)[1].negate);
  EXPECT_EQ((*terms)[2].value, "b,c=d");
  EXPECT_FALSE(parse_field_selector("a").ok());
  EXPECT_FALSE(parse_field_selector("a=b=c").ok());
  EXPECT_TRUE(parse_field_selector("").ok());
}

TEST(FieldPath, ReadsTypedObjects) {
  Pod pod;
  pod.metadata.name = "web";
  pod.metadata.labels = {{"app", "a\"b"}, {"x.y/z", "2"}};
  pod.spec.containers.push_back({.name = "c"});
  pod.spec.hostNetwork = true;
  pod.spec.priority = 0;
  EXPECT_EQ(*read_field(pod, "metadata.name"), "web");
  EXPECT_EQ(*read_field(pod, "metadata.labels"), "app=\"a\\\"b\"\nx.y/z=\"2\"");
  EXPECT_EQ(*read_field(pod, "metadata.labels['x.y/z']"), "2");
  EXPECT_EQ(*read_field(pod, "metadata.labels['none']"), "");
  EXPECT_EQ(*read_field(pod, "spec.containers[0].name"), "c");
  EXPECT_EQ(*read_field(pod, "spec.containers[7].name"), "");
  EXPECT_EQ(*read_field(pod, "spec.hostNetwork"), "true");
  EXPECT_EQ(*read_field(pod, "spec.priority"), "0");
  EXPECT_EQ(*read_field(pod, "spec.affinity.nodeAffinity"), "");
  EXPECT_EQ(*read_field(pod, "status.phase"), "");
  for (const char* bad : {"", "nope", "metadata.name.x", "metadata.", "spec.containers[x].name",
                          "metadata.labels['a"})
    EXPECT_FALSE(read_field(pod, bad).ok()) << bad;
}

}  // namespace
}  // namespace skiff::api
