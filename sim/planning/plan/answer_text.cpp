#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/planning/plan/answer.hpp"
#include "sim/planning/plan/availability.hpp"
#include "sim/planning/plan/elsewhere.hpp"
#include "sim/report/bands.hpp"
#include "sim/report/number_text.hpp"
#include "sim/report/table_parts.hpp"
#include "sim/report/text_layout.hpp"
#include "sim/scenario/lookup.hpp"

namespace microdc {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t front_rows = 8;

class PlanText {
 public:
  PlanText(const Plan& plan, const Scenario& scenario, const Catalogs& catalogs,
           const std::optional<PlanLaw>& law)
      : plan_(plan),
        scenario_(scenario),
        catalogs_(catalogs),
        currency_(scenario.economics.currency),
        law_(law) {}

  std::string write() const {
    std::string text = headline();
    if (plan_.recommended) {
      text += recommended_section() + elsewhere_section() + order_section(plan_, scenario_) +
              law_section() + certainty_section() + front_section() + reserve_section() +
              other_kind_section();
    }
    return text + near_section() + search_section();
  }

 private:
  [[nodiscard]] std::string money(const std::optional<double>& amount) const {
    return amount ? money_text(*amount, currency_) : "not known";
  }
  static std::string time(const std::optional<double>& seconds) {
    return seconds ? duration_text(*seconds) : "–";
  }
  [[nodiscard]] const Judged& best() const { return plan_.judged[*plan_.recommended]; }

  [[nodiscard]] std::string headline() const {
    if (plan_.interrupted) {
      return wrapped(
          "INTERRUPTED: no recommendation. What was simulated is kept; the same command "
          "with the same -o goes on.",
          "", 0);
    }
    if (!plan_.recommended) {
      std::string text =
          fmt::format("{}: nothing of what may be chosen meets all needs.", scenario_.name);
      if (plan_.nearest_miss) {
        const Judged& near = plan_.judged[*plan_.nearest_miss];
        text += fmt::format(" Nearest: {}. It would do if you {}.", text_of(near.candidate),
                            relaxation_text(near, currency_));
      }
      return wrapped(text, "", 0);
    }
    const Judged& b = best();
    std::string text = decision_text(*plan_.order, b.candidate, text_of(b.candidate)) + ".";
    text +=
        fmt::format(" {}, and answers {} of the requests of the busiest week within every target",
                    price_text(plan_, scenario_), share_text(b.evaluation.within_share()));
    if (plan_.growth) {
      text += fmt::format("; it is outgrown at {}{} times today's load",
                          plan_.growth_open ? "more than " : "", rough_text(*plan_.growth));
    }
    text += ".";
    const std::string other = cheaper_elsewhere_text(plan_, scenario_, *economics_catalog());
    if (!other.empty()) text.append(" ").append(other);
    if (plan_.preference) {
      const auto name = [](const Candidate& candidate) { return text_of(candidate); };
      text.append(" ").append(preference_text(plan_, scenario_, name));
    }
    return wrapped(text, "", 0);
  }

  [[nodiscard]] std::string recommended_section() const {
    const Judged& b = best();
    const Evaluation& e = b.evaluation;
    std::vector<std::pair<std::string, std::string>> rows;
    rows.emplace_back("servers",
                      fmt::format("{}, {}", servers_text(b.candidate, catalogs_.hardware),
                                  rack_units_text(b.rack_units)));
    for (std::size_t i = 0; i < b.candidate.pools.size(); ++i) {
      const PoolChoice& pool = b.candidate.pools[i];
      rows.emplace_back("pool " + scenario_.pools[i].name,
                        fmt::format("{} {} of {}{}, tensor parallel {}{}", pool.replicas,
                                    pool.replicas == 1 ? "replica" : "replicas", pool.model,
                                    pool.weights.empty() ? "" : " in " + pool.weights, pool.tp,
                                    pool.pp > 1 ? fmt::format(", pipeline {}", pool.pp) : ""));
    }
    if (const std::int64_t free = kept_for_lookups(b.candidate); free > 0) {
      rows.emplace_back("retrieval", fmt::format("{} {} kept free for looking documents up", free,
                                                 free == 1 ? "accelerator" : "accelerators"));
    }
    rows.emplace_back("first token", fmt::format("half within {}, {} within {}", time(e.ttft_p50),
                                                 attainment_text(scenario_), time(e.ttft)));
    rows.emplace_back("per token", fmt::format("half within {}, {} within {}", time(e.tpot_p50),
                                               attainment_text(scenario_), time(e.tpot)));
    if (e.peak_power && e.mean_power) {
      rows.emplace_back("power",
                        fmt::format("{} at most, {} on average in working hours and nights",
                                    power_text(*e.peak_power), power_text(*e.mean_power)));
    }
    rows.emplace_back("cost",
                      fmt::format("{} to buy; {} a year, of it {} energy", money(e.purchase),
                                  money(e.per_year), money(e.energy_per_year)));
    if (b.quality) rows.emplace_back("quality", fmt::format("{:.1f} points (MMLU)", *b.quality));
    rows.emplace_back("availability", availability_text(b));
    rows.emplace_back(
        "use", fmt::format("the busiest replica works {} of the week", share_text(e.busy_share)));
    return "\nRecommended\n" + labelled(rows);
  }

  [[nodiscard]] std::string elsewhere_section() const {
    if (!plan_.economics) return "";
    const std::string table = baselines_section(*plan_.economics, currency_);
    return table.empty() ? "" : table + wrapped(std::string(elsewhere_note), "  ", 2);
  }

  [[nodiscard]] std::string law_section() const {
    return fmt::format("\nLaw ({})\n", policy_disclaimer) + labelled(law_rows(law_));
  }

  [[nodiscard]] std::int64_t kept_for_lookups(const Candidate& candidate) const {
    const ServerType* type = catalogs_.hardware.server(candidate.server);
    if (type == nullptr || !looks_up_on_accelerators(scenario_)) return 0;
    return free_accelerators(candidate, *type);
  }

  [[nodiscard]] std::string certainty_section() const {
    const Finalist* f = plan_.finalist_of(*plan_.recommended);
    if (f == nullptr || f->draws == 0) return "";
    std::string text = fmt::format(
        "\nHow sure ({} draws of laws, overheads, workload and prices: {} "
        "meet every need)\n",
        f->draws, f->draws_feasible);
    const Evaluation& e = best().evaluation;
    Rows rows{{"", "best estimate", "P10", "P50", "P90"}};
    const auto add = [&](const std::string& name, const std::optional<double>& estimate,
                         const std::optional<Spread>& s, auto write) {
      if (!s) return;
      rows.push_back(
          {name, estimate ? write(*estimate) : "", write(s->p10), write(s->p50), write(s->p90)});
    };
    const auto seconds = [](double v) { return duration_text(v); };
    const auto amount = [&](double v) { return money_text(v, currency_); };
    add("first token, " + quantile_name(scenario_), e.ttft, f->ttft, seconds);
    for (const SourceSpread& s : plan_.sources) {
      add("  " + s.source + " alone", std::nullopt, s.ttft, seconds);
    }
    add("cost per year", e.per_year, f->per_year, amount);
    for (const SourceSpread& s : plan_.sources) {
      add("  " + s.source + " alone", std::nullopt, s.per_year, amount);
    }
    add("to buy", e.purchase, f->purchase, amount);
    return text + aligned(rows) + wrapped(std::string(best_estimate_note), "  ", 2);
  }

  /// Racks have long names: they stand above the table, which letters join.
  static std::string lettered(Rows rows) {
    std::vector<std::pair<std::string, std::string>> names;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      std::string letter(1, static_cast<char>('A' + i - 1));
      names.emplace_back(letter, std::exchange(rows[i][0], letter));
    }
    return labelled(names) + aligned(rows);
  }

  [[nodiscard]] std::string front_section() const {
    Rows rows{
        {"", "to buy", "a year", "first token, " + quantile_name(scenario_), "quality", "sure"}};
    for (const std::size_t index : first_and_recommended(plan_, plan_.front, front_rows)) {
      rows.push_back(row_of(index));
    }
    std::string more;
    if (plan_.front.size() > front_rows) {
      more = fmt::format("  and {} more (--json)\n", plan_.front.size() - front_rows);
    }
    if (!on_front(plan_)) more += wrapped(std::string(off_front_note), "  ", 2);
    return "\nBest in cost, first token or quality\n" + lettered(std::move(rows)) + more;
  }

  [[nodiscard]] std::vector<std::string> row_of(std::size_t index) const {
    const Judged& j = plan_.judged[index];
    const Finalist* f = plan_.finalist_of(index);
    return {text_of(j.candidate) + (index == plan_.recommended ? " (recommended)" : ""),
            money(j.evaluation.purchase),
            money(j.evaluation.per_year),
            time(j.evaluation.ttft),
            j.quality ? fmt::format("{:.1f}", *j.quality) : "–",
            f != nullptr ? fmt::format("{} of {}", f->draws_feasible, f->draws) : "–"};
  }

  [[nodiscard]] std::string reserve_section() const {
    const std::string text = reserve_text(plan_, scenario_);
    return text.empty() ? "" : "\nReserve\n" + wrapped(text, "  ", 2);
  }

  [[nodiscard]] std::string other_kind_section() const {
    OtherKind other = other_kind_of(plan_, scenario_, catalogs_.hardware);
    std::string text = fmt::format("\n{}\n", other.title);
    if (!other.rows.empty()) {
      other.rows.insert(other.rows.begin(), std::move(other.head));
      text += lettered(std::move(other.rows));
    }
    for (const std::string& note : other.notes) text += wrapped(note, "  ", 2);
    return text;
  }

  [[nodiscard]] std::string near_section() const {
    if (!plan_.recommended) return "";
    std::string text = "\nWhat holds it back\n";
    for (const std::string& limit : limits_texts(plan_, scenario_)) text += wrapped(limit, "  ", 2);
    return text;
  }

  [[nodiscard]] std::string search_section() const {
    std::vector<std::string> reasons;
    for (int i = 0; i < need_count; ++i) {
      const std::size_t count = plan_.ruled_out[static_cast<std::size_t>(i)];
      if (count == 0) continue;
      reasons.push_back(fmt::format("{} by {}", count_text(static_cast<std::int64_t>(count)),
                                    ruled_out_text(static_cast<Need>(i))));
    }
    std::string text = fmt::format(
        "{} combinations; ruled out by bounds: {}; {} simulated over the busiest of {} weeks ({} "
        "requests).",
        count_text(static_cast<std::int64_t>(plan_.combinations)),
        reasons.empty() ? "none" : fmt::format("{}", fmt::join(reasons, ", ")),
        count_text(static_cast<std::int64_t>(plan_.simulated)), plan_.weeks_looked_at,
        count_text(plan_.requests));
    if (plan_.too_dear > 0) {
      text += fmt::format(
          " {} dearer ones were not: without any energy they cost more a year than the "
          "finalists.",
          count_text(static_cast<std::int64_t>(plan_.too_dear)));
    }
    if (plan_.remembered > 0) {
      text += fmt::format(" {} runs were known from before.",
                          count_text(static_cast<std::int64_t>(plan_.remembered)));
    }
    return "\nHow it was found\n" + wrapped(text, "  ", 2);
  }

  const Plan& plan_;
  const Scenario& scenario_;
  const Catalogs& catalogs_;
  std::string currency_;
  const std::optional<PlanLaw>& law_;
};

}  // namespace

std::string plan_text(const Plan& plan, const Scenario& scenario, const Catalogs& catalogs,
                      const std::optional<PlanLaw>& law) {
  return PlanText(plan, scenario, catalogs, law).write();
}

}  // namespace microdc
