#include "sim/planning/validate/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace microdc {
namespace {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

/// Metrics by which people judge: the class and its central statistics.
bool is_central(const std::string& metric) { return !is_derived(metric) && !is_tail(metric); }

struct ClassLine {
  std::size_t groups = 0;
  std::size_t values = 0;
  double median = 0;
  double worst = 0;
  double bias = 0;
  double coverage = 0;
};

/// Medians over the groups that `wanted` accepts, central statistics only.
template <class Wanted>
ClassLine line_of(const Validation& validation, const Wanted& wanted) {
  ClassLine line;
  std::vector<double> medians;
  std::vector<double> biases;
  double within = 0;
  for (const ScoredGroup& group : validation.groups) {
    if (!is_central(group.metric) || !wanted(group)) continue;
    medians.push_back(group.errors.median_ape);
    biases.push_back(group.errors.bias);
    line.values += group.errors.n;
    within += group.errors.coverage * static_cast<double>(group.errors.n);
    line.worst = std::max(line.worst, group.errors.median_ape);
  }
  line.groups = medians.size();
  if (medians.empty()) return line;
  line.median = median_of(medians);
  line.bias = median_of(biases);
  line.coverage = within / static_cast<double>(line.values);
  return line;
}

constexpr const char* classes[] = {"ttft", "itl", "tpot", "e2e", "throughput", "energy", "power"};

void add_line(std::string& text, const std::string& name, const ClassLine& line) {
  if (line.groups == 0) return;
  text += fmt::format("  {:<44} {:>6} {:>6} {:>8.1f} {:>8.1f} {:>+8.1f} {:>8.0f}\n", name,
                      line.groups, line.values, 100 * line.median, 100 * line.worst,
                      100 * line.bias, 100 * line.coverage);
}

void add_heading(std::string& text, const std::string& title) {
  text += fmt::format("\n{}\n  {:<44} {:>6} {:>6} {:>8} {:>8} {:>8} {:>8}\n", title, "", "groups",
                      "values", "median%", "worst%", "bias%", "in band%");
}

std::string class_table(const Validation& validation) {
  std::string text;
  add_heading(
      text,
      "Errors by metric and kind of model (medians over groups of GPU, model, source, engine)");
  for (const char* name : classes) {
    for (const std::string arch : {"", "dense", "moe", "hybrid"}) {
      add_line(text, arch.empty() ? name : fmt::format("  {} {}", name, arch),
               line_of(validation, [&](const ScoredGroup& group) {
                 return metric_class(group.metric) == name && (arch.empty() || group.arch == arch);
               }));
    }
  }
  return text;
}

template <class Key>
std::string table_by(const Validation& validation, const std::string& title, const Key& key) {
  std::vector<std::string> keys;
  for (const ScoredGroup& group : validation.groups) {
    if (std::find(keys.begin(), keys.end(), key(group)) == keys.end()) keys.push_back(key(group));
  }
  std::sort(keys.begin(), keys.end());
  std::string text;
  add_heading(text, title);
  for (const std::string& one : keys) {
    for (const char* name : classes) {
      add_line(text, fmt::format("{} {}", one, name),
               line_of(validation, [&](const ScoredGroup& group) {
                 return key(group) == one && metric_class(group.metric) == name;
               }));
    }
  }
  return text;
}

std::string worst_groups(const Validation& validation) {
  std::vector<const ScoredGroup*> groups;
  for (const ScoredGroup& group : validation.groups) {
    if (is_central(group.metric)) groups.push_back(&group);
  }
  std::stable_sort(groups.begin(), groups.end(), [](const ScoredGroup* a, const ScoredGroup* b) {
    return a->errors.median_ape > b->errors.median_ape;
  });
  std::string text = "\nWorst groups\n";
  for (std::size_t i = 0; i < std::min<std::size_t>(15, groups.size()); ++i) {
    const ScoredGroup& g = *groups[i];
    text += fmt::format("  {:>6.1f} %  bias {:>+7.1f} %  n {:>4}  {:<26} {} on {}, {} ({})\n",
                        100 * g.errors.median_ape, 100 * g.errors.bias, g.errors.n, g.metric,
                        g.model, g.gpu, g.engine, g.source);
  }
  return text;
}

}  // namespace

OrderedJson to_json(const Validation& validation) {
  OrderedJson json;
  json["schema_version"] = 1;
  OrderedJson skipped = OrderedJson::array();
  for (const SkippedRows& rows : validation.skipped) {
    skipped.push_back({{"reason", rows.reason}, {"count", rows.row_ids.size()}});
  }
  json["rows"] = {{"total", validation.rows},
                  {"scored", validation.scored_rows},
                  {"skipped", std::move(skipped)}};
  OrderedJson groups = OrderedJson::array();
  for (const ScoredGroup& g : validation.groups) {
    groups.push_back({{"gpu", g.gpu},
                      {"model", g.model},
                      {"source", g.source},
                      {"engine", g.engine},
                      {"arch", g.arch},
                      {"metric", g.metric},
                      {"derived", is_derived(g.metric)},
                      {"n", g.errors.n},
                      {"median_ape", g.errors.median_ape},
                      {"p90_ape", g.errors.p90_ape},
                      {"bias", g.errors.bias},
                      {"coverage", g.errors.coverage}});
  }
  json["groups"] = std::move(groups);
  OrderedJson overall = OrderedJson::object();
  for (const auto& [metric, error] : validation.overall) overall[metric] = error;
  json["overall"] = std::move(overall);
  OrderedJson assumptions = OrderedJson::object();
  for (const auto& [assumption, rows] : validation.assumptions) assumptions[assumption] = rows;
  json["assumptions"] = std::move(assumptions);
  return json;
}

std::string to_csv(const Validation& validation) {
  std::string text = "row_id,metric,measured,predicted,p10,p90\n";
  for (const Comparison& c : validation.comparisons) {
    text += fmt::format("{},{},{:.8g},{:.8g},{:.8g},{:.8g}\n", csv_field(c.row_id), c.metric,
                        c.measured, c.predicted, c.p10, c.p90);
  }
  return text;
}

std::string to_text(const Validation& validation) {
  std::string text =
      fmt::format("{} of {} rows predicted.\n", validation.scored_rows, validation.rows);
  if (!validation.skipped.empty()) text += "\nLeft out\n";
  for (const SkippedRows& rows : validation.skipped) {
    text += fmt::format("  {:>5}  {}\n", rows.row_ids.size(), rows.reason);
  }
  if (!validation.assumptions.empty()) text += "\nPredicted with assumptions\n";
  for (const auto& [assumption, rows] : validation.assumptions) {
    text += fmt::format("  {:>5}  {}\n", rows, assumption);
  }
  if (validation.comparisons.empty()) return text;
  text += class_table(validation);
  text += table_by(validation, "Errors by GPU", [](const ScoredGroup& g) { return g.gpu; });
  text += table_by(validation, "Errors by engine", [](const ScoredGroup& g) { return g.engine; });
  text += table_by(validation, "Errors by model", [](const ScoredGroup& g) { return g.model; });
  text += worst_groups(validation);
  return text;
}

}  // namespace microdc
