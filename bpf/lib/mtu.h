// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Packets that a device does not take. */
#pragma once

#include "bpf/lib/packet.h"

/* PASS where the stack's answer is right: it splits the packet or says so. About a translated one its answer
 * would quote what the sender never sent, and would go to the node itself where the source was translated
 * too: path MTU discovery would fail (RFC 1191), so `refuse` answers.
 */
static __always_inline int check_mtu(struct __sk_buff *skb, struct packet *pkt, __u32 ifindex)
{
	__u32 mtu = 0;

	if (bpf_check_mtu(skb, ifindex, &mtu, 0, BPF_MTU_CHK_SEGS) == 0)
		return CONTINUE;
	if (!pkt->translated || pkt->may_fragment)
		return PASS;
	pkt->mtu = mtu;
	return -SKIFF_REASON_TOO_BIG;
}
