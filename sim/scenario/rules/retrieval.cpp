#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/lookup.hpp"
#include "sim/scenario/rules/rules.hpp"

namespace microdc::rules {
namespace {

void check_known(const std::string& name, const std::vector<std::string>& known, std::string place,
                 const char* message, RuleFindings& findings) {
  if (known.empty() || std::find(known.begin(), known.end(), name) != known.end()) return;
  findings.unknown_name(std::move(place), message, name, known);
}

}  // namespace

void knowledge_bases_exist(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  std::vector<std::string> bases;
  for (const KnowledgeBaseSpec& base : scenario.knowledge_bases) bases.push_back(base.name);
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    const auto& retrieval = scenario.workloads[i].retrieval;
    if (!retrieval) continue;
    const std::string& name = retrieval->knowledge_base;
    if (std::find(bases.begin(), bases.end(), name) != bases.end()) continue;
    findings.unknown_name(fmt::format("/workloads/{}/retrieval/knowledge_base", i),
                          "there is no such knowledge base", name, bases);
  }
}

void knowledge_base_parts_exist(const Scenario& scenario, const CheckContext& context,
                                RuleFindings& findings) {
  std::vector<std::string> groups;
  for (const PlacedGroup& placed : server_groups(scenario)) groups.push_back(placed.group->name);
  for (std::size_t i = 0; i < scenario.knowledge_bases.size(); ++i) {
    const KnowledgeBaseSpec& base = scenario.knowledge_bases[i];
    const std::string place = fmt::format("/knowledge_bases/{}", i);
    check_known(base.embedding, context.embedding_models, place + "/embedding",
                "this embedding model is not known", findings);
    if (!base.reranker.empty()) {
      check_known(base.reranker, context.rerankers, place + "/reranker",
                  "this reranker is not known", findings);
    }
    check_known(base.index, context.indexes, place + "/index", "this kind of index is not known",
                findings);
    if (base.servers.empty()) continue;
    check_known(base.servers, groups, place + "/servers", "there is no such server group",
                findings);
  }
}

}  // namespace microdc::rules
