// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Pods of this node, by address. */
#pragma once

#include "bpf/maps.h"

static __always_inline struct skiff_pod *pod_find(const struct skiff_address *address)
{
	struct skiff_address key = *address;

	return bpf_map_lookup_elem(&pods, &key);
}
