// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* How many events a second, and what the limit and full rings took away. The counters are a CPU's, but a
 * program may be preempted there by another, or go on elsewhere (a socket's, netfilter's): every change of
 * them is one step. Plain C: tests/bpf/trace_loss_test.cpp runs it as well.
 */
#pragma once

#include "bpf/abi/trace.h"

#define TRACE_WINDOW_NS 1000000000LL

static __always_inline void count_limited(struct skiff_trace_loss *loss)
{
	__sync_fetch_and_add(&loss->limited, 1);
	__sync_fetch_and_add(&loss->suppressed, 1);
}

/* May another event of this class go out in this second? Whoever was preempted has an older `now`. */
static __always_inline bool trace_allowed(struct skiff_trace_loss *loss, __u32 limit, __u64 now)
{
	__u64 window = loss->window_ns;

	if ((__s64)(now - window) > TRACE_WINDOW_NS &&
	    __sync_val_compare_and_swap(&loss->window_ns, window, now) == window)
		__sync_lock_test_and_set(&loss->in_window, 0);
	if (__sync_fetch_and_add(&loss->in_window, 1) < limit)
		return true;
	count_limited(loss);
	return false;
}

/* How many were held back since the last event: one event tells of each. */
static __always_inline __u32 take_suppressed(struct skiff_trace_loss *loss)
{
	return loss->suppressed ? __sync_lock_test_and_set(&loss->suppressed, 0) : 0;
}

/* The event finds no room. What it took with it, the next one tells. */
static __always_inline void count_ring_full(struct skiff_trace_loss *loss, __u32 taken)
{
	__sync_fetch_and_add(&loss->ring_full, 1);
	if (taken)
		__sync_fetch_and_add(&loss->suppressed, taken);
}
