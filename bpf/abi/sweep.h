// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What the agent asks of the sweep (bpf/sweep.bpf.c), and what it answers. */
#pragma once

#include "bpf/abi/types.h"

struct skiff_sweep {
	__u64 now_ns; /* CLOCK_MONOTONIC */
	__u64 tcp_ns; /* how long a flow may be silent */
	__u64 tcp_half_closed_ns;
	__u64 tcp_closed_ns;
	__u64 udp_ns;
	__u64 sctp_ns;
	__u64 other_ns;
	__u64 alive; /* answers, flows with a translation first */
	__u64 removed;
	__u64 policy_alive;
	__u64 policy_removed;
};
SKIFF_ABI_SIZE(struct skiff_sweep, 88);
