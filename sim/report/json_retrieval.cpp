#include "sim/report/json_retrieval.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/report/json_values.hpp"

namespace microdc {
namespace {

OrderedJson knowledge_base(const KnowledgeBaseResult& base, Nanoseconds duration) {
  const double device_time = static_cast<double>(base.devices) * static_cast<double>(duration);
  OrderedJson object{
      {"name", base.name},
      {"server_group", base.server_group},
      {"device", base.device},
      {"devices", base.devices},
      {"embedding", base.embedding},
      {"index", base.index},
      {"reranker", base.reranker.empty() ? OrderedJson(nullptr) : OrderedJson(base.reranker)},
      {"index_bytes", base.index_memory.value()},
      {"model_bytes", base.model_memory.value()},
      {"lookups", base.lookups},
      {"chunk_tokens", base.chunk_tokens},
      {"busy_share", device_time > 0 ? OrderedJson(static_cast<double>(base.busy) / device_time)
                                     : OrderedJson(nullptr)},
      {"total_s", distribution(base.total)},
      {"queue_s", distribution(base.wait)}};
  for (std::size_t i = 0; i < retrieval_stage_count; ++i) {
    object[fmt::format("{}_s", retrieval_stage_names[i])] = distribution(base.stages[i]);
  }
  return object;
}

}  // namespace

OrderedJson distribution(const DurationHistogram& histogram) {
  return {{"mean", or_null(histogram.mean_seconds())},
          {"p50", or_null(histogram.percentile_seconds(0.50))},
          {"p90", or_null(histogram.percentile_seconds(0.90))},
          {"p95", or_null(histogram.percentile_seconds(0.95))},
          {"p99", or_null(histogram.percentile_seconds(0.99))}};
}

OrderedJson retrieval_json(const SimulationResult& result) {
  OrderedJson bases = OrderedJson::array();
  for (const KnowledgeBaseResult& base : result.knowledge_bases) {
    bases.push_back(knowledge_base(base, result.duration));
  }
  return {{"knowledge_bases", std::move(bases)}};
}

}  // namespace microdc
