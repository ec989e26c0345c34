#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kubernetes' own facts about its types, as drafts of our tables and as what a test compares the tables with.

Usage: kube_types.py draft GROUP --data DIR   structs and tables of a group ("apps", "rbac"), to start a file from
       kube_types.py types --data DIR         tests/data/kubernetes-1.34.tsv
       kube_types.py resources --data DIR     tests/data/kubernetes-1.34-resources.tsv

DIR holds openapi-types.json (definitions of the OpenAPI document), proto-fields.tsv (field numbers) and resources.tsv.
A draft knows names, numbers, required, list types and patch rules. It does not know enumerations, ranges, immutability, defaults,
what a field is for, nor whether Go has a pointer where nothing is required: read each field, then add that.
"""

import argparse
import csv
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

META = "io.k8s.apimachinery.pkg.apis.meta.v1."
EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
AGGREGATOR = "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1."
GROUPS = ["core", "apps", "batch", "autoscaling", "policy", "networking", "discovery", "events", "coordination", "node", "scheduling",
          "rbac", "authentication", "authorization", "certificates", "storage", "resource", "admissionregistration", "flowcontrol"]
# Definition: what it is called in C++, where two groups have a type of that name.
RENAMED = {
    "io.k8s.api.core.v1.ResourceClaim": "ContainerResourceClaim",
    "io.k8s.api.discovery.v1.EndpointPort": "EndpointSlicePort",
    "io.k8s.api.events.v1.Event": "EventV1",
    "io.k8s.api.events.v1.EventSeries": "EventSeriesV1",
    "io.k8s.api.autoscaling.v1.CrossVersionObjectReference": "CrossVersionObjectReferenceV1",
    "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler": "HorizontalPodAutoscalerV1",
    "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec": "HorizontalPodAutoscalerSpecV1",
    "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus": "HorizontalPodAutoscalerStatusV1",
    "io.k8s.api.rbac.v1.Subject": "RbacSubject",
    "io.k8s.api.flowcontrol.v1.Subject": "FlowSubject",
    "io.k8s.api.storage.v1.TokenRequest": "StorageTokenRequest",
    "io.k8s.api.admissionregistration.v1.ServiceReference": "AdmissionServiceReference",
    "io.k8s.api.admissionregistration.v1.WebhookClientConfig": "AdmissionWebhookClientConfig",
    EXTENSIONS + "ServiceReference": "ConversionServiceReference",
    EXTENSIONS + "WebhookClientConfig": "ConversionWebhookClientConfig",
}
SCALARS = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "Quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "IntOrString",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "any",
    META + "Time": "Time",
    META + "MicroTime": "MicroTime",
    META + "FieldsV1": "any",
    EXTENSIONS + "JSON": "JSON",
}
CPP = {"string": "std::string", "boolean": "bool", "int32": "int32_t", "int64": "int64_t", "number": "double", "bytes": "Bytes",
       "Quantity": "Quantity", "IntOrString": "IntOrString", "Time": "Time", "MicroTime": "MicroTime", "any": "RawJson", "JSON": "AnyJson"}
# Known of the real server, not told by its documents.
SHORT_NAMES = {"pods": "po", "services": "svc", "namespaces": "ns", "nodes": "no", "configmaps": "cm", "events": "ev", "endpoints": "ep",
               "persistentvolumes": "pv", "persistentvolumeclaims": "pvc", "serviceaccounts": "sa", "replicationcontrollers": "rc",
               "resourcequotas": "quota", "limitranges": "limits", "componentstatuses": "cs", "deployments": "deploy",
               "replicasets": "rs", "statefulsets": "sts", "daemonsets": "ds", "cronjobs": "cj", "horizontalpodautoscalers": "hpa",
               "poddisruptionbudgets": "pdb", "ingresses": "ing", "networkpolicies": "netpol", "ipaddresses": "ip",
               "certificatesigningrequests": "csr", "storageclasses": "sc", "volumeattributesclasses": "vac", "priorityclasses": "pc",
               "customresourcedefinitions": "crd,crds"}
ALL = ["pods", "replicationcontrollers", "services", "daemonsets", "deployments", "replicasets", "statefulsets",
       "horizontalpodautoscalers", "cronjobs", "jobs"]
API_EXTENSIONS = ["CustomResourceDefinition", "APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
                  "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]
NEWER = ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"]  # than 1.34
# JSON names that protobuf spells otherwise.
SPELLING = {"uid": "uID", "apiGroup": "aPIGroup", "$schema": "schema", "$ref": "ref", "expression": "Expression", "name": "Name",
            "webhooks": "Webhooks"}
# Messages that JSON inlines into the one that holds them.
INLINED = ["volumeSource", "persistentVolumeSource", "handler", "ephemeralContainerCommon", "ingressRuleValue", "rule",
           "ruleWithOperations", "localObjectReference", "deviceConfiguration"]
# Unions have no properties in OpenAPI; their fields are told here, as our tables have them.
UNIONS = {"JSONSchemaPropsOrArray": {"schema": "JSONSchemaProps", "jSONSchemas": ["JSONSchemaProps"]},
          "JSONSchemaPropsOrBool": {"schema": "JSONSchemaProps", "allows": "boolean"},
          "JSONSchemaPropsOrStringArray": {"schema": "JSONSchemaProps", "property": ["string"]}}


def package_of(group):
    if group == "meta":
        return META
    if group == "apiextensions":
        return EXTENSIONS
    if group == "apiregistration":
        return AGGREGATOR
    return f"io.k8s.api.{group}.v1."


class Facts:
    def __init__(self, directory):
        with open(directory / "openapi-types.json", encoding="utf-8") as file:
            self.definitions = json.load(file)["definitions"]
        self.messages = defaultdict(dict)
        with open(directory / "proto-fields.tsv", encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                self.messages[(row["package"], row["message"])][row["field"]] = row

    def message(self, definition):
        package, name = definition.rsplit(".", 1)
        return self.messages.get((package.replace("io.k8s.", "k8s.io.", 1).replace("-", "_"), name), {})

    def number(self, definition, field):
        """`7`, or `2.7` within an inlined message; None: newer than 1.34; empty: not told."""
        if definition.startswith(AGGREGATOR):
            return ""
        message = self.message(definition)
        spellings = [field, SPELLING.get(field, field), re.sub("-(.)", lambda m: m[1].upper(), field)]
        for spelling in spellings:
            if spelling in message:
                return message[spelling]["number"]
        for outer in INLINED:
            if outer not in message:
                continue
            package, name = message[outer]["type"].rsplit(".", 1) if "." in message[outer]["type"] else ("", message[outer]["type"])
            package = package or definition.rsplit(".", 1)[0].replace("io.k8s.", "k8s.io.", 1)
            inner = self.number("io.k8s." + package.removeprefix("k8s.io.") + "." + name, field)
            if inner:
                return f"{message[outer]['number']}.{inner}"
        return None

    def type_text(self, schema):
        """As the test writes it: `string`, `[io.k8s.api.core.v1.Pod]`, `{Quantity}`."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/definitions/")
            return SCALARS.get(name, name)
        kind = schema.get("type")
        if kind == "array":
            return "[" + self.type_text(schema["items"]) + "]"
        if kind == "object":
            return "{" + self.type_text(schema["additionalProperties"]) + "}" if "additionalProperties" in schema else "any"
        if kind == "integer":
            return schema.get("format", "int64")
        if kind == "string" and schema.get("format") == "byte":
            return "bytes"
        return kind

    def atomic(self, schema):
        if "x-kubernetes-map-type" in schema:
            return schema["x-kubernetes-map-type"] == "atomic"
        name = schema.get("$ref", "").removeprefix("#/definitions/")
        return self.definitions.get(name, {}).get("x-kubernetes-map-type") == "atomic"

    def union_fields(self, name):
        for field, kind in UNIONS[name].items():
            full = {"JSONSchemaProps": EXTENSIONS + "JSONSchemaProps"}
            text = "[" + full.get(kind[0], kind[0]) + "]" if isinstance(kind, list) else full.get(kind, kind)
            yield {"name": field, "type": text, "number": self.number(EXTENSIONS + name, field)}

    def fields(self, definition):
        """The fields of 1.34, in the order of their numbers."""
        name = definition.rsplit(".", 1)[1]
        if name in UNIONS:
            return list(self.union_fields(name))
        schema = self.definitions[definition]
        out = []
        for field, value in schema.get("properties", {}).items():
            if field in ("apiVersion", "kind") and ("x-kubernetes-group-version-kind" in schema):
                continue
            number = self.number(definition, field)
            if number is None:
                continue
            out.append({"name": field, "type": self.type_text(value), "number": number,
                        "required": field in schema.get("required", []), "atomic": self.atomic(value),
                        "list": value.get("x-kubernetes-list-type", ""), "keys": value.get("x-kubernetes-list-map-keys", []),
                        "patch": value.get("x-kubernetes-patch-strategy", ""), "merge_key": value.get("x-kubernetes-patch-merge-key", "")})
        return sorted(out, key=lambda f: [int(n) for n in f["number"].split(".") if n])

    def types(self, package):
        """Definitions of a package at 1.34: no lists of kinds, no scalars."""
        for name, schema in sorted(self.definitions.items()):
            if name.rsplit(".", 1)[0] + "." != package or name in SCALARS:
                continue
            is_list = name.endswith("List") and "items" in schema.get("properties", {}) and "metadata" in schema["properties"]
            known = self.message(name) or name.startswith(AGGREGATOR) or "properties" not in schema
            if known and not is_list and not name.endswith((".v1.Patch", ".v1.WatchEvent", ".v1.ShardInfo")):
                yield name


def all_packages():
    return ([META] + [package_of(g) for g in GROUPS] + ["io.k8s.api.autoscaling.v2.", EXTENSIONS, AGGREGATOR])


def print_types(facts):
    print("type\tfield\tjson\tnumber\trequired\tlist\tkeys\tatomic\tpatch\tmerge_key")
    for package in all_packages():
        for name in facts.types(package):
            atomic = facts.definitions[name].get("x-kubernetes-map-type") == "atomic"
            print("\t".join([name, "", "", "", "", "", "", "atomic" if atomic else "", "", ""]))
            for f in facts.fields(name):
                print("\t".join([name, f["name"], f["type"], f["number"], "required" if f.get("required") else "", f.get("list", ""),
                                 ",".join(f.get("keys", [])), "atomic" if f.get("atomic") else "", f.get("patch", ""),
                                 f.get("merge_key", "")]))


def print_resources(directory):
    with open(directory / "resources.tsv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    print("group\tversion\tkind\tplural\tnamespaced\tverbs\tsubresources\tshort_names\tcategories")
    for row in rows:
        if row["kind"] in NEWER:
            continue
        short = SHORT_NAMES.get(row["plural"], "")
        categories = ["all"] * (row["plural"] in ALL) + ["api-extensions"] * (row["kind"] in API_EXTENSIONS)
        print("\t".join([*row.values(), short, ",".join(categories)]))


def cpp_type(facts, text):
    if text.startswith("["):
        return f"std::vector<{cpp_type(facts, text[1:-1])}>"
    if text.startswith("{"):
        return f"std::map<std::string, {cpp_type(facts, text[1:-1])}>"
    return CPP.get(text) or RENAMED.get(text) or text.rsplit(".", 1)[1]


def member(facts, field, definition):
    cpp = cpp_type(facts, field["type"])
    name = re.sub("[^A-Za-z0-9]+(.)", lambda m: m[1].upper(), field["name"].lstrip("$"))
    name += "_" if name in ("namespace", "template", "operator", "continue", "default", "not", "enum") else ""
    scalar = field["type"] in CPP
    is_kind = "x-kubernetes-group-version-kind" in facts.definitions[definition]
    plain = field.get("required") or field["name"] == "metadata" or (is_kind and field["name"] in ("spec", "status"))
    if not scalar and not cpp.startswith("std::") and (not plain or definition == field["type"].strip("[]{}")):
        cpp = f"Box<{cpp}>"
    elif definition.rsplit(".", 1)[1] in UNIONS:
        pass  # which member is there says all
    elif field["type"] in ("boolean", "int32", "int64", "number", "IntOrString") and not field.get("required"):
        cpp = f"std::optional<{cpp}>"
    zero = " = false" if cpp == "bool" else " = 0" if cpp in ("int32_t", "int64_t", "double") else ""
    return cpp, name, zero


def row(field, name):
    json_name = name.rstrip("_")
    head = f"KUBE_FIELD({name}" if json_name == field["name"] else f"KUBE_FIELD_AS({name}, \"{field['name']}\""
    *outer, number = field["number"].split(".")
    options = []
    if outer:
        options.append(f".outer = {outer[0]}" if len(outer) == 1 else f".outer = 0x{int(outer[0]):02x}{int(outer[1]):02x}")
    if field.get("required"):
        options.append(".required = true")
    if field.get("patch"):
        words = {"merge": "kMerge", "replace": "kReplace", "retainKeys": "kRetainKeys", "merge,retainKeys": "kMergeRetainKeys"}
        options.append(f".patch = Patch::{words[field['patch']]}")
    if field.get("list") in ("map", "set"):
        options.append(f".list = ListType::k{field['list'].capitalize()}")
    if field.get("merge_key"):
        options.append(f".merge_key = \"{field['merge_key']}\"")
    if field.get("keys"):
        options.append(f".keys = \"{','.join(field['keys'])}\"")
    return ", ".join([head, number or "0", *options]) + ")"


def print_draft(facts, group):
    for package in [package_of(group)] + (["io.k8s.api.autoscaling.v2."] if group == "autoscaling" else []):
        names = order(facts, list(facts.types(package)))
        print(f"// ---- header\n\nnamespace skiff::api {{\n")
        tables = []
        for definition in names:
            short = definition.rsplit(".", 1)[1]
            cpp_name = RENAMED.get(definition, short)
            rows = []
            print(f"// .\nstruct {cpp_name} {{")
            for field in facts.fields(definition):
                cpp, name, zero = member(facts, field, definition)
                print(f"  {cpp} {name}{zero};")
                rows.append(row(field, name))
            print(f"}};\nKUBE_TYPE({cpp_name})\n")
            macro = ("KUBE_UNION" if short in UNIONS else
                     "KUBE_ATOMIC" if facts.definitions[definition].get("x-kubernetes-map-type") == "atomic" else "KUBE_FIELDS")
            if cpp_name != short:
                tables.append(f"{macro}_AS({cpp_name}, \"{short}\", {', '.join(rows)})")
            else:
                tables.append(f"{macro}({cpp_name}, {', '.join(rows)})" if rows else f"KUBE_NO_FIELDS({cpp_name})")
        print("}  // namespace skiff::api\n\n// ---- source\n\nnamespace skiff::api {\n")
        print(f"KUBE_PACKAGE(\"{package}\")\n")
        print("\n\n".join(tables), "\n\n}  // namespace skiff::api")


def order(facts, names):
    """Each type after those it holds."""
    out = []

    def visit(name):
        if name not in names or name in out or name in active:
            return
        active.add(name)
        for field in facts.fields(name):
            visit(field["type"].strip("[]{}"))
        out.append(name)

    active = set()
    for name in names:
        visit(name)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["draft", "types", "resources"])
    parser.add_argument("group", nargs="?", help="a folder of api/")
    parser.add_argument("--data", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.what == "resources":
        return print_resources(arguments.data)
    facts = Facts(arguments.data)
    if arguments.what == "types":
        return print_types(facts)
    if arguments.group not in [*GROUPS, "meta", "apiextensions", "apiregistration"]:
        sys.exit(f"draft: expected a group, one of {', '.join(GROUPS)}, meta, apiextensions, apiregistration")
    return print_draft(facts, arguments.group)


if __name__ == "__main__":
    sys.exit(main())
