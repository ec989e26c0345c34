// SPDX-License-Identifier: Apache-2.0
// A crash at every step of an ADD, restarts, and what happens while the agent is away.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <fstream>

#include "tests/integration/cni/node.h"

namespace skiff::network {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CrashTest : public skiff::testing::NodeTest, public ::testing::WithParamInterface<AddStep> {
 protected:
  // Runs an ADD in a process that dies at `step`.
  void add_and_die(AddStep step, const std::string& netns) {
    const pid_t child = ::fork();
    if (child == 0) {
      options_.on_step = [step](AddStep reached, const std::string&) {
        if (reached == step) ::_exit(42);
      };
      start_with_ranges();
      (void)call("ADD", "c1", netns);
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 42) << "did not die at the step";
  }
};

TEST_P(CrashTest, HealsAtTheNextStart) {
  const std::string netns = make_pod();
  add_and_die(GetParam(), netns);
  start_with_ranges();
  if (GetParam() == AddStep::kCommitted) {
    // Done but not answered: taken up, for the DEL that the runtime sends.
    EXPECT_THAT(network_->pods(), SizeIs(1));
    EXPECT_EQ(call("CHECK", "c1", netns, R"(,"prevResult":{})").exit_code, 0);
  } else {
    EXPECT_THAT(network_->pods(), IsEmpty());
    EXPECT_THAT(pod_links(), IsEmpty());
    EXPECT_EQ(journal_files(), 0u);
    // Whatever the datapath was told before the crash it has to be told to forget.
    if (GetParam() >= AddStep::kHooked) EXPECT_EQ(attacher_.detached, 1);
  }
  ASSERT_EQ(call("DEL", "c1", netns).exit_code, 0);
  EXPECT_THAT(pod_links(), IsEmpty());
  const CniAnswer again = call("ADD", "c1", netns);
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_EQ(call("CHECK", "c1", netns, R"(,"prevResult":{})").exit_code, 0);
}

INSTANTIATE_TEST_SUITE_P(EveryStep, CrashTest,
                         ::testing::Values(AddStep::kAllocated, AddStep::kJournaled,
                                           AddStep::kCreated, AddStep::kHooked,
                                           AddStep::kProgrammed, AddStep::kCommitted));

TEST_F(CrashTest, ARestartKeepsAttachmentsAndTheirAddresses) {
  start_with_ranges();
  const std::string first = make_pod();
  ASSERT_EQ(call("ADD", "c1", first).exit_code, 0);
  const Attachment before = *network_->find("c1");
  stop();
  start_with_ranges();
  ASSERT_NE(network_->find("c1"), nullptr);
  EXPECT_EQ(*network_->find("c1"), before);
  EXPECT_EQ(attacher_.attached, 2);
  EXPECT_EQ(attacher_.detached, 0);
  EXPECT_EQ(call("CHECK", "c1", first, R"(,"prevResult":{})").exit_code, 0);
  EXPECT_THAT(call("ADD", "c2", make_pod()).output, HasSubstr("10.244.0.3/32"));
}

TEST_F(CrashTest, ARestartDropsPodsThatDiedMeanwhile) {
  start_with_ranges();
  ASSERT_EQ(call("ADD", "c1", make_pod()).exit_code, 0);
  stop();
  net::Netlink netlink = *net::Netlink::open();
  ASSERT_OK(net::delete_link(netlink, host_interface_of("c1@eth0")));
  start_with_ranges();
  EXPECT_THAT(network_->pods(), IsEmpty());
  EXPECT_EQ(journal_files(), 0u);
  EXPECT_EQ(call("DEL", "c1", "").exit_code, 0);
}

TEST_F(CrashTest, AStartCarriesOutTheDeletionsItMissed) {
  start_with_ranges();
  for (const char* container : {"c1", "c2"})
    ASSERT_EQ(call("ADD", container, make_pod()).exit_code, 0);
  stop();
  std::ofstream(options_.run_directory / "cni-tombstones" / "c1@eth0") << "";
  std::ofstream(options_.run_directory / "cni-tombstones" / "garbage") << "";
  start_with_ranges();
  ASSERT_THAT(network_->pods(), SizeIs(1));
  EXPECT_EQ(network_->pods()[0].container_id, "c2");
  EXPECT_THAT(pod_links(), SizeIs(1));
}

TEST_F(CrashTest, ADeletionWithoutARecordStillRemovesTheLink) {
  start_with_ranges();
  ASSERT_EQ(call("ADD", "c1", make_pod()).exit_code, 0);
  stop();
  std::filesystem::remove_all(options_.data_directory);
  start_with_ranges();
  ASSERT_EQ(call("DEL", "c1", "").exit_code, 0);
  EXPECT_THAT(pod_links(), IsEmpty());
}

}  // namespace
}  // namespace skiff::network
