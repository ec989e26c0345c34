// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* On a cluster that is not ours: pods that another CNI attaches, connections that another proxy began. */
#pragma once

#include "bpf/lib/deliver.h"

/* A connection that the kernel's connection tracking goes on translating, as it did before this node was
 * taken over from kube-proxy. Ours begin with a SYN, and have a flow from then on.
 */
static __always_inline bool continues_foreign_flow(const struct packet *pkt)
{
	return (config.foreign & SKIFF_FOREIGN_FLOWS) && pkt->tuple.protocol == IPPROTO_TCP &&
	       !(pkt->tcp_flags & TCP_SYN);
}

/* Where another CNI attaches pods, only a route tells a pod of this node (behind a device that is none of
 * ours) from one elsewhere. The device to `backend`, or the one the packet came in by.
 */
static __always_inline __u32 foreign_exit(struct __sk_buff *skb, const struct packet *pkt,
					  const struct skiff_address *backend)
{
	struct bpf_fib_lookup fib = {.ifindex = skb->ifindex, .l4_protocol = pkt->tuple.protocol};
	long found;

	fib_between(&fib, pkt->is_v4, &pkt->tuple.source, backend);
	found = bpf_fib_lookup(skb, &fib, sizeof(fib), 0);
	return found == BPF_FIB_LKUP_RET_SUCCESS || found == BPF_FIB_LKUP_RET_NO_NEIGH ? fib.ifindex
										       : skb->ifindex;
}

/* Sent on to a pod of another CNI with its client's own address: that CNI's rules want to see it, so the
 * stack delivers it. With the node's address as its source it would be a martian there.
 */
static __always_inline bool belongs_to_stack(const struct packet *pkt)
{
	return (config.foreign & SKIFF_FOREIGN_PODS) && !pkt->hidden;
}
