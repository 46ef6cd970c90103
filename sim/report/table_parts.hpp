// Sections of the readable answer that concern more than latency.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "sim/report/report.hpp"

namespace microdc {

/// Figures of a result by path (result_figures).
class Figures {
 public:
  explicit Figures(std::map<std::string, double> by_path) : by_path_(std::move(by_path)) {}
  [[nodiscard]] std::optional<double> value(const std::string& path) const {
    const auto at = by_path_.find(path);
    return at == by_path_.end() ? std::nullopt : std::optional(at->second);
  }

 private:
  std::map<std::string, double> by_path_;
};

// table_parts.cpp
std::string power_section(const Report& report, const Figures& figures);
std::string measured_section(const MeasuredComparison& comparison,
                             const std::optional<Bands>& bands);
// table_money.cpp
std::string cost_section(const Report& report);
std::string parts_section(const Report& report);
std::string ownership_section(const Report& report);
std::string baselines_section(const Economics& economics, const std::string& currency);
// table_retrieval.cpp
/// Empty if no request could look something up.
std::string retrieval_section(const Report& report, const Figures& figures);
/// What a knowledge base, the `index`-th of the result, runs on and how busy that is.
std::string knowledge_base_text(const KnowledgeBaseResult& base, const Figures& figures,
                                std::size_t index);
/// A lookup and its stages: label, mean, P50, P90, P95, P99.
std::vector<std::vector<std::string>> lookup_rows(const KnowledgeBaseResult& base,
                                                  const Figures& figures, std::size_t index);
// table_policy.cpp
/// Empty if no law binds the organisation.
std::string residency_section(const Report& report);
std::string audited_gap_text(const AuditedGap& gap);
/// Empty if nothing was routed by complexity.
std::string routing_section(const Report& report);

}  // namespace microdc
