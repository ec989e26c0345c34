// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The short way for what a device to the outside gets and gives back by the same device: packets in the
 * middle of NodePort connections whose backend is on another node, and its answers. They never become packets
 * of the host's stack. Everything else, and whatever is not quite simple, goes on to `host`, which says the
 * same of it: beginnings and ends of connections, errors, fragments, pods of this node, the overlay.
 */
#include <linux/bpf.h>
#include <linux/errno.h>

#include "bpf/lib/express.h"

SEC("xdp")
int skiff_xdp_device(struct xdp_md *ctx)
{
	struct express express = {};
	struct skiff_flow *flow;
	enum flow_direction direction;

	if (!express_parse(ctx, &express) || somebody_watches())
		return XDP_PASS;
	flow = express_forward(&express);
	direction = flow ? FLOW_FORWARD : FLOW_REPLY;
	if (!flow)
		flow = express_reply(&express);
	if (!flow || !express_route(ctx, &express) || !express_rewrite(ctx, &express))
		return XDP_PASS;
	express_count(ctx, flow, direction);
	return XDP_TX;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
