// Whose data, under which law, with which documents, and what may be bought elsewhere: the parts of
// a scenario that a rack alone does not need.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/fields.hpp"

namespace microdc {

/// The organisation that answers for the data.
struct OrganisationSpec {
  std::string name;
  std::string
      jurisdiction;  ///< whose law binds it, in sim/policy/catalog: "CA-ON"; empty: not stated
  std::string
      sector;  ///< in sim/policy/catalog: "health_provider", "bank"; some rules bind some only
  std::int64_t employees = 0;           ///< for figures per employee; 0: the users of the workloads
  std::vector<std::string> conditions;  ///< conditions of rules that it fulfils, by name
  std::string date;  ///< "2026-11-27": rules in force on this day; empty: the newest
};

/// A model behind somebody's API, paid per token. Pools and clouds share one set of names.
struct CloudSpec {
  std::string name;
  std::string offer;         ///< entry of the price list in sim/economics/catalog
  std::string jurisdiction;  ///< where it computes and stores; empty: the offer's
  std::string
      operator_jurisdiction;  ///< whose courts reach the operator or its parent; empty: the offer's
  std::vector<std::string> attestations;  ///< "bsi_c5_type2", "hds"; added to the offer's
  std::optional<Money> input_price;       ///< per million tokens; empty: the offer's
  std::optional<Money> output_price;      ///< per million tokens
  std::optional<Seconds> ttft, tpot;      ///< medians; empty: the offer's
  double latency_sigma = 0.4;             ///< sigma of the logarithm of both
};

/// Documents that prompts are answered from, and the stages that find them.
struct KnowledgeBaseSpec {
  enum class Device { cpu, accelerator };
  std::string name;
  std::vector<std::string>
      data_classes;  ///< of the documents: they bind each request that reads them
  std::int64_t chunks = 500000;
  std::int64_t chunk_tokens = 512;
  /// Zipf's law: the chunk of rank k is found in proportion to k^-exponent; empty: that of
  /// sim/workload/catalog/office.json.
  std::optional<double> popularity_exponent;
  std::string embedding = "bge-m3";  ///< in sim/serving/catalog/retrieval.json
  std::string reranker;              ///< the same; empty: no reranking
  std::string index = "flat";        ///< registry: flat, hnsw, ivf
  Device device = Device::cpu;       ///< where embedding, search and reranking run
  std::string servers;               ///< server group; empty: the first
};

/// What a stream of requests takes from a knowledge base.
struct RetrievalSpec {
  std::string knowledge_base;
  double share = 1;  ///< of the requests that look something up
  std::int64_t query_tokens = 40;
  std::int64_t chunks = 5;       ///< put before each prompt
  std::int64_t candidates = 50;  ///< reranked, if there is a reranker
};

/// Easy requests go to a small model, hard ones to a large one.
struct ComplexitySpec {
  std::string small, large;  ///< pools or clouds
  std::string curve =
      "routellm_mmlu";  ///< quality over share of large calls, in sim/policy/catalog
  std::string router =
      "learned";             ///< learned (the curve), random (its floor), oracle (its ceiling)
  double large_share = 0.3;  ///< of the requests
};

/// Where requests go while their pool's queue is longer than `queue`, if the law allows it.
struct SpillSpec {
  std::string to;    ///< a cloud or another pool
  Seconds queue{5};  ///< expected wait from which on they go there
};

void describe(FieldVisitor& visitor, OrganisationSpec& spec);
void describe(FieldVisitor& visitor, CloudSpec& spec);
void describe(FieldVisitor& visitor, KnowledgeBaseSpec& spec);
void describe(FieldVisitor& visitor, RetrievalSpec& spec);
void describe(FieldVisitor& visitor, ComplexitySpec& spec);
void describe(FieldVisitor& visitor, SpillSpec& spec);

}  // namespace microdc
