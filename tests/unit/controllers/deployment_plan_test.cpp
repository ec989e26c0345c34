// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/controllers/deployment_simulation.h"

namespace skiff::controllers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DeploymentPlan, CreatesTheFirstReplicaSet) {
  api::Deployment web = deployment(3);
  web.metadata.annotations["kubernetes.io/change-cause"] = "first";
  web.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"] = "{}";
  const DeploymentPlan next = plan(web, {}, false, kNow);
  ASSERT_TRUE(next.create);
  const api::ReplicaSet& rs = *next.create;
  const std::string hash = rs.metadata.labels.at(kTemplateHash);
  EXPECT_EQ(rs.metadata.name, "web-" + hash);
  EXPECT_EQ(rs.spec.selector->matchLabels.at(kTemplateHash), hash);
  EXPECT_EQ(rs.spec.template_.metadata.labels.at(kTemplateHash), hash);
  EXPECT_EQ(rs.spec.replicas, 3);
  EXPECT_EQ(next.revision, "1");
  EXPECT_EQ(rs.metadata.annotations.at(kRevision), "1");
  EXPECT_EQ(rs.metadata.annotations.at(kDesiredReplicas), "3");
  EXPECT_EQ(rs.metadata.annotations.at(kMaxReplicas), "4");
  EXPECT_EQ(rs.metadata.annotations.at("kubernetes.io/change-cause"), "first");
  EXPECT_FALSE(
      rs.metadata.annotations.contains("kubectl.kubernetes.io/last-applied-configuration"));
  EXPECT_TRUE(is_controlled_by(rs.metadata, web.metadata.uid));
}

TEST(DeploymentPlan, TemplateHashIsStable) {
  const std::string hash = template_hash(pod_template(), 0);
  EXPECT_EQ(hash, template_hash(pod_template(), 0));
  EXPECT_NE(hash, template_hash(pod_template("nginx:2"), 0));
  EXPECT_NE(hash, template_hash(pod_template(), 1));
  EXPECT_EQ(hash.find_first_not_of("bcdfghjklmnpqrstvwxz2456789"), std::string::npos);
}

TEST(DeploymentPlan, RoomIsRoundedInFavourOfAvailability) {
  struct {
    int32_t replicas;
    api::IntOrString surge;
    api::IntOrString unavailable;
    int32_t want_surge;
    int32_t want_unavailable;
  } cases[] = {{10, "25%", "25%", 3, 2}, {1, "25%", "25%", 1, 0}, {3, 1, 0, 1, 0},
               {3, 0, "10%", 0, 1},      {0, "25%", "25%", 0, 0}, {2, 0, 5, 0, 2}};
  for (const auto& c : cases) {
    const Room room = room_of(deployment(c.replicas, c.surge, c.unavailable));
    EXPECT_EQ(room.surge, c.want_surge) << c.replicas << " " << c.surge.to_string();
    EXPECT_EQ(room.unavailable, c.want_unavailable)
        << c.replicas << " " << c.unavailable.to_string();
  }
}

TEST(DeploymentPlan, RollsToTheEndWithinItsRoom) {
  struct {
    int32_t replicas;
    api::IntOrString surge;
    api::IntOrString unavailable;
  } cases[] = {{10, "25%", "25%"}, {1, "25%", "25%"}, {3, 1, 0},           {3, 0, 1},
               {4, 2, 2},          {7, "50%", 0},     {5, "100%", "100%"}, {100, "10%", "5%"}};
  for (const auto& c : cases) {
    Simulation simulation(deployment(c.replicas, c.surge, c.unavailable));
    SCOPED_TRACE(fmt::format("{} pods, surge {}, unavailable {}", c.replicas, c.surge.to_string(),
                             c.unavailable.to_string()));
    simulation.run_to_end();
    simulation.web.spec.template_ = pod_template("nginx:2");
    const Room room = room_of(simulation.web);
    simulation.check = [&] {
      EXPECT_LE(simulation.pods(), c.replicas + room.surge);
      EXPECT_GE(simulation.available(), c.replicas - room.unavailable);
    };
    simulation.run_to_end();
    EXPECT_EQ(simulation.pods(), c.replicas);
    EXPECT_EQ(simulation.web.metadata.annotations.at(kRevision), "2");
  }
}

TEST(DeploymentPlan, ABrokenImageLeavesTheOldPodsServing) {
  Simulation simulation(deployment(10));
  simulation.run_to_end();
  simulation.web.spec.template_ = pod_template("nginx:broken");
  simulation.broken_image = "nginx:broken";
  for (int i = 0; i < 30; ++i) simulation.step();
  EXPECT_EQ(simulation.available(), 8);
  EXPECT_EQ(simulation.pods(), 13);
  EXPECT_EQ(simulation.condition("Available").status, "True");
  // Going back finishes without touching what serves.
  simulation.web.spec.template_ = pod_template();
  simulation.check = [&] { EXPECT_GE(simulation.available(), 8); };
  simulation.run_to_end();
}

TEST(DeploymentPlan, RollbackUsesTheOldSetUnderANewRevision) {
  Simulation simulation(deployment(3));
  simulation.run_to_end();
  const std::string first = find_new(simulation.web, simulation.sets())->metadata.name;
  simulation.web.spec.template_ = pod_template("nginx:2");
  simulation.run_to_end();
  simulation.web.spec.template_ = pod_template();
  simulation.run_to_end();
  EXPECT_EQ(simulation.sets().size(), 2u);
  const ReplicaSetPtr now = find_new(simulation.web, simulation.sets());
  EXPECT_EQ(now->metadata.name, first);
  EXPECT_EQ(now->metadata.annotations.at(kRevision), "3");
  EXPECT_EQ(simulation.web.metadata.annotations.at(kRevision), "3");
}

TEST(DeploymentPlan, RecreateWaitsForTheLastOldPod) {
  api::Deployment web = deployment(3);
  web.spec.strategy = {.type = "Recreate", .rollingUpdate = {}};
  Simulation simulation(web);
  simulation.run_to_end();
  simulation.web.spec.template_ = pod_template("nginx:2");
  const std::vector<ReplicaSetPtr> owned = simulation.sets();
  const DeploymentPlan first = plan(simulation.web, owned, true, kNow);
  EXPECT_FALSE(first.create);
  ASSERT_EQ(first.scale.size(), 1u);
  EXPECT_EQ(first.scale[0].replicas, 0);

  api::ReplicaSet scaled = *owned[0];
  scaled.spec.replicas = 0;
  EXPECT_FALSE(plan(simulation.web, std::vector{share(scaled)}, true, kNow).create);
  const DeploymentPlan second = plan(simulation.web, std::vector{share(scaled)}, false, kNow);
  ASSERT_TRUE(second.create);
  EXPECT_EQ(second.create->spec.replicas, 3);
}

TEST(DeploymentPlan, ScalesProportionallyWhileRolling) {
  Simulation simulation(deployment(10, 3, 2));
  simulation.run_to_end();
  simulation.web.spec.template_ = pod_template("nginx:broken");
  simulation.broken_image = "nginx:broken";
  for (int i = 0; i < 30; ++i) simulation.step();
  ASSERT_THAT(simulation.sizes(), ElementsAre(8, 5));
  simulation.web.spec.replicas = 15;  // Kubernetes' documented example: 8 + 5 become 11 + 7
  simulation.step();
  EXPECT_THAT(simulation.sizes(), ElementsAre(11, 7));
  EXPECT_EQ(simulation.pods(), 18);
}

TEST(DeploymentPlan, ScalesToZeroInOneStepWhileRolling) {
  Simulation simulation(deployment(10, 2, 2));
  simulation.run_to_end();
  simulation.web.spec.template_ = pod_template("nginx:broken");
  simulation.broken_image = "nginx:broken";
  for (int i = 0; i < 30; ++i) simulation.step();
  simulation.web.spec.replicas = 0;
  simulation.step();
  EXPECT_THAT(simulation.sizes(), ElementsAre(0, 0));
}

TEST(DeploymentPlan, NewSizeAndNewTemplateAtOnceStayWithinTheSurge) {
  Simulation simulation(deployment(10, 3, 2));
  simulation.run_to_end();
  simulation.web.spec.template_ = pod_template("nginx:2");
  simulation.web.spec.replicas = 15;
  simulation.check = [&] { EXPECT_LE(simulation.pods(), 18); };
  simulation.run_to_end();
  EXPECT_EQ(simulation.pods(), 15);
}

TEST(DeploymentPlan, APausedDeploymentScalesButDoesNotRoll) {
  Simulation simulation(deployment(3));
  simulation.run_to_end();
  simulation.web.spec.paused = true;
  simulation.web.spec.template_ = pod_template("nginx:2");
  simulation.web.spec.replicas = 5;
  for (int i = 0; i < 5; ++i) simulation.step();
  EXPECT_THAT(simulation.sizes(), ElementsAre(5));
  EXPECT_EQ(simulation.condition("Progressing").reason, "DeploymentPaused");
  EXPECT_EQ(simulation.condition("Progressing").status, "Unknown");
  EXPECT_THAT(plan(simulation.web, simulation.sets(), false, kNow).scale, IsEmpty());

  simulation.web.spec.paused = false;
  const DeploymentPlan resumed = plan(simulation.web, simulation.sets(), false, kNow);
  EXPECT_TRUE(resumed.create);
}

TEST(DeploymentPlan, APausedDeploymentOfSeveralSetsComesToRest) {
  Simulation simulation(deployment(10));
  simulation.run_to_end();
  simulation.web.spec.template_ = pod_template("nginx:2");
  for (int i = 0; i < 4; ++i) simulation.step();
  ASSERT_EQ(simulation.sizes().size(), 2u);
  simulation.web.spec.paused = true;
  for (int i = 0; i < 3; ++i) simulation.step();
  EXPECT_THAT(simulation.last.scale, IsEmpty());
  simulation.web.spec.replicas = 20;
  simulation.step();
  EXPECT_FALSE(simulation.last.scale.empty());
  for (int i = 0; i < 3; ++i) simulation.step();
  EXPECT_THAT(simulation.last.scale, IsEmpty());
}

TEST(DeploymentPlan, APauseRestartsTheProgressDeadline) {
  Simulation simulation(deployment(2));
  simulation.web.spec.progressDeadlineSeconds = 60;
  simulation.broken_image = "nginx:1";
  for (int i = 0; i < 3; ++i) simulation.step();
  simulation.web.spec.paused = true;
  simulation.step();
  simulation.now += 120s;
  simulation.web.spec.paused = false;
  simulation.step();
  EXPECT_EQ(simulation.condition("Progressing").reason, "DeploymentResumed");
  simulation.now += 61s;
  simulation.step();
  EXPECT_EQ(simulation.condition("Progressing").reason, "ProgressDeadlineExceeded");
}

TEST(DeploymentPlan, TellsWhenTheProgressDeadlineIsOver) {
  Simulation simulation(deployment(2));
  simulation.web.spec.progressDeadlineSeconds = 60;
  simulation.broken_image = "nginx:1";
  for (int i = 0; i < 3; ++i) simulation.step();
  EXPECT_EQ(simulation.condition("Progressing").status, "True");
  EXPECT_EQ(simulation.condition("Available").status, "False");
  EXPECT_EQ(simulation.condition("Available").reason, "MinimumReplicasUnavailable");
  ASSERT_TRUE(simulation.last.again_after);
  EXPECT_EQ(*simulation.last.again_after, Duration(60s));
  simulation.now += 60s;
  simulation.step();
  const api::DeploymentCondition progressing = simulation.condition("Progressing");
  EXPECT_EQ(progressing.status, "False");
  EXPECT_EQ(progressing.reason, "ProgressDeadlineExceeded");
  EXPECT_THAT(progressing.message, testing::EndsWith("has timed out progressing."));
}

TEST(DeploymentPlan, KeepsAsMuchHistoryAsWanted) {
  Simulation simulation(deployment(1));
  simulation.web.spec.revisionHistoryLimit = 2;
  for (int version = 1; version <= 5; ++version) {
    simulation.web.spec.template_ = pod_template(fmt::format("nginx:{}", version));
    simulation.run_to_end();
  }
  std::vector<std::string> revisions;
  for (const ReplicaSetPtr& rs : simulation.sets())
    revisions.push_back(rs->metadata.annotations.at(kRevision));
  EXPECT_THAT(revisions, ElementsAre("3", "4", "5"));
}

TEST(DeploymentPlan, HistoryGoesByRevisionAndNotByAge) {
  Simulation simulation(deployment(1));
  simulation.run_to_end();
  simulation.web.spec.template_ = pod_template("nginx:2");
  simulation.run_to_end();
  simulation.web.spec.template_ = pod_template();  // back: the oldest set is revision 3
  simulation.run_to_end();
  simulation.web.spec.revisionHistoryLimit = 1;
  simulation.web.spec.template_ = pod_template("nginx:3");
  simulation.run_to_end();
  std::vector<std::string> revisions;
  for (const ReplicaSetPtr& rs : simulation.sets())
    revisions.push_back(rs->metadata.annotations.at(kRevision));
  EXPECT_THAT(revisions, ElementsAre("3", "4"));
}

TEST(DeploymentPlan, ADeletedOneOnlyCounts) {
  Simulation simulation(deployment(3));
  simulation.run_to_end();
  simulation.web.metadata.deletionTimestamp = api::Time(kNow);
  simulation.web.spec.template_ = pod_template("nginx:2");
  const DeploymentPlan next = plan(simulation.web, simulation.sets(), false, kNow);
  EXPECT_FALSE(next.create);
  EXPECT_THAT(next.scale, IsEmpty());
  EXPECT_EQ(next.status.replicas, 3);
}

TEST(DeploymentPlan, IsQuietWhenDone) {
  Simulation simulation(deployment(3));
  simulation.run_to_end();
  const DeploymentPlan next = plan(simulation.web, simulation.sets(), false, simulation.now + 1h);
  EXPECT_FALSE(next.create);
  EXPECT_THAT(next.scale, IsEmpty());
  EXPECT_THAT(next.annotate, IsEmpty());
  EXPECT_THAT(next.remove, IsEmpty());
  EXPECT_TRUE(api::equal(next.status, simulation.web.status));
  EXPECT_EQ(simulation.condition("Progressing").reason, "NewReplicaSetAvailable");
}

}  // namespace
}  // namespace skiff::controllers
