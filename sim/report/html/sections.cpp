#include "sim/report/html/sections.hpp"

#include <fmt/format.h>

#include <cmath>

#include "hwprofiles/base/provenance.hpp"
#include "hwprofiles/base/thousands.hpp"
#include "sim/economics/levelised.hpp"
#include "sim/report/number_text.hpp"

namespace microdc {
namespace {

std::string amount_text(Cents amount) { return cents_text(amount.hundredths()); }

std::string price_source(const Part& part) {
  std::string text = price_kind(part);
  if (!part.source.empty()) text += ": " + part.source;
  if (!part.date.empty()) text += fmt::format(" ({})", part.date);
  return text;
}

std::string price_range(const Part& part) {
  if (!part.low || !part.high) return "–";
  // Whole units, outwards: a rounded range could leave out the price itself.
  return fmt::format("{} to {}", whole_text(std::floor(part.low->money().value())),
                     whole_text(std::ceil(part.high->money().value())));
}

}  // namespace

HtmlTable parts_table(const PartsList& list, const EconomicsSpec& economics) {
  HtmlTable table{.title = fmt::format("Prices in {}", economics.currency),
                  .head = {"", "Price from", "Number", "Each", "Range of each", "Sum"},
                  .text_columns = 2,
                  .total = true};
  for (const Part& part : list.parts) {
    std::string quantity = fmt::format("{:g}", part.quantity);
    if (!part.unit.empty()) quantity += " " + part.unit;
    table.rows.push_back({part.label, price_source(part), quantity, amount_text(part.unit_price),
                          price_range(part), amount_text(part.price)});
  }
  if (table.rows.empty()) return table;
  if (list.sales_tax != Cents()) {
    table.rows.push_back({fmt::format("Sales tax, {:g} %", economics.sales_tax * 100),
                          "the scenario", "", "", "", amount_text(list.sales_tax)});
  }
  table.rows.push_back({list.complete() ? "Purchase" : "Purchase, as far as known", "", "", "", "",
                        amount_text(list.total)});
  if (!list.complete()) {
    table.note = fmt::format("Not priced: {}.", fmt::join(list.missing, "; "));
  } else if (list.lead_time) {
    table.note = fmt::format("Delivered within {}, as far as quotes and catalogs say.",
                             duration_text(list.lead_time->value()));
  }
  return table;
}

HtmlChart cost_chart(const std::array<Cents, cost_kinds>& per_year, const std::string& currency) {
  HtmlChart chart{.title = "What a year costs",
                  .note = "Levelised: equal yearly payments of the same present value.",
                  .x_label = currency + " a year",
                  .horizontal = true};
  HtmlChart::Series series{.name = "cost"};
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    if (per_year[i] == Cents()) continue;
    chart.labels.emplace_back(label_of(static_cast<CostKind>(i)));
    series.values.emplace_back(per_year[i].money().value());
  }
  chart.series.push_back(std::move(series));
  return chart;
}

HtmlTable cost_table(const std::array<Cents, cost_kinds>& per_year, const std::string& currency) {
  HtmlTable table{.head = {"Levelised cost", currency + " a year"}, .narrow = true, .total = true};
  Cents total;
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    if (per_year[i] == Cents()) continue;
    table.rows.push_back(
        {std::string(label_of(static_cast<CostKind>(i))), amount_text(per_year[i])});
    total += per_year[i];
  }
  table.rows.push_back({"total", amount_text(total)});
  return table;
}

HtmlSection assumptions_section(const std::vector<Assumption>& assumptions) {
  HtmlSection section{.title = "Assumptions and sources", .folded = true};
  section.paragraphs.emplace_back(
      "Every figure of the catalogs that this answer uses, and the scenario's own figures that "
      "state a range. "
      "Kinds: measured on hardware, fitted to measurements, data sheet of the vendor, market "
      "price, derived from others, assumed.");
  HtmlTable table{.head = {"Of", "Figure", "Kind", "Source", "Value", "Range"}, .text_columns = 4};
  for (const Assumption& item : assumptions) {
    std::string source = item.source;
    if (!item.date.empty()) source += fmt::format(" ({})", item.date);
    table.rows.push_back({item.item, item.figure, item.kind, source, item.value,
                          item.range.empty() ? "–" : item.range});
  }
  section.tables.push_back(std::move(table));
  return section;
}

HtmlTable law_table(const std::vector<LawError>& errors) {
  HtmlTable table{.title = "Laws of the hardware against measurements left out of their fit",
                  .head = {"Device", "Law", "Fits", "Points", "Median error", "9 in 10 within"},
                  .text_columns = 2};
  for (const LawError& error : errors) {
    if (error.law.empty()) {
      table.rows.push_back({error.device,
                            "not measured: borrowed from a relative, with a wider "
                            "spread",
                            "–", "–", "–", "–"});
      continue;
    }
    table.rows.push_back({error.device, error.law, count_text(error.laws), count_text(error.points),
                          share_text(error.median), share_text(error.p90)});
  }
  table.note = "Of single kernels; in a step many are added and their errors partly cancel.";
  return table;
}

std::vector<std::pair<std::string, std::string>> origin_of(
    const Scenario& scenario, const std::string& inputs_sha256,
    const std::vector<Assumption>& assumptions) {
  std::vector<std::pair<std::string, std::string>> origin{{"seed", std::to_string(scenario.seed)},
                                                          {"inputs (SHA-256)", inputs_sha256}};
  const std::string dates = dates_of(assumptions);
  if (!dates.empty()) origin.emplace_back("facts of", dates);
  return origin;
}

}  // namespace microdc
