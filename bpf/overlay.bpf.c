// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Both directions of the overlay device: what other segments send to this node's pods and to the node itself,
 * and what goes there. It is one more device to the outside.
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

SEC("tc")
int skiff_from_overlay(struct __sk_buff *skb)
{
	struct packet pkt = {.hook = SKIFF_HOOK_FROM_DEVICE};
	int verdict = packet_parse(skb, &pkt);
	int accepted = overlay_accept(skb, &pkt);

	if (accepted != CONTINUE)
		verdict = accepted;
	tap_begin(skb, &pkt);
	if (verdict == CONTINUE && !pkt.carried)
		verdict = way_follow(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = service_translate(skb, &pkt, SKIFF_SCOPE_EXTERNAL);
	if (verdict == CONTINUE)
		verdict = service_carried(&pkt);
	if (verdict == CONTINUE && !pkt.translated)
		verdict = flow_reply(skb, &pkt);
	if (verdict == CONTINUE && pkt.kind == PACKET_ICMP_ERROR)
		verdict = icmp_error_translate(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = policy(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = deliver_pod(skb, &pkt, HOOK_INGRESS);
	if (verdict == CONTINUE && pkt.translated)
		verdict = deliver_route(skb, &pkt);
	if (verdict < 0)
		trace_drop(skb, &pkt, verdict);
	if (verdict < 0)
		verdict = refuse(skb, &pkt, verdict, 0);
	if (verdict == CONTINUE && pkt.refused) /* an answer to a client outside */
		verdict = deliver_route(skb, &pkt);
	return finish(skb, &pkt, verdict);
}

SEC("tc")
int skiff_to_overlay(struct __sk_buff *skb)
{
	struct packet pkt = {.hook = SKIFF_HOOK_TO_DEVICE};
	int verdict;

	if (is_done_already(skb, SKIFF_CARRIED_MARK)) /* has its outer header */
		return TC_ACT_UNSPEC;
	verdict = packet_parse(skb, &pkt);
	tap_begin(skb, &pkt);
	if (verdict == CONTINUE)
		verdict = flow_reply(skb, &pkt);
	if (verdict == CONTINUE && pkt.kind == PACKET_ICMP_ERROR)
		verdict = icmp_error_translate(skb, &pkt);
	if (verdict == CONTINUE || verdict == PASS)
		verdict = overlay_encapsulate(skb, &pkt);
	if (verdict < 0)
		trace_drop(skb, &pkt, verdict);
	return finish(skb, &pkt, verdict);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
