#include "sim/planning/plan/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "sim/planning/plan/choice.hpp"
#include "sim/planning/plan/elsewhere.hpp"
#include "sim/planning/plan/judge.hpp"
#include "sim/planning/plan/runs.hpp"
#include "sim/planning/workers.hpp"
#include "sim/report/bands.hpp"

namespace microdc {
namespace {

constexpr std::size_t group_size = 50;
constexpr double usual_most_candidates = 1000;
constexpr double usual_least_candidates = 200;
// Weeks up to these are simulated for as many as that.
constexpr double usual_requests = 33e3;
constexpr double usual_prompt_tokens = 100e6;
constexpr double most_growth = 64;
constexpr double growth_precision = 1.05;
constexpr int most_rounds = 20;  // of asking what stands nearest
/// Simulated where bounds rule out everything.
constexpr std::size_t shown_of_far_misses = 16;

Spread spread_of(const std::vector<double>& values) {
  return {quantile(values, 0.1), quantile(values, 0.5), quantile(values, 0.9)};
}

std::optional<Spread> spread_of(const std::vector<Evaluation>& draws,
                                std::optional<double> Evaluation::*member) {
  std::vector<double> values;
  for (const Evaluation& draw : draws) {
    if (!(draw.*member)) return std::nullopt;
    values.push_back(*(draw.*member));
  }
  if (values.empty()) return std::nullopt;
  return spread_of(values);
}

class PlanSearch {
 public:
  PlanSearch(const Scenario& scenario, const Catalogs& catalogs, const PlanKnowledge& knowledge,
             EvaluationStore& store, const PlanSettings& settings)
      : scenario_(scenario),
        catalogs_(catalogs),
        knowledge_(knowledge),
        settings_(settings),
        runs_(catalogs, store, settings) {
    runs_.expect(1 + draws_to_do());
  }

  Result<Plan> run() {
    auto candidates = enumerate_candidates(scenario_, catalogs_);
    Diagnostics findings = candidates.diagnostics();
    auto demand = busiest_week(scenario_, settings_.base_folder);
    findings.append(demand.diagnostics());
    if (!candidates || !demand) return findings;
    demand_ = std::move(*demand);
    plan_.combinations = candidates->size();
    plan_.requests = demand_.requests;
    for (const RequestStream& stream : demand_.streams) {
      plan_.requests_of.push_back(static_cast<std::int64_t>(stream.trace.requests.size()));
    }
    plan_.weeks_looked_at = demand_.weeks_looked_at;
    rule_out(*candidates);
    simulate_all();
    if (!plan_.interrupted) choose();
    if (!runs_.death().empty()) {
      findings.add(early_end(runs_.death()));
      return findings;
    }
    return {std::move(plan_), std::move(findings)};
  }

 private:
  /// Simulations after those of the candidates: finalists, sources, spare capacity.
  [[nodiscard]] std::size_t draws_to_do() const {
    constexpr std::size_t growth = 10;
    return static_cast<std::size_t>(settings_.draws * (settings_.finalists + 3)) + growth;
  }

  void rule_out(const std::vector<Candidate>& candidates) {
    Bounds bounds(demand_, catalogs_, knowledge_);
    std::vector<std::pair<double, std::size_t>> excesses;  // of those that bounds rule out
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      std::vector<Miss> misses = bounds.misses(candidates[i]);
      const auto far = std::find_if(misses.begin(), misses.end(),
                                    [](const Miss& miss) { return miss.excess() > near_miss; });
      if (far != misses.end()) {
        ++plan_.ruled_out[static_cast<std::size_t>(far->need)];
        excesses.emplace_back(largest_excess(misses), i);
      } else {
        admit(candidates[i], std::move(misses), bounds);
      }
    }
    if (!plan_.judged.empty()) return;
    // Nothing comes near: those that miss by least say what would have to be relaxed.
    std::sort(excesses.begin(), excesses.end());
    excesses.resize(std::min(excesses.size(), shown_of_far_misses));
    for (const auto& [excess, i] : excesses) {
      admit(candidates[i], bounds.misses(candidates[i]), bounds);
    }
  }

  /// Among those that will be simulated.
  void admit(const Candidate& candidate, std::vector<Miss> misses, const Bounds& bounds) {
    Judged& judged = plan_.judged.emplace_back();
    judged.candidate = candidate;
    judged.misses = std::move(misses);
    judged.quality = bounds.quality_of(candidate);
    judged.availability = bounds.availability_of(candidate);
    judged.rack_units = bounds.rack_units_of(candidate);
  }

  /// Empty if interrupted.
  std::vector<Evaluation> evaluate_all(const std::vector<WeekRun>& runs, const std::string& stage) {
    auto answers = runs_.evaluate(runs, stage);
    plan_.remembered = runs_.remembered();
    plan_.interrupted = runs_.interrupted();
    return answers;
  }

  /// The cheapest first, in groups, until what is left cannot come among the finalists: without any
  /// energy it costs more a year than they do with it.
  void simulate_all() {
    std::vector<Judged> waiting = std::move(plan_.judged);
    plan_.judged.clear();
    std::vector<double> least(waiting.size());
    std::vector<std::size_t> order(waiting.size());
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      order[i] = i;
      const Scenario scenario = scenario_of(demand_.scenario, waiting[i].candidate);
      const auto outlay =
          least_outlay(scenario, catalogs_.hardware, *economics_catalog(), demand_.clouds);
      least[i] = outlay ? outlay->per_year : 0;
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return least[a] < least[b]; });
    const std::size_t at_least = settings_.simulate_at_least.value_or(
        usual_candidates(plan_.requests, demand_.prompt_tokens()));
    std::size_t next = 0;
    while (next < order.size()) {
      if (next >= at_least && least[order[next]] > dearest_finalist()) break;
      const std::size_t end =
          std::min(order.size(), next < at_least ? at_least : next + group_size);
      std::vector<Judged> group;
      for (; next < end; ++next) {
        group.push_back(std::move(waiting[order[next]]));
        group.back().least_per_year = least[order[next]];
      }
      if (!simulate_group(std::move(group), std::min(order.size(), std::max(end, at_least))))
        return;
    }
    plan_.too_dear = order.size() - next;
    plan_.simulated = plan_.judged.size();
  }

  /// Cost per year of the last finalist, as far as it is known; infinite while there are too few.
  [[nodiscard]] double dearest_finalist() const {
    const auto count = static_cast<std::size_t>(settings_.finalists);
    const auto order = finalists_of(plan_.judged, count, scenario_.choices.tolerance);
    if (order.size() < count) return std::numeric_limits<double>::infinity();
    return plan_.judged[order.back()].evaluation.per_year.value_or(
        std::numeric_limits<double>::infinity());
  }

  /// False if interrupted.
  bool simulate_group(std::vector<Judged> group, std::size_t expected) {
    runs_.expect(expected + draws_to_do());
    std::vector<WeekRun> jobs;
    for (const Judged& judged : group) {
      jobs.push_back({&judged.candidate, &demand_, "week", std::nullopt, {}});
    }
    const auto answers = evaluate_all(jobs, "candidates");
    if (plan_.interrupted) {
      plan_.simulated = plan_.judged.size() + runs_.known(jobs);
      plan_.judged.clear();
      return false;
    }
    for (std::size_t i = 0; i < answers.size(); ++i) judge(group[i], answers[i]);
    for (Judged& judged : group) plan_.judged.push_back(std::move(judged));
    return true;
  }

  void judge(Judged& judged, const Evaluation& evaluation) const {
    judged.evaluation = evaluation;
    // Bounds that the simulation answers better give way to it.
    std::erase_if(judged.misses, [](const Miss& miss) {
      return miss.need != Need::rack_units && miss.need != Need::quality &&
             miss.need != Need::availability && miss.need != Need::price_known;
    });
    const auto more = misses_of(evaluation, demand_.scenario);
    judged.misses.insert(judged.misses.end(), more.begin(), more.end());
    const auto rooms = room_misses(judged, scenario_);
    judged.misses.insert(judged.misses.end(), rooms.begin(), rooms.end());
  }

  void choose() {
    plan_.front = pareto_front(plan_.judged);
    draw_finalists();
    if (plan_.interrupted) return;
    const Choice choice =
        choose_finalist(plan_.judged, plan_.finalists, scenario_.choices.tolerance);
    plan_.recommended = choice.recommended;
    plan_.preference = choice.preference;
    name_others();
    if (!plan_.recommended || plan_.interrupted) return;
    separate_sources();
    find_growth();
    plan_.order = order_of(scenario_, plan_.judged[*plan_.recommended].candidate, plan_.growth,
                           catalogs_.hardware, *economics_catalog());
    const Judged& best = plan_.judged[*plan_.recommended];
    plan_.economics =
        economics_of_week(best.evaluation, scenario_of(demand_.scenario, best.candidate),
                          catalogs_.hardware, *economics_catalog());
  }

  /// What stands nearest to the recommended one. Runs that were given up early say that a need is
  /// missed, but not by how much: of what the answer names the whole week is simulated, and what
  /// stands nearest is asked again.
  void name_others() {
    for (int round = 0; round < most_rounds; ++round) {
      plan_.nearest_miss = nearest_miss(plan_.judged, plan_.recommended);
      if (plan_.recommended) {
        plan_.binding = binding_need(plan_.judged, *plan_.recommended);
        plan_.other_kind = best_of_other_kind(plan_.judged, *plan_.recommended, catalogs_.hardware);
        plan_.other_kind_that_does =
            cheapest_of_other_kind(plan_.judged, *plan_.recommended, catalogs_.hardware);
      }
      std::set<std::size_t> given_up;
      const auto check = [&](std::optional<std::size_t> index) {
        if (index && plan_.judged[*index].evaluation.stopped) given_up.insert(*index);
      };
      check(plan_.nearest_miss);
      check(plan_.other_kind);
      if (plan_.binding) check(plan_.binding->judged);
      if (given_up.empty() || !simulate_whole(given_up)) return;
    }
  }

  /// False if interrupted.
  bool simulate_whole(const std::set<std::size_t>& indices) {
    std::vector<WeekRun> jobs;
    for (const std::size_t i : indices) {
      jobs.push_back({.candidate = &plan_.judged[i].candidate,
                      .demand = &demand_,
                      .variant = "whole week",
                      .to_its_end = true});
    }
    const auto answers = evaluate_all(jobs, "near misses");
    if (plan_.interrupted) return false;
    std::size_t next = 0;
    for (const std::size_t i : indices) judge(plan_.judged[i], answers[next++]);
    return true;
  }

  [[nodiscard]] bool meets_needs(const Evaluation& evaluation) const {
    return misses_of(evaluation, demand_.scenario).empty();
  }

  void draw_finalists() {
    const auto order = finalists_of(plan_.judged, static_cast<std::size_t>(settings_.finalists),
                                    scenario_.choices.tolerance);
    std::vector<WeekRun> jobs;
    for (const std::size_t i : order) {
      for (int draw = 1; draw <= settings_.draws; ++draw) {
        jobs.push_back({&plan_.judged[i].candidate,
                        &demand_,
                        fmt::format("draw {}", draw),
                        static_cast<std::uint64_t>(draw),
                        {}});
      }
    }
    const auto answers = evaluate_all(jobs, "finalists");
    if (plan_.interrupted) return;
    for (std::size_t f = 0; f < order.size(); ++f) {
      const auto first = answers.begin() + static_cast<std::ptrdiff_t>(f) * settings_.draws;
      const std::vector<Evaluation> draws(first, first + settings_.draws);
      Finalist finalist{.judged = order[f], .draws = settings_.draws};
      for (const Evaluation& draw : draws) {
        finalist.draws_feasible += meets_needs(draw);
        if (draw.per_year) finalist.costs.push_back(*draw.per_year);
      }
      if (finalist.costs.size() != draws.size()) finalist.costs.clear();
      finalist.ttft = spread_of(draws, &Evaluation::ttft);
      finalist.tpot = spread_of(draws, &Evaluation::tpot);
      finalist.per_year = spread_of(draws, &Evaluation::per_year);
      finalist.purchase = spread_of(draws, &Evaluation::purchase);
      plan_.finalists.push_back(finalist);
    }
  }

  void separate_sources() {
    struct Source {
      const char* name;
      DrawSources only;
    };
    const std::array<Source, 3> sources{Source{"laws of the hardware", {true, false, false}},
                                        Source{"workload", {false, true, false}},
                                        Source{"prices, powers, overheads", {false, false, true}}};
    std::vector<WeekRun> jobs;
    for (const Source& source : sources) {
      for (int draw = 1; draw <= settings_.draws; ++draw) {
        jobs.push_back({&plan_.judged[*plan_.recommended].candidate, &demand_,
                        fmt::format("draw {} of {}", draw, source.name),
                        static_cast<std::uint64_t>(draw), source.only});
      }
    }
    const auto answers = evaluate_all(jobs, "sources of uncertainty");
    if (plan_.interrupted) return;
    for (std::size_t s = 0; s < sources.size(); ++s) {
      const auto first = answers.begin() + static_cast<std::ptrdiff_t>(s) * settings_.draws;
      const std::vector<Evaluation> draws(first, first + settings_.draws);
      plan_.sources.push_back({sources[s].name, spread_of(draws, &Evaluation::ttft),
                               spread_of(draws, &Evaluation::per_year)});
    }
  }

  /// Whether the recommended one still meets the latency targets under `growth` times the load.
  bool serves(double growth) {
    auto demand = grown_week(demand_, growth);
    if (!demand) return false;
    const std::vector<WeekRun> jobs{{&plan_.judged[*plan_.recommended].candidate,
                                     &*demand,
                                     fmt::format("same week, growth {}", growth),
                                     std::nullopt,
                                     {}}};
    const auto answers = evaluate_all(jobs, "spare capacity");
    return !answers.empty() && meets_needs(answers.front());
  }

  void find_growth() {
    double good = 1;
    double bad = 2;
    while (bad <= most_growth && serves(bad) && !plan_.interrupted) {
      good = bad;
      bad *= 2;
    }
    plan_.growth_open = bad > most_growth;
    while (!plan_.growth_open && bad / good > growth_precision && !plan_.interrupted) {
      const double middle = std::sqrt(good * bad);
      (serves(middle) ? good : bad) = middle;
    }
    plan_.growth = good;
  }

  const Scenario& scenario_;
  const Catalogs& catalogs_;
  const PlanKnowledge& knowledge_;
  const PlanSettings& settings_;
  Demand demand_;
  Plan plan_;
  WeekRuns runs_;
};

}  // namespace

std::size_t usual_candidates(std::int64_t week_requests, double prompt_tokens) {
  const double larger = std::max(static_cast<double>(week_requests) / usual_requests,
                                 prompt_tokens / usual_prompt_tokens);
  return static_cast<std::size_t>(
      std::max(usual_least_candidates, usual_most_candidates / std::max(1.0, larger)));
}

Result<Plan> make_plan(const Scenario& scenario, const Catalogs& catalogs,
                       const PlanKnowledge& knowledge, EvaluationStore& store,
                       const PlanSettings& settings) {
  return PlanSearch(scenario, catalogs, knowledge, store, settings).run();
}

}  // namespace microdc
