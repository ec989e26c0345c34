// SPDX-License-Identifier: Apache-2.0
// Precompiled for everything above api/: the objects that most of it handles, and what it reaches
// them through.
#pragma once

#include "cmake/pch_base.h"

#include <boost/json.hpp>

#include "api/core/node.h"
#include "api/core/pod.h"
#include "api/core/service.h"
#include "kube/client.h"
#include "kube/events.h"
#include "kube/reconciler.h"
#include "kube/store.h"
