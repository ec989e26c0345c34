// SPDX-License-Identifier: Apache-2.0
// Every kind that skiff serves, for code that needs them all; others include the header of the
// kind.
#pragma once

#include "api/apps.h"
#include "api/authentication.h"
#include "api/authorization.h"
#include "api/autoscaling.h"
#include "api/coordination.h"
#include "api/core/component_status.h"
#include "api/core/config.h"
#include "api/core/endpoints.h"
#include "api/core/event.h"
#include "api/core/namespace.h"
#include "api/core/node.h"
#include "api/core/pod.h"
#include "api/core/quota.h"
#include "api/core/replication_controller.h"
#include "api/core/service.h"
#include "api/core/storage.h"
#include "api/discovery.h"
#include "api/discovery_documents.h"
#include "api/networking.h"
#include "api/policy.h"
