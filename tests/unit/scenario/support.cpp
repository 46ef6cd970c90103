#include "tests/unit/scenario/support.hpp"

#include <stdexcept>

namespace microdc::test {

Json good_document() {
  return Json::parse(R"({
    "schema_version": 1,
    "name": "good",
    "workloads": [
      {"name": "chat", "kind": "poisson", "rate": "2 /s", "duration": "1 h", "pool": "small"},
      {"name": "day", "kind": "office_day", "users": 50, "pool": "large"}
    ],
    "sites": [
      {"name": "home", "electricity_price": "0.2 EUR/kWh", "racks": [
        {"name": "rack-1", "servers": [
          {"name": "l40s", "type": "gpu-pcie-4x-l40s"},
          {"name": "hgx", "type": "hgx-h100-8"}
        ]}
      ]}
    ],
    "pools": [
      {"name": "small", "model": "llama-3.1-8b", "servers": "l40s", "replicas": 4},
      {"name": "large", "model": "llama-3.1-70b", "servers": "hgx", "tp": 4, "replicas": 2}
    ],
    "economics": {"currency": "EUR"}
  })");
}

Json edited(const std::vector<Edit>& edits) {
  Json document = good_document();
  for (const auto& [place, value] : edits) {
    const Json::json_pointer pointer(place);
    if (value.empty())
      document[pointer.parent_pointer()].erase(pointer.back());
    else
      document[pointer] = Json::parse(value);
  }
  return document;
}

namespace {
template <class T>
T loaded(Result<T> result) {
  if (!result) throw std::runtime_error(to_text(result.diagnostics()));
  return std::move(*result);
}
}  // namespace

const CheckContext& context() {
  static const HardwareCatalog hardware =
      loaded(HardwareCatalog::load(data_root() / "hwprofiles/catalog"));
  static const ModelCatalog models = loaded(ModelCatalog::load(data_root() / "models/catalog"));
  static const CheckContext context{
      .hardware = &hardware,
      .models = &models,
      .engines = {"vllm", "sglang", "cpu-native"},
      .routers = {"least_loaded", "round_robin"},
      .schedulers = {"fcfs", "priority"},
      .workload_kinds = {"trace", "poisson", "gamma", "constant", "office_day", "closed_loop",
                         "burst"},
      .trace_formats = {"azure", "mooncake"},
      .length_tables = {"azure2023_conv_input", "azure2023_conv_output"},
      .day_profiles = {"sharp_single_site"},
      .embedding_models = {"bge-m3"},
      .rerankers = {"bge-reranker-v2-m3"},
      .indexes = {"flat", "hnsw", "ivf"},
      .cloud_offers = {"gpt-5-mini"},
      .routing_curves = {"routellm_mmlu"},
      .jurisdictions = {"CA-ON", "CH", "DE", "US"},
      .sectors = {"enterprise", "public_hospital"},
      .data_classes = {"personal_data", "phi", "public_data"},
      .conditions = {"agent_agreement", "hds"},
      .engine_defaults = {{"vllm", {.memory_share = 0.9}}, {"cpu-native", {.for_cpus = true}}},
      .folder = {}};
  return context;
}

Diagnostics findings_of(const Json& document, const std::vector<Override>& overrides) {
  return read_scenario(document, "test.json", overrides, context()).diagnostics();
}

std::vector<std::string> places(const Diagnostics& findings, Severity severity) {
  std::vector<std::string> found;
  for (const Diagnostic& finding : findings.items()) {
    if (finding.severity == severity) found.push_back(finding.place);
  }
  return found;
}

}  // namespace microdc::test
