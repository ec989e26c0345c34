// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Telling user space: one event a change of a flow, limited by class, every loss counted. Nothing of this is
 * in the programs when config.trace is 0: the verifier cuts it out.
 */
#pragma once

#include "bpf/lib/limit.h"
#include "bpf/maps.h"

/* Events a second, class and CPU: what a reader bears; drops come in floods. */
#define TRACE_LIMIT_FLOW   40000
#define TRACE_LIMIT_DROP   1000
#define TRACE_LIMIT_KERNEL 1000
#define TRACE_LIMIT_TAP	   200000

static __always_inline struct skiff_trace_loss *trace_loss(__u32 class)
{
	return bpf_map_lookup_elem(&trace_losses, &class);
}

/* The reader comes by from time to time; waking it costs a hundred events. Only a ring that fills up does. */
static __always_inline __u64 trace_wakeup(void *ring, __u64 size)
{
	return bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) > size / 4 ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

#define TRACE_RING_BYTES (512 * 1024)

static __always_inline void trace_submit(void *event)
{
	bpf_ringbuf_submit(event, trace_wakeup(&trace_events, TRACE_RING_BYTES));
}

/* A flow event with its header begun and all else zero, or NULL: held back, or no room. */
static __always_inline struct skiff_flow_event *trace_flow_event(__u32 class, __u32 limit, __u8 kind,
								 __u8 hook)
{
	struct skiff_trace_loss *loss = trace_loss(class);
	struct skiff_flow_event *event;

	if (!loss || !trace_allowed(loss, limit, bpf_ktime_get_coarse_ns()))
		return NULL;
	event = bpf_ringbuf_reserve(&trace_events, sizeof(*event), 0);
	if (!event) {
		count_ring_full(loss, 0);
		return NULL;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->header.time_ns = bpf_ktime_get_ns();
	event->header.kind = kind;
	event->header.hook = hook;
	event->header.suppressed = take_suppressed(loss);
	return event;
}

/* Why there is none. */
static __always_inline __u8 lb_refusal_of(__u32 reason)
{
	switch (reason) {
	case SKIFF_REASON_NO_ENDPOINTS:
		return SKIFF_LB_NO_BACKEND;
	case SKIFF_REASON_NO_LOCAL_ENDPOINTS:
		return SKIFF_LB_NO_LOCAL;
	case SKIFF_REASON_UNKNOWN_SERVICE_PORT:
		return SKIFF_LB_NO_SERVICE;
	case SKIFF_REASON_SOURCE_RANGE:
		return SKIFF_LB_SOURCE_RANGE;
	default:
		return SKIFF_LB_NONE;
	}
}

static __always_inline bool is_denial(__u32 reason)
{
	return reason == SKIFF_REASON_POLICY_INGRESS || reason == SKIFF_REASON_POLICY_EGRESS;
}

/* Does the reason end in an answer (bpf/lib/refuse.h)? */
static __always_inline bool is_refusal(__u32 reason)
{
	if (is_denial(reason))
		return config.policy_rejects;
	return reason == SKIFF_REASON_NO_ENDPOINTS || reason == SKIFF_REASON_UNKNOWN_SERVICE_PORT ||
	       reason == SKIFF_REASON_BACKEND_GONE || reason == SKIFF_REASON_TOO_BIG ||
	       reason == SKIFF_REASON_NO_ROUTE;
}
