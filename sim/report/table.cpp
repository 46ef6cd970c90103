#include "sim/report/table.hpp"

#include <fmt/format.h>

#include "sim/report/bands.hpp"
#include "sim/report/json.hpp"
#include "sim/report/number_text.hpp"
#include "sim/report/table_parts.hpp"
#include "sim/report/text_layout.hpp"

namespace microdc {
namespace {

using Rows = std::vector<std::vector<std::string>>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// "100 %" only if all of them are meant.
std::string share_of(std::int64_t part, std::int64_t whole) {
  if (whole <= 0) return "none";
  const double share = static_cast<double>(part) / static_cast<double>(whole);
  return part < whole && share > 0.999 ? "more than 99.9 %" : share_text(share);
}

/// "TTFT of at most 2.00 s and TPOT of at most 50.0 ms"
std::string objectives_text(const SloSpec& slo) {
  std::vector<std::string> limits;
  const auto add = [&](const char* name, const std::optional<Seconds>& limit) {
    if (limit) limits.push_back(fmt::format("{} ≤ {}", name, duration_text(limit->value())));
  };
  add("TTFT", slo.ttft);
  add("TPOT", slo.tpot);
  add("E2E", slo.e2e);
  return fmt::format("{}", fmt::join(limits, ", "));
}

/// " (59 ms in the middle of 100 draws, 36 to 170 ms in 8 of 10)"; empty without bands.
std::string spread_text(const std::optional<Bands>& bands, const std::string& path) {
  const Band* band = bands ? bands->find(path) : nullptr;
  if (band == nullptr) return "";
  return draws_text(*band, bands->samples, duration_text);
}

std::string headline(const Report& report, const Figures& figures) {
  const SimulationResult& result = report.result;
  const RequestCounts& counts = result.counts;
  std::string text = fmt::format("{}: {} of {} requests answered in {}", report.scenario.name,
                                 count_text(counts.completed), count_text(counts.offered),
                                 duration_text(figures.value("duration_s").value_or(0)));
  if (const auto p50 = figures.value("latency.ttft_s.p50")) {
    text += fmt::format("; half saw their first token within {}{}", duration_text(*p50),
                        spread_text(report.bands, "latency.ttft_s.p50"));
    if (const auto p95 = figures.value("latency.ttft_s.p95")) {
      text += fmt::format(", 95 % within {}", duration_text(*p95));
    }
  }
  text += ".";
  if (result.has_slo) {
    text += fmt::format(" {} of all requests met every objective ({}){}.",
                        share_of(counts.within_slo, counts.offered),
                        objectives_text(report.scenario.slo), shortfall_text(report));
  }
  text = overload_text(result) + text;
  if (result.interrupted) text = "INTERRUPTED. " + text;
  return wrapped(text, "", 0);
}

std::string latency_section(const Figures& figures, bool looks_up) {
  const auto row = [&](const std::string& label, const std::string& key) {
    std::vector<std::string> cells{label};
    for (const char* statistic : {"mean", "p50", "p90", "p95", "p99"}) {
      const auto value = figures.value(fmt::format("latency.{}.{}", key, statistic));
      cells.push_back(value ? duration_text(*value) : "–");
    }
    return cells;
  };
  return "\nLatency of completed requests\n" +
         aligned({{"", "mean", "p50", "p90", "p95", "p99"},
                  row("first token (TTFT)", "ttft_s"),
                  row(looks_up ? "  gateway, documents, HTTP" : "  gateway, HTTP, tokeniser",
                      "intake_s"),
                  row("  waiting for a place", "queue_s"),
                  row("  reading the prompt", "prefill_s"),
                  row("per token after it (TPOT)", "tpot_s"),
                  row("gap between tokens (ITL)", "itl_s"),
                  row("whole answer (E2E)", "e2e_s")});
}

std::string throughput_section(const Report& report, const Figures& figures) {
  const RequestCounts& counts = report.result.counts;
  const auto rate = [&](const std::string& path, const char* unit) {
    const auto value = figures.value(path);
    return value ? fmt::format("{} {}", rounded_text(*value), unit) : std::string("none");
  };
  Pairs rows{{"requests", rate("throughput.requests_per_s", "/s")},
             {"answer tokens", rate("throughput.output_tokens_per_s", "/s")}};
  if (report.result.has_slo) {
    rows.emplace_back("goodput",
                      fmt::format("{} within {}", rate("throughput.goodput_requests_per_s", "/s"),
                                  objectives_text(report.scenario.slo)));
  }
  const auto count = [&](const char* label, std::int64_t number) {
    if (number > 0) rows.emplace_back(label, count_text(number) + " requests");
  };
  count("rejected", counts.rejected);
  count("given up by the client", counts.timed_out);
  count("not finished", counts.unfinished);
  count("retried after a failure", counts.retried);
  return "\nThroughput\n" + labelled(rows);
}

std::string clock_text(std::int64_t nanoseconds) {
  const std::int64_t minutes = nanoseconds / 60'000'000'000;
  return fmt::format("{:02}:{:02}", minutes / 60 % 24, minutes % 60);
}

/// "10:00 to 11:00" of an office's day, else "1 h to 2 h from the start".
std::string hour_text(const BusyHour& hour, const Report& report) {
  const auto seconds = [](std::int64_t time) { return static_cast<double>(time) * 1e-9; };
  if (!has_office_days(report.scenario)) {
    return fmt::format("{} to {} from the start", duration_text(seconds(hour.begin)),
                       duration_text(seconds(hour.end)));
  }
  std::string text = fmt::format("{} to {}", clock_text(hour.begin), clock_text(hour.end));
  const auto day = static_cast<std::int64_t>(seconds(hour.begin) / seconds_per_day);
  if (seconds(report.result.duration) > 1.5 * seconds_per_day)
    text += fmt::format(" of day {}", day + 1);
  return text;
}

std::string busiest_hour_section(const Report& report, const Figures& figures) {
  if (!report.result.busiest_hour) return "";
  const BusyHour& hour = *report.result.busiest_hour;
  const auto ttft = figures.value("busiest_hour.ttft_s.p95");
  const auto power = figures.value("busiest_hour.mean_w");
  const auto rate = figures.value("busiest_hour.requests_per_s").value_or(0);
  return fmt::format("\nBusiest hour: {}\n", hour_text(hour, report)) +
         labelled(
             {{"requests", fmt::format("{}, {} /s", count_text(hour.requests), rounded_text(rate))},
              {"first token, p95", ttft ? duration_text(*ttft) : "– (too few requests)"},
              {"IT power, mean", power ? power_text(*power) : "not known"}});
}

std::string utilisation_section(const Report& report, const Figures& figures) {
  constexpr std::size_t shown = 16;
  Rows rows{{"replica", "device", "busy", "mean batch", "KV cache at most", "preemptions"}};
  const auto& replicas = report.result.replicas;
  std::map<std::string, int> numbers;  // within each pool
  for (std::size_t i = 0; i < std::min(shown, replicas.size()); ++i) {
    const ReplicaResult& own = replicas[i];
    const auto share = [&](const char* key) {
      const auto value = figures.value(fmt::format("replicas.{}.{}", i, key));
      return value ? share_text(*value) : std::string("–");
    };
    rows.push_back({fmt::format("{} #{}", own.pool, ++numbers[own.pool]),
                    fmt::format("{} x {}", own.accelerators, own.device), share("busy_share"),
                    rounded_text(own.mean_batch), share("kv_peak_share"),
                    count_text(own.counters.preemptions)});
  }
  std::string text = "\nUse of the replicas\n" + aligned(rows);
  if (replicas.size() > shown) {
    text += fmt::format("  … and {} more (--json has all)\n", replicas.size() - shown);
  }
  return text;
}

/// Paths and labels of the figures whose bands a reader wants first.
struct BandRow {
  const char* path;
  const char* label;
  std::string (*text)(double);
};
constexpr BandRow band_rows[] = {
    {"latency.ttft_s.p50", "first token, p50", duration_text},
    {"latency.ttft_s.p95", "first token, p95", duration_text},
    {"latency.tpot_s.p50", "per token, p50", duration_text},
    {"latency.e2e_s.p50", "whole answer, p50", duration_text},
    {"latency.e2e_s.p95", "whole answer, p95", duration_text},
    {"throughput.output_tokens_per_s", "answer tokens per second", rounded_text},
    {"throughput.goodput_requests_per_s", "requests/s within objectives", rounded_text},
    {"utilisation.busy_share", "busy share of accelerators", share_text},
    {"energy.facility_kwh", "energy of the facility", energy_text},
    {"power.peak_w", "highest IT power", power_text},
};
struct MoneyBandRow {
  const char* path;
  const char* label;
};
constexpr MoneyBandRow money_band_rows[] = {
    {"cost.parts_total.total", "purchase"},
    {"cost.per_year.energy", "energy of a year"},
    {"cost.per_year.total", "servers and energy, a year"},
    {"cost.ownership.per_year", "cost of ownership, a year"},
    {"cost.ownership.per_1000_requests", "the same per 1000 requests"},
};

std::string bands_section(const Bands& bands, const Figures& figures, const std::string& currency) {
  Rows rows{{"", "best estimate", "P10", "P50", "P90"}};
  const auto add = [&](const char* path, const char* label, const auto& text) {
    const Band* band = bands.find(path);
    const auto best = figures.value(path);
    if (band == nullptr || !best) return;
    rows.push_back({label, text(*best), text(band->p10), text(band->p50), text(band->p90)});
  };
  for (const BandRow& row : band_rows) add(row.path, row.label, row.text);
  for (const MoneyBandRow& row : money_band_rows) {
    add(row.path, row.label, [&](double amount) { return money_text(amount, currency); });
  }
  return fmt::format("\nHow sure this is: {} draws of all figures that have an uncertainty\n",
                     bands.samples) +
         aligned(rows) + wrapped(std::string(best_estimate_note), "  ", 2);
}

std::string list_section(const std::string& title, const std::vector<std::string>& items) {
  if (items.empty()) return "";
  std::string text = "\n" + title + "\n";
  for (const std::string& item : items) text += wrapped(item, "  - ", 4);
  return text;
}

}  // namespace

std::string result_text(const Report& report) {
  const Figures figures(result_figures(report));
  std::string text = headline(report, figures);
  text += latency_section(figures, !report.result.knowledge_bases.empty());
  text += retrieval_section(report, figures);
  text += throughput_section(report, figures);
  text += busiest_hour_section(report, figures);
  text += utilisation_section(report, figures);
  text += power_section(report, figures);
  text += residency_section(report);
  text += routing_section(report);
  text += cost_section(report);
  text += parts_section(report);
  text += ownership_section(report);
  text += baselines_section(report.economics, report.scenario.economics.currency);
  if (report.bands) text += bands_section(*report.bands, figures, report.cost.currency);
  if (report.measured) text += measured_section(*report.measured, report.bands);
  text += list_section("What to keep in mind", caveats_of(report));
  text += list_section("Not known", missing_of(report));
  return text;
}

}  // namespace microdc
