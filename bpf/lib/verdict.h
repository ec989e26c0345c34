// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* How a program ends: stages return CONTINUE, a final verdict, or -SKIFF_REASON_x. */
#pragma once

#include <linux/pkt_cls.h>

#include "bpf/maps.h"

enum verdict {
	CONTINUE = 0, /* the next stage decides */
	PASS = 1,     /* to whatever comes after us: other programs, then the stack */
	REDIRECT = 2, /* a redirect helper has been called */
	END = 3,      /* it was meant for nobody: it ends here, and is no loss */
};

/* A stage is a global function: the verifier checks it once, by itself, instead of once for every path that
 * leads to it. It sees its arguments as memory that may be missing, hence the first line of each; memory
 * of that kind is no map key or value before 6.3, hence the copies.
 */
#define STAGE __attribute__((noinline)) int
#define REQUIRE(pointer) \
	if (!(pointer))  \
	return -SKIFF_REASON_BAD_HEADER

/* Negative if there is no room. Before 6.4 (commit d7ba4cc900bf) the kernel's functions behind it return an
 * int, whose sign the upper half of a register does not have.
 */
static __always_inline int map_update(void *map, const void *key, const void *value, __u64 flags)
{
	return (int)bpf_map_update_elem(map, key, value, flags);
}

static __always_inline void count_reason(const struct __sk_buff *skb, __u32 reason)
{
	struct skiff_reason_counter *counter = bpf_map_lookup_elem(&reasons, &reason);

	if (!counter)
		return;
	__sync_fetch_and_add(&counter->packets, 1); /* a CPU's, but programs preempt each other there */
	__sync_fetch_and_add(&counter->bytes, skb->len);
}

/* The value of a redirect helper as a verdict. */
static __always_inline int redirected(long action)
{
	return action == TC_ACT_REDIRECT ? REDIRECT : -SKIFF_REASON_NO_ROUTE;
}

/* Another program of this node has done this one's work, and said so by a mark that is for nobody else. */
static __always_inline bool is_done_already(struct __sk_buff *skb, __u32 mark)
{
	if (skb->mark != mark)
		return false;
	skb->mark = 0;
	return true;
}

static __always_inline int tc_action(const struct __sk_buff *skb, int verdict)
{
	if (verdict < 0) {
		count_reason(skb, -verdict);
		return TC_ACT_SHOT;
	}
	if (verdict == END)
		return TC_ACT_SHOT;
	/* UNSPEC, so that programs after ours still run; OK would end the chain. */
	return verdict == REDIRECT ? TC_ACT_REDIRECT : TC_ACT_UNSPEC;
}
