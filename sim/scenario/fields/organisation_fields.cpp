// Metadata of the organisation, what it may buy elsewhere, its documents, and routing above pools.
#include "sim/scenario/fields/limits.hpp"
#include "sim/scenario/organisation.hpp"

namespace microdc {

using namespace scenario_limits;

void describe(FieldVisitor& v, OrganisationSpec& spec) {
  v.text({.name = "name", .label = "Name"}, spec.name);
  v.text({.name = "jurisdiction",
          .label = "Under the law of",
          .help = "`microdc list jurisdictions` shows them; without it no rule on data is applied"},
         spec.jurisdiction);
  v.text({.name = "sector",
          .label = "Sector",
          .help = "some rules bind some sectors only; `microdc list sectors` shows them"},
         spec.sector);
  v.integer({.name = "employees",
             .label = "Employees",
             .help = "for figures per employee; 0: the users of the workloads",
             .min = 0,
             .max = 1e7},
            spec.employees);
  v.texts({.name = "conditions",
           .label = "Conditions fulfilled",
           .help = "conditions of rules on data, by name; `microdc list conditions` shows them"},
          spec.conditions);
  v.text({.name = "date",
          .label = "Date",
          .help = "rules in force on this day, YYYY-MM-DD; empty: the newest"},
         spec.date);
}

void describe(FieldVisitor& v, CloudSpec& spec) {
  const auto price = [&](std::string_view name, std::string_view label,
                         std::optional<Money>& value) {
    v.number({.name = name,
              .label = label,
              .help = "per million tokens; empty: the offer's",
              .dimension = Dimension::money,
              .min = 0,
              .max = 1e6},
             value);
  };
  const auto latency = [&](std::string_view name, std::string_view label,
                           std::optional<Seconds>& value) {
    v.number({.name = name,
              .label = label,
              .help = "median; empty: the offer's",
              .dimension = Dimension::time,
              .min = min_time,
              .max = 3600},
             value);
  };
  v.text({.name = "name",
          .label = "Name",
          .help = "workloads and routing refer to it",
          .required = true},
         spec.name);
  v.text({.name = "offer",
          .label = "Offer",
          .help = "`microdc list cloud_offers` shows them",
          .required = true},
         spec.offer);
  v.text({.name = "jurisdiction", .label = "Where it computes", .help = "empty: as the offer says"},
         spec.jurisdiction);
  v.text({.name = "operator_jurisdiction",
          .label = "Operator under the law of",
          .help = "whose courts reach the operator or its parent; empty: as the offer says"},
         spec.operator_jurisdiction);
  v.texts({.name = "attestations", .label = "Attestations", .help = "beside the offer's"},
          spec.attestations);
  price("input_price", "Price of prompts", spec.input_price);
  price("output_price", "Price of answers", spec.output_price);
  latency("ttft", "Time to first token", spec.ttft);
  latency("tpot", "Time per output token", spec.tpot);
  v.number({.name = "latency_sigma",
            .label = "Spread of latencies",
            .help = "sigma of the logarithm",
            .min = 0,
            .max = 3},
           spec.latency_sigma);
}

void describe(FieldVisitor& v, KnowledgeBaseSpec& spec) {
  v.text({.name = "name", .label = "Name", .required = true}, spec.name);
  v.texts({.name = "data_classes",
           .label = "Data classes",
           .help = "of the documents; they bind each request that reads them"},
          spec.data_classes);
  v.integer(
      {.name = "chunks", .label = "Chunks", .help = "pieces of documents", .min = 1, .max = 1e11},
      spec.chunks);
  v.integer({.name = "chunk_tokens", .label = "Tokens per chunk", .min = 1, .max = 1e6},
            spec.chunk_tokens);
  v.number({.name = "popularity_exponent",
            .label = "Zipf exponent of chunks",
            .help = "how unevenly chunks are found, 0: all alike; empty: the catalog's",
            .min = 0,
            .max = 3},
           spec.popularity_exponent);
  v.text({.name = "embedding",
          .label = "Embedding model",
          .help = "`microdc list retrieval_models` shows them"},
         spec.embedding);
  v.text({.name = "reranker", .label = "Reranker", .help = "empty: none"}, spec.reranker);
  v.text({.name = "index", .label = "Index", .help = "`microdc list indexes` shows them"},
         spec.index);
  v.choice({.name = "device", .label = "Runs on", .help = "embedding, search and reranking"},
           {"cpu", "accelerator"}, spec.device);
  v.text({.name = "servers", .label = "Servers", .help = "server group; empty: the first"},
         spec.servers);
}

void describe(FieldVisitor& v, RetrievalSpec& spec) {
  v.text({.name = "knowledge_base", .label = "Knowledge base", .required = true},
         spec.knowledge_base);
  v.number({.name = "share",
            .label = "Share of requests",
            .help = "that look something up",
            .min = 0,
            .max = 1},
           spec.share);
  v.integer({.name = "query_tokens", .label = "Tokens of a query", .min = 1, .max = 1e5},
            spec.query_tokens);
  v.integer({.name = "chunks",
             .label = "Chunks",
             .help = "put before each prompt",
             .min = 1,
             .max = 10000},
            spec.chunks);
  v.integer({.name = "candidates",
             .label = "Candidates",
             .help = "found and reranked, if there is a reranker",
             .min = 1,
             .max = 100000},
            spec.candidates);
}

void describe(FieldVisitor& v, ComplexitySpec& spec) {
  v.text({.name = "small",
          .label = "For easy requests",
          .help = "a pool or a cloud",
          .required = true},
         spec.small);
  v.text({.name = "large",
          .label = "For hard requests",
          .help = "a pool or a cloud",
          .required = true},
         spec.large);
  v.text({.name = "curve",
          .label = "Quality curve",
          .help = "`microdc list routing_curves` shows them"},
         spec.curve);
  v.text({.name = "router",
          .label = "Judge",
          .help = "learned: the curve; random: its floor; oracle: its ceiling"},
         spec.router);
  v.number({.name = "large_share", .label = "Share of hard requests", .min = 0, .max = 1},
           spec.large_share);
}

void describe(FieldVisitor& v, SpillSpec& spec) {
  v.text({.name = "to", .label = "Where to", .help = "a cloud or another pool", .required = true},
         spec.to);
  v.number({.name = "queue",
            .label = "From which wait on",
            .help = "expected wait in the queue of the request's own pool",
            .dimension = Dimension::time,
            .min = 0,
            .max = max_time},
           spec.queue);
}

}  // namespace microdc
