// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Flows: found by either of their tuples, created with a source port nobody else has, kept while they live.
 */
#pragma once

#include "bpf/lib/rewrite.h"
#include "bpf/lib/service_count.h"
#include "bpf/lib/trace_flow.h"

#define COARSE_SECOND 1000000000ULL
#define SNAT_ATTEMPTS 24

enum flow_direction {
	FLOW_FORWARD = 0,
	FLOW_REPLY = 1,
};

/* Outcome of trying a source port. */
enum { CLAIMED = 0, TAKEN = 1 };

static __always_inline void tuple_reverse(const struct skiff_tuple *from, struct skiff_tuple *to)
{
	to->source = from->destination;
	to->destination = from->source;
	to->source_port = from->destination_port;
	to->destination_port = from->source_port;
	to->protocol = from->protocol;
	__builtin_memset(to->pad, 0, sizeof(to->pad));
}

static __always_inline bool tuple_equal(const struct skiff_tuple *a, const struct skiff_tuple *b)
{
	return address_equal(&a->source, &b->source) && address_equal(&a->destination, &b->destination) &&
	       a->source_port == b->source_port && a->destination_port == b->destination_port &&
	       a->protocol == b->protocol;
}

/* The same for both directions: the lower end first, in any order that is total. True: the other way round
 * than the tuple.
 */
static __always_inline bool tuple_canonical(const struct skiff_tuple *tuple, struct skiff_tuple *key)
{
	bool swap = tuple->source_port > tuple->destination_port;

#pragma unroll
	for (int i = 3; i >= 0; i--) {
		if (tuple->source.word[i] != tuple->destination.word[i])
			swap = tuple->source.word[i] > tuple->destination.word[i];
	}
	if (swap)
		tuple_reverse(tuple, key);
	else
		*key = *tuple;
	return swap;
}

static __always_inline struct skiff_flow *flow_lookup(const struct skiff_tuple *key)
{
	struct skiff_flow *flow = bpf_map_lookup_elem(&flows, key);

	return flow ? flow : bpf_map_lookup_elem(&new_flows, key);
}

static __always_inline struct skiff_flow_alias *alias_lookup(const struct skiff_tuple *original)
{
	struct skiff_flow_alias *alias = bpf_map_lookup_elem(&aliases, original);

	return alias ? alias : bpf_map_lookup_elem(&new_aliases, original);
}

static __always_inline bool flow_is_closed(const struct skiff_flow *flow)
{
	__u32 both = SKIFF_FLOW_FIN_FORWARD | SKIFF_FLOW_FIN_REPLY;

	return (flow->flags & SKIFF_FLOW_RESET) || (flow->flags & both) == both;
}

static __always_inline bool starts_connection(const struct packet *pkt)
{
	return (pkt->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static __always_inline void flow_erase(struct skiff_flow *flow, const struct skiff_tuple *key)
{
	bpf_map_delete_elem(&aliases, &flow->original);
	bpf_map_delete_elem(&new_aliases, &flow->original);
	bpf_map_delete_elem(&flows, key);
	bpf_map_delete_elem(&new_flows, key);
}

/* Moves a flow to where no flood of new ones evicts it. If there is no room it stays, and may be evicted. */
static __always_inline void flow_establish(struct __sk_buff *skb, struct skiff_flow *flow,
					   const struct skiff_tuple *key)
{
	flow->flags |= SKIFF_FLOW_ESTABLISHED;
	if (map_update(&flows, key, flow, BPF_ANY) < 0)
		goto full;
	if (map_update(&aliases, &flow->original, &flow->translated, BPF_ANY) < 0) {
		bpf_map_delete_elem(&flows, key);
		goto full;
	}
	bpf_map_delete_elem(&new_aliases, &flow->original);
	bpf_map_delete_elem(&new_flows, key);
	return;
full:
	flow->flags &= ~SKIFF_FLOW_ESTABLISHED;
	count_reason(skb, SKIFF_REASON_FLOW_TABLE_FULL);
}

/* A flow is established when it has been answered; TCP and SCTP when the answer has been answered, because
 * anybody can make a Service answer a SYN from an address that is not theirs. What is carried on stays among
 * the new ones: its answers do not come by, and whoever lost its flow finds its backend again by the hash.
 */
static __always_inline bool flow_is_ready(const struct skiff_flow *flow, enum flow_direction direction,
					  __u8 protocol)
{
	if (flow->flags & (SKIFF_FLOW_ESTABLISHED | SKIFF_FLOW_CARRIED))
		return false;
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_SCTP)
		return direction == FLOW_REPLY;
	return direction == FLOW_FORWARD && (flow->flags & SKIFF_FLOW_REPLIED);
}

/* Counts a packet, notes what it says about the life of the flow. */
static __always_inline void flow_touch(struct __sk_buff *skb, struct packet *pkt, struct skiff_flow *flow,
				       const struct skiff_tuple *key, enum flow_direction direction)
{
	__u32 flags = direction == FLOW_REPLY ? SKIFF_FLOW_REPLIED : 0;
	__u64 now = bpf_ktime_get_coarse_ns();

	__sync_fetch_and_add(&flow->packets[direction], 1);
	__sync_fetch_and_add(&flow->bytes[direction], skb->len);
	if (now - flow->last_seen_ns > COARSE_SECOND) {
		flow->last_seen_ns = now;
		count_bytes(flow);
	}
	if (pkt->tcp_flags & TCP_FIN)
		flags |= direction == FLOW_REPLY ? SKIFF_FLOW_FIN_REPLY : SKIFF_FLOW_FIN_FORWARD;
	if (pkt->tcp_flags & TCP_RST)
		flags |= SKIFF_FLOW_RESET;
	if ((flow->flags & flags) != flags) {
		bool was_closed = flow_is_closed(flow);

		__sync_fetch_and_or(&flow->flags, flags);
		/* A direct one is told of as a flow without translation (bpf/lib/account.h). */
		if (!was_closed && flow_is_closed(flow) && !(flow->flags & SKIFF_FLOW_DIRECT)) {
			count_bytes(flow);
			trace_flow(skb, pkt, flow, SKIFF_TRACE_CLOSED, SKIFF_LB_NONE);
		}
	}
	if (flow_is_ready(flow, direction, pkt->tuple.protocol))
		flow_establish(skb, flow, key);
}

/* Does somebody else use the translated tuple? A closed flow, and an older life of this one, give way. */
static __always_inline bool flow_blocked(const struct skiff_flow *flow, const struct skiff_tuple *key)
{
	struct skiff_flow *other = flow_lookup(key);

	if (!other)
		return false;
	if (!flow_is_closed(other) && !tuple_equal(&other->original, &flow->original))
		return true;
	flow_erase(other, key);
	return false;
}

/* Packets of this tuple are translated from now on: they must not go as they went. */
static __always_inline void forget_ways(const struct skiff_tuple *key)
{
	struct skiff_seen_flow *seen = config.trace ? bpf_map_lookup_elem(&seen_flows, key) : NULL;

	if (!seen)
		return;
	seen->ways[0].valid = 0;
	seen->ways[1].valid = 0;
}

static __always_inline int flow_claim(struct skiff_flow *flow)
{
	struct skiff_tuple key;
	int failed;

	tuple_canonical(&flow->translated, &key);
	if (flow_blocked(flow, &key))
		return TAKEN;
	failed = map_update(&new_flows, &key, flow, BPF_NOEXIST);
	if (failed)
		return failed == -EEXIST ? TAKEN : -SKIFF_REASON_FLOW_TABLE_FULL;
	if (map_update(&new_aliases, &flow->original, &flow->translated, BPF_ANY) < 0) {
		bpf_map_delete_elem(&new_flows, &key);
		return -SKIFF_REASON_FLOW_TABLE_FULL;
	}
	forget_ways(&key);
	return CLAIMED;
}

static __always_inline bool port_is_reserved(__u16 port)
{
	__u32 word = port / 64;
	__u64 *bits = bpf_map_lookup_elem(&reserved_ports, &word);

	return bits && (*bits & (1ULL << (port % 64)));
}

static __always_inline struct skiff_flow *flow_scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratch, &zero);
}

/* Room for one flow, zeroed, with `original` set. */
static __always_inline struct skiff_flow *flow_new(const struct packet *pkt)
{
	struct skiff_flow *flow = flow_scratch();

	if (!flow)
		return NULL;
	__builtin_memset(flow, 0, sizeof(*flow));
	flow->original = pkt->tuple;
	flow->translated = pkt->tuple;
	return flow;
}

/* Enters the flow in `scratch`, whose original and translated tuples are set, and gives it another source
 * port if it must have one or if its own is taken.
 */
STAGE flow_create(bool change_port)
{
	struct skiff_flow *flow = flow_scratch();
	__u32 width = config.snat_port_max - config.snat_port_min + 1;
	__u32 start = bpf_get_prandom_u32();
	int verdict;

	REQUIRE(flow);
	flow->created_ns = flow->last_seen_ns = bpf_ktime_get_coarse_ns();
	if (!change_port) {
		verdict = flow_claim(flow);
		if (verdict != TAKEN)
			return verdict;
	}
	for (__u32 i = 0; i < SNAT_ATTEMPTS; i++) {
		__u16 port = config.snat_port_min + (start + i) % width;

		if (port_is_reserved(port))
			continue;
		flow->translated.source_port = bpf_htons(port);
		verdict = flow_claim(flow);
		if (verdict != TAKEN)
			return verdict;
	}
	return -SKIFF_REASON_NO_SNAT_PORT;
}

/* The flow this packet goes forward on, by the tuple its client gave it. */
static __always_inline struct skiff_flow *flow_find_forward(const struct packet *pkt, struct skiff_tuple *key)
{
	struct skiff_flow_alias *alias;

	*key = pkt->tuple;
	alias = alias_lookup(key);
	if (!alias)
		return NULL;
	tuple_canonical(&alias->translated, key);
	return flow_lookup(key);
}

/* Continues a known flow. */
static __always_inline int flow_forward(struct __sk_buff *skb, struct packet *pkt, struct skiff_flow *flow,
					const struct skiff_tuple *key)
{
	struct skiff_tuple to = flow->translated;

	flow_touch(skb, pkt, flow, key, FLOW_FORWARD);
	return rewrite(skb, pkt, &to);
}

/* Stage: an answer gets back the addresses that its client knows. */
STAGE flow_reply(struct __sk_buff *skb, struct packet *pkt)
{
	struct skiff_tuple key, to;
	struct skiff_flow *flow;

	REQUIRE(pkt);
	if (pkt->kind != PACKET_PORTS && pkt->kind != PACKET_ECHO)
		return CONTINUE;
	tuple_canonical(&pkt->tuple, &key);
	flow = flow_lookup(&key);
	if (!flow || (flow->flags & SKIFF_FLOW_DIRECT) ||
	    tuple_equal(&flow->translated, &pkt->tuple)) /* or forward, translated already */
		return CONTINUE;
	tuple_reverse(&flow->original, &to);
	pkt->unmasked = !!(flow->flags & SKIFF_FLOW_MASQUERADE);
	flow_touch(skb, pkt, flow, &key, FLOW_REPLY);
	return rewrite(skb, pkt, &to);
}
