// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The node's devices to the outside: NodePorts and Service addresses for clients outside, answers to what
 * was translated here, masquerade of pods.
 */
#include <linux/bpf.h>
#include <linux/errno.h>

#include "bpf/lib/account.h"
#include "bpf/lib/deliver.h"
#include "bpf/lib/fragment.h"
#include "bpf/lib/icmp_error.h"
#include "bpf/lib/policy.h"
#include "bpf/lib/refuse.h"
#include "bpf/lib/service.h"
#include "bpf/lib/way.h"

/* An answer may have been masqueraded on top of a Service: undone one after the other. */
static __always_inline int undo_translations(struct __sk_buff *skb, struct packet *pkt)
{
	int verdict = flow_reply(skb, pkt);

	if (verdict == CONTINUE && pkt->unmasked)
		verdict = flow_reply(skb, pkt);
	return verdict;
}

SEC("tc")
int skiff_from_device(struct __sk_buff *skb)
{
	struct packet pkt = {.hook = SKIFF_HOOK_FROM_DEVICE};
	int verdict = packet_parse(skb, &pkt);

	tap_begin(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = way_follow(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = service_translate(skb, &pkt, SKIFF_SCOPE_EXTERNAL);
	if (verdict == CONTINUE && !pkt.translated)
		verdict = undo_translations(skb, &pkt);
	if (verdict == CONTINUE && pkt.kind == PACKET_ICMP_ERROR)
		verdict = icmp_error_translate(skb, &pkt);
	if (verdict == CONTINUE && pkt.kind == PACKET_ICMP_ERROR && pkt.translated)
		verdict = icmp_error_translate(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = policy(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = deliver_pod(skb, &pkt, HOOK_INGRESS);
	if (verdict == CONTINUE)
		verdict = service_unknown(&pkt);
	if (verdict == CONTINUE && pkt.translated && !belongs_to_stack(&pkt))
		verdict = deliver_route(skb, &pkt);
	if (verdict < 0)
		trace_drop(skb, &pkt, verdict);
	if (verdict < 0)
		verdict = refuse(skb, &pkt, verdict, 0);
	return finish(skb, &pkt, verdict);
}

/* Packets of the node's own processes that their sockets did not translate: raw sockets, other cgroups. */
static __always_inline int serve_node(struct __sk_buff *skb, struct packet *pkt)
{
	int verdict;

	if (skb->ingress_ifindex || pkt->translated)
		return CONTINUE;
	verdict = service_translate(skb, pkt, SKIFF_SCOPE_INTERNAL);
	if (verdict != CONTINUE)
		return verdict;
	if (!pkt->translated) /* its route leads here for want of a better one */
		return service_unknown(pkt);
	verdict = deliver_pod(skb, pkt, HOOK_EGRESS);
	if (verdict == CONTINUE)
		verdict = deliver_node(skb, pkt);
	if (verdict == CONTINUE)
		verdict = deliver_route(skb, pkt);
	return verdict;
}

SEC("tc")
int skiff_to_device(struct __sk_buff *skb)
{
	struct packet pkt = {.hook = SKIFF_HOOK_TO_DEVICE};
	int verdict;

	if (is_done_already(skb, SKIFF_ROUTED_MARK))
		return TC_ACT_UNSPEC;
	verdict = packet_parse(skb, &pkt);
	tap_begin(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = flow_reply(skb, &pkt);
	if (verdict == CONTINUE && pkt.translated)
		verdict = deliver_node(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = serve_node(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = masquerade(skb, &pkt);
	if (verdict == CONTINUE && pkt.kind == PACKET_ICMP_ERROR)
		verdict = icmp_error_translate(skb, &pkt);
	if (verdict < 0)
		trace_drop(skb, &pkt, verdict);
	if (verdict < 0)
		verdict = refuse(skb, &pkt, verdict, BPF_F_INGRESS);
	return finish(skb, &pkt, verdict);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
