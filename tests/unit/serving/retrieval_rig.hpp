// What tests of looking documents up begin with.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/serving/retrieval_placement.hpp"
#include "tests/support/rigs.hpp"

namespace microdc::testing {

/// One accelerator, a knowledge base on its host's two sockets, and a workload that always asks it.
inline Scenario with_documents(KnowledgeBaseSpec base) {
  Scenario scenario = one_accelerator();
  base.name = "documents";
  scenario.knowledge_bases = {base};
  scenario.workloads[0].retrieval = RetrievalSpec{.knowledge_base = "documents"};
  return scenario;
}

inline KnowledgeBaseSpec small_base() {
  return {.chunks = 100000, .embedding = "bge-m3", .index = "flat"};
}

inline RequestStream asking(std::vector<PlainRequest> requests) {
  RequestStream stream = stream_of(requests);
  stream.looks_up.assign(requests.size(), true);
  return stream;
}

inline DeviceLaws laws_of(const std::string& device) {
  auto laws = make_device_laws(catalogs().hardware, catalogs().profiles, device, "vllm");
  EXPECT_TRUE(laws) << to_text(laws.diagnostics());
  return *laws;
}

inline KnowledgeBaseParts parts(const KnowledgeBaseSpec& spec) {
  auto made = parts_of(spec, catalogs().retrieval, "/knowledge_bases/0");
  EXPECT_TRUE(made) << to_text(made.diagnostics());
  return *made;
}

inline const StageCost& stage(const LookupCost& cost, RetrievalStage which) {
  return cost[static_cast<std::size_t>(which)];
}

}  // namespace microdc::testing
