// SPDX-License-Identifier: Apache-2.0
// Which policy and which rule decides about one flow: the answer that tables, made to be looked up,
// cannot give. Pure.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/policy/compile.h"

namespace skiff::policy {

// A flow as the programs judge it: after Services were translated.
struct Question {
  IpAddress source;
  IpAddress destination;
  uint8_t protocol = 0;
  uint16_t port = 0;  // of the destination
};

// What the policies of the pod at one end say of a flow.
struct Judgement {
  std::string pod;       // "shop/web-1"
  bool pending = false;  // nobody knows yet: nothing passes but the node's own
  bool allowed = true;
  std::vector<std::string> isolating;  // "shop/deny-all"; empty: the pod is free in this direction
  std::string policy;                  // "shop/allow-web": one that allows the flow; or empty
  std::string rule;                    // "ingress[0]" of it
  std::string rule_text;               // "from pods app=client on TCP 80"
  // Rules that allow the peer but not the port, or the port but not the peer, in words.
  std::vector<std::string> near_misses;
};

// Answers many questions about the same objects, of which it keeps what it needs.
class Explainer {
 public:
  explicit Explainer(const Inputs& inputs);

  // Nothing: the address of that end is no pod's of this node.
  std::optional<Judgement> explain(Direction direction, const Question& question) const;

 private:
  using Owners = std::vector<std::shared_ptr<const Traits>>;
  struct Local {
    kube::ObjectKey key;
    std::shared_ptr<const Traits> traits;  // null: not known yet
  };
  bool peer_matches(const Rule& rule, const IpAddress& peer) const;
  bool opens(const Rule& rule, Direction direction, const Traits& self, const IpAddress& peer,
             const Question& question) const;
  bool port_matches(const Rule& rule, Direction direction, const Traits& self,
                    const IpAddress& peer, const Question& question) const;
  void judge(const Local& pod, Direction direction, const Question& question,
             Judgement& judgement) const;

  bool complete_;
  NamespaceLabels namespaces_;
  PoliciesByNamespace policies_;
  std::map<IpAddress, Owners> owners_;
  std::map<IpAddress, Local> locals_;
};

// "from pods role=client on TCP 80", "to 10.0.0.0/8 except 10.1.0.0/16 on every port".
std::string describe(const Rule& rule, Direction direction);

}  // namespace skiff::policy
