// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Removes established flows that have been silent for too long. Run by the agent; it walks the tables where
 * they are (bpf_for_each_map_elem, 5.13, from a program of type syscall, 5.14): no entry is copied, and
 * between the last look at a flow and its end lie some hundred nanoseconds.
 */
#include <linux/bpf.h>
#include <linux/errno.h>

#include "bpf/abi/sweep.h"
#include "bpf/lib/flow.h"

struct bpf_map;

static __always_inline __u64 tcp_silence(const struct skiff_sweep *sweep, bool closed, bool half_closed)
{
	if (closed)
		return sweep->tcp_closed_ns;
	return half_closed ? sweep->tcp_half_closed_ns : sweep->tcp_ns;
}

static __always_inline __u64 silence_of(const struct skiff_sweep *sweep, const struct skiff_flow *flow)
{
	switch (flow->original.protocol) {
	case IPPROTO_TCP:
		return tcp_silence(sweep, flow_is_closed(flow),
				   flow->flags & (SKIFF_FLOW_FIN_FORWARD | SKIFF_FLOW_FIN_REPLY));
	case IPPROTO_UDP:
		return sweep->udp_ns;
	case IPPROTO_SCTP:
		return sweep->sctp_ns;
	default:
		return sweep->other_ns;
	}
}

/* A flow that is denied now is kept only for answers that are still on their way. */
static __always_inline __u64 policy_silence_of(const struct skiff_sweep *sweep, __u8 protocol, __u32 flags)
{
	__u32 both = SKIFF_POLICY_FLOW_FIN_FORWARD | SKIFF_POLICY_FLOW_FIN_REPLY;

	if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
		return sweep->other_ns;
	if (protocol != IPPROTO_TCP || (flags & SKIFF_POLICY_FLOW_DENIED))
		return sweep->udp_ns;
	return tcp_silence(sweep, (flags & SKIFF_POLICY_FLOW_RESET) || (flags & both) == both, flags & both);
}

/* The clock of packets runs on while the tables are walked. */
static __always_inline bool is_silent(const struct skiff_sweep *sweep, __u64 last_seen_ns, __u64 silence_ns)
{
	return last_seen_ns + silence_ns < sweep->now_ns;
}

/* The alias goes first: without it a late packet makes a new flow, with it one that is half there. It may
 * lead to another flow by now.
 */
static __always_inline void erase_alias(const struct skiff_tuple *original, const struct skiff_tuple *key)
{
	struct skiff_flow_alias *alias = bpf_map_lookup_elem(&aliases, original);
	struct skiff_tuple leads_to;

	if (!alias)
		return;
	tuple_canonical(&alias->translated, &leads_to);
	if (tuple_equal(&leads_to, key))
		bpf_map_delete_elem(&aliases, original);
}

static long sweep_flow(struct bpf_map *map __attribute__((unused)), struct skiff_tuple *key,
		       struct skiff_flow *flow, struct skiff_sweep *sweep)
{
	struct skiff_tuple original = flow->original;
	struct skiff_tuple mine = *key;
	struct skiff_flow *now;

	sweep->alive++;
	if (!is_silent(sweep, flow->last_seen_ns, silence_of(sweep, flow)))
		return 0;
	/* What was walked over may be another flow's by now: the table says. */
	now = bpf_map_lookup_elem(&flows, &mine);
	if (!now || !tuple_equal(&now->original, &original) ||
	    !is_silent(sweep, now->last_seen_ns, silence_of(sweep, now)))
		return 0;
	count_bytes(now);
	erase_alias(&original, &mine);
	bpf_map_delete_elem(&flows, &mine);
	sweep->alive--;
	sweep->removed++;
	return 0;
}

static long sweep_policy_flow(struct bpf_map *map __attribute__((unused)), struct skiff_tuple *key,
			      struct skiff_policy_flow *flow, struct skiff_sweep *sweep)
{
	struct skiff_tuple mine = *key;
	struct skiff_policy_flow *now;

	sweep->policy_alive++;
	if (!is_silent(sweep, flow->last_seen_ns, policy_silence_of(sweep, mine.protocol, flow->flags)))
		return 0;
	now = bpf_map_lookup_elem(&policy_flows, &mine);
	if (!now || !is_silent(sweep, now->last_seen_ns, policy_silence_of(sweep, mine.protocol, now->flags)))
		return 0;
	bpf_map_delete_elem(&policy_flows, &mine);
	sweep->policy_alive--;
	sweep->policy_removed++;
	return 0;
}

SEC("syscall")
int skiff_sweep(struct skiff_sweep *ctx)
{
	struct skiff_sweep sweep = *ctx;

	bpf_for_each_map_elem(&flows, sweep_flow, &sweep, 0);
	bpf_for_each_map_elem(&policy_flows, sweep_policy_flow, &sweep, 0);
	ctx->alive = sweep.alive;
	ctx->removed = sweep.removed;
	ctx->policy_alive = sweep.policy_alive;
	ctx->policy_removed = sweep.policy_removed;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
