// SPDX-License-Identifier: Apache-2.0
#include "api/core/probe.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(ExecAction, KUBE_FIELD(command, 1))

KUBE_FIELDS(HTTPHeader, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(value, 2, .required = true))

KUBE_FIELDS(HTTPGetAction, KUBE_FIELD(path, 1), KUBE_FIELD(port, 2, .required = true),
            KUBE_FIELD(host, 3), KUBE_FIELD(scheme, 4, .values = "HTTP,HTTPS"),
            KUBE_FIELD(httpHeaders, 5))

KUBE_FIELDS(TCPSocketAction, KUBE_FIELD(port, 1, .required = true), KUBE_FIELD(host, 2))

KUBE_FIELDS(GRPCAction, KUBE_FIELD(port, 1, .required = true, .min = 1, .max = 65535),
            KUBE_FIELD(service, 2))

KUBE_FIELDS(SleepAction, KUBE_FIELD(seconds, 1, .required = true))

KUBE_FIELDS(Probe, KUBE_FIELD(exec, 1, .outer = 1), KUBE_FIELD(httpGet, 2, .outer = 1),
            KUBE_FIELD(tcpSocket, 3, .outer = 1), KUBE_FIELD(grpc, 4, .outer = 1),
            KUBE_FIELD(initialDelaySeconds, 2, .min = 0), KUBE_FIELD(timeoutSeconds, 3, .min = 0),
            KUBE_FIELD(periodSeconds, 4, .min = 0), KUBE_FIELD(successThreshold, 5, .min = 0),
            KUBE_FIELD(failureThreshold, 6, .min = 0),
            KUBE_FIELD(terminationGracePeriodSeconds, 7, .min = 1))

KUBE_FIELDS(LifecycleHandler, KUBE_FIELD(exec, 1), KUBE_FIELD(httpGet, 2), KUBE_FIELD(tcpSocket, 3),
            KUBE_FIELD(sleep, 4))

KUBE_FIELDS(Lifecycle, KUBE_FIELD(postStart, 1), KUBE_FIELD(preStop, 2), KUBE_FIELD(stopSignal, 3))

}  // namespace skiff::api
