# SPDX-License-Identifier: Apache-2.0
"""Objects that several topics use: echo and busybox pods, Services over them."""

import json


def echo_deployment(name, replicas, **spec):
    """`replicas` echo servers on port 8080, labelled app=NAME, spread over the nodes."""
    container = {"name": "echo", "image": "echo:1.0.0", "args": ["--port=8080"],
                 "readinessProbe": {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 1},
                 # It ends at once when told to: what is under way to it needs the moment that a preStop hook gives.
                 "lifecycle": {"preStop": {"exec": {"command": ["/bin/sh", "-c", "sleep 1"]}}}}
    spread = {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule",
              "labelSelector": {"matchLabels": {"app": name}}}
    return json.dumps({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}},
                 "template": {"metadata": {"labels": {"app": name}},
                              "spec": {"containers": [container], "topologySpreadConstraints": [spread],
                                       "terminationGracePeriodSeconds": 5}}, **spec}})


def service(name, app, **spec):
    """A dual-stack Service over the echo servers `app`: port 80 over TCP and UDP."""
    ports = [{"name": "tcp", "port": 80, "targetPort": 8080, "protocol": "TCP"},
             {"name": "udp", "port": 80, "targetPort": 8080, "protocol": "UDP"}]
    return json.dumps({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
                       "spec": {"selector": {"app": app}, "ports": ports, "ipFamilyPolicy": "PreferDualStack", **spec}})


def pod(name, image="busybox", command=("sleep", "3600"), annotations=None, labels=None, **spec):
    container = {"name": "main", "image": image, "command": list(command)}
    return json.dumps({"apiVersion": "v1", "kind": "Pod",
                       "metadata": {"name": name, "labels": labels or {"app": name}, "annotations": annotations or {}},
                       "spec": {"containers": [container], "terminationGracePeriodSeconds": 0, **spec}})
