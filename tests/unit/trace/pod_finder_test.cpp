// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/pod_finder.h"

#include <gtest/gtest.h>

namespace skiff::trace {
namespace {

TEST(PodUid, IsInTheNameOfTheControlGroup) {
  const std::pair<const char*, const char*> cases[] = {
      // The kubelet's drivers: cgroupfs and systemd, cgroup v1 and v2.
      {"0::/kubepods/burstable/pod6f2f1f5e-0c3b-4f4e-9b0e-8f6a1d2c3b4a/abc123\n",
       "6f2f1f5e-0c3b-4f4e-9b0e-8f6a1d2c3b4a"},
      {"0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-"
       "pod6f2f1f5e_0c3b_4f4e_9b0e_8f6a1d2c3b4a.slice/cri-containerd-abc.scope\n",
       "6f2f1f5e-0c3b-4f4e-9b0e-8f6a1d2c3b4a"},
      {"4:memory:/kubepods/pod6f2f1f5e-0c3b-4f4e-9b0e-8f6a1d2c3b4a/x\n0::/system.slice\n",
       "6f2f1f5e-0c3b-4f4e-9b0e-8f6a1d2c3b4a"},
      // Seen from a container with a control group namespace of its own.
      {"0::/../../pod6f2f1f5e-0c3b-4f4e-9b0e-8f6a1d2c3b4a/abc\n",
       "6f2f1f5e-0c3b-4f4e-9b0e-8f6a1d2c3b4a"},
      // A static pod.
      {"0::/kubepods/burstable/pod0123456789abcdef0123456789abcdef/abc\n",
       "0123456789abcdef0123456789abcdef"},
      {"0::/system.slice/podman.service\n", ""},
      {"0::/kubepods/besteffort\n", ""},
      {"0::/user/pods/pod6f2f1f5e-0c3b\n", ""},
      {"", ""},
  };
  for (const auto& [text, uid] : cases) EXPECT_EQ(pod_uid_of(text), uid) << text;
}

TEST(PodUid, OfAStaticPodIsTheHashOfItsFile) {
  api::Pod pod;
  pod.metadata.uid = "a";
  EXPECT_EQ(node_uid_of(pod), "a");
  pod.metadata.annotations["kubernetes.io/config.hash"] = "b";
  EXPECT_EQ(node_uid_of(pod), "b");
}

}  // namespace
}  // namespace skiff::trace
