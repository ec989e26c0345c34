// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Constants of a node, placed in .rodata before loading: the verifier drops branches they decide. */
#pragma once

#include "bpf/abi/types.h"

enum skiff_foreign {
	SKIFF_FOREIGN_PODS = 1,	 /* another CNI attaches pods: they are in no map */
	SKIFF_FOREIGN_FLOWS = 2, /* kube-proxy began connections that go on */
};

enum skiff_pod_check {
	SKIFF_CHECK_POD_ADDRESS = 1, /* its addresses; to be another neighbour, or a router */
	SKIFF_CHECK_POD_MAC = 2,
};

struct skiff_config {
	__u64 node_netns_cookie; /* network namespace of the node: 127.0.0.1:NodePort is served only there */
	__u16 node_port_min;	 /* host order, inclusive */
	__u16 node_port_max;
	__u16 snat_port_min; /* outside the kernel's ephemeral range, so that no socket of the node collides
			      */
	__u16 snat_port_max;
	__u32 check_pod_source;	  /* enum skiff_pod_check: what a pod must not pretend */
	__u32 ipv6_checksum_flag; /* BPF_F_IPV6 where the kernel knows it (6.16, commit ead7f9b8de65), else 0
				   */
	__u32 trace;		  /* tell of flows and drops, let packets be tapped (bpf/lib/trace.h) */
	__u32 foreign;		  /* enum skiff_foreign: what on this node is not ours */
	__u32 node_port_loopback; /* NodePorts are served at 127.0.0.1 and ::1, too */
	__u32 policy_rejects;	  /* what a policy denies is answered, not dropped */
};
SKIFF_ABI_SIZE(struct skiff_config, 40);
