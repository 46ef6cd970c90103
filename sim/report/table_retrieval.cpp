// How long documents were looked up.
#include <fmt/format.h>

#include "sim/report/number_text.hpp"
#include "sim/report/table_parts.hpp"
#include "sim/report/text_layout.hpp"

namespace microdc {
namespace {

std::string place_of(std::size_t base) { return fmt::format("retrieval.knowledge_bases.{}", base); }

}  // namespace

std::string knowledge_base_text(const KnowledgeBaseResult& base, const Figures& figures,
                                std::size_t index) {
  std::string stages = base.embedding + ", " + base.index + " index";
  if (!base.reranker.empty()) stages += ", " + base.reranker;
  const double gigabytes = (base.index_memory + base.model_memory).value() / 1e9;
  const double busy = figures.value(place_of(index) + ".busy_share").value_or(0);
  return fmt::format("{}: {} lookups on {} x {} of {}, busy {}; {}; {} GB", base.name,
                     count_text(base.lookups), base.devices, base.device, base.server_group,
                     share_text(busy), stages, rounded_text(gigabytes));
}

std::vector<std::vector<std::string>> lookup_rows(const KnowledgeBaseResult& base,
                                                  const Figures& figures, std::size_t index) {
  const auto row = [&](const std::string& label, const std::string& key) {
    std::vector<std::string> cells{label};
    for (const char* statistic : {"mean", "p50", "p90", "p95", "p99"}) {
      const auto value = figures.value(fmt::format("{}.{}.{}", place_of(index), key, statistic));
      cells.push_back(value ? duration_text(*value) : "–");
    }
    return cells;
  };
  std::vector<std::vector<std::string>> rows{
      row("all of a lookup", "total_s"), row("  waiting for a device", "queue_s"),
      row("  embedding the query", "embedding_s"), row("  searching the index", "search_s")};
  if (!base.reranker.empty()) rows.push_back(row("  reranking", "reranking_s"));
  return rows;
}

std::string retrieval_section(const Report& report, const Figures& figures) {
  const auto& bases = report.result.knowledge_bases;
  if (bases.empty()) return "";
  std::string text = "\nLooking documents up\n";
  for (std::size_t i = 0; i < bases.size(); ++i) {
    auto rows = lookup_rows(bases[i], figures, i);
    rows.insert(rows.begin(), {"", "mean", "p50", "p90", "p95", "p99"});
    text += wrapped(knowledge_base_text(bases[i], figures, i), "  ", 2);
    text += aligned(rows);
  }
  return text;
}

}  // namespace microdc
