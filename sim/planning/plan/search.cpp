#include "sim/planning/plan/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/planning/plan/judge.hpp"
#include "sim/planning/workers.hpp"
#include "sim/report/bands.hpp"

namespace microdc {
namespace {

/// Of the draws of a recommendation, this share has to meet every need.
constexpr double confidence = 0.9;
constexpr double most_growth = 64;
constexpr double growth_precision = 1.05;

/// One simulation to do.
struct Job {
  const Candidate* candidate = nullptr;
  const Demand* demand = nullptr;
  std::string variant;  ///< part of the key: growth, draw, sources
  std::optional<std::uint64_t> draw;
  DrawSources sources;
  [[nodiscard]] std::string key() const {
    return fmt::format("{}/spare {}/{}", serving_key(*candidate), candidate->spare, variant);
  }
};

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

class Search {
 public:
  Search(const Scenario& scenario, const Catalogs& catalogs, const QualityCatalog& quality,
         EvaluationStore& store, const PlanSettings& settings)
      : scenario_(scenario),
        catalogs_(catalogs),
        quality_(quality),
        store_(store),
        settings_(settings) {}

  Result<Plan> run() {
    auto candidates = enumerate_candidates(scenario_, catalogs_);
    Diagnostics findings = candidates.diagnostics();
    auto demand = busiest_week(scenario_, settings_.base_folder);
    findings.append(demand.diagnostics());
    if (!candidates || !demand) return findings;
    demand_ = std::move(*demand);
    plan_.combinations = candidates->size();
    plan_.requests = demand_.requests;
    plan_.weeks_looked_at = demand_.weeks_looked_at;
    rule_out(*candidates);
    simulate_all();
    if (!plan_.interrupted) choose();
    return {std::move(plan_), std::move(findings)};
  }

 private:
  void rule_out(const std::vector<Candidate>& candidates) {
    Bounds bounds(demand_, catalogs_, quality_);
    for (const Candidate& candidate : candidates) {
      std::vector<Miss> misses = bounds.misses(candidate);
      const auto far = std::find_if(misses.begin(), misses.end(),
                                    [](const Miss& miss) { return miss.excess() > near_miss; });
      if (far != misses.end()) {
        ++plan_.ruled_out[static_cast<std::size_t>(far->need)];
        continue;
      }
      Judged& judged = plan_.judged.emplace_back();
      judged.candidate = candidate;
      judged.misses = std::move(misses);
      judged.quality = bounds.quality_of(candidate);
      judged.availability = bounds.availability_of(candidate);
      judged.rack_units = bounds.rack_units_of(candidate);
    }
  }

  /// The answers of all jobs; what the store knows is not simulated again. Empty if interrupted.
  std::vector<Evaluation> evaluate_all(const std::vector<Job>& jobs, const std::string& stage,
                                       double from, double to) {
    std::vector<Evaluation> answers(jobs.size());
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (const Evaluation* known = store_.find(jobs[i].key()))
        answers[i] = *known;
      else
        missing.push_back(i);
    }
    plan_.remembered += jobs.size() - missing.size();
    const auto task = [&](std::size_t i) {
      const Job& job = jobs[missing[i]];
      return to_line(evaluate(*job.demand, catalogs_, *job.candidate, job.draw, job.sources));
    };
    const auto take = [&](std::size_t i, const WorkerAnswer& answer) {
      Evaluation evaluation;
      if (const auto read = answer.finished ? evaluation_of_line(answer.text) : std::nullopt) {
        evaluation = *read;
        store_.add(jobs[missing[i]].key(), evaluation);
      } else {
        evaluation.failure = answer.text;
      }
      answers[missing[i]] = std::move(evaluation);
    };
    const auto progress = [&](std::size_t done) {
      if (!settings_.progress) return;
      const double share = static_cast<double>(done) / static_cast<double>(missing.size());
      settings_.progress(from + share * (to - from), stage);
    };
    run_in_workers(missing.size(), settings_.jobs, task,
                   {.progress = progress, .on_answer = take, .interrupt = settings_.interrupt});
    plan_.interrupted = settings_.interrupt != nullptr && settings_.interrupt->load();
    return plan_.interrupted ? std::vector<Evaluation>() : answers;
  }

  void simulate_all() {
    std::vector<Job> jobs;
    for (const Judged& judged : plan_.judged) {
      jobs.push_back({&judged.candidate, &demand_, "week", std::nullopt, {}});
    }
    const auto answers = evaluate_all(jobs, "candidates", 0, 0.8);
    if (plan_.interrupted) {
      plan_.judged.clear();
      return;
    }
    plan_.simulated = answers.size();
    for (std::size_t i = 0; i < answers.size(); ++i) {
      Judged& judged = plan_.judged[i];
      judged.evaluation = answers[i];
      // Bounds that the simulation answers better give way to it.
      std::erase_if(judged.misses, [](const Miss& miss) {
        return miss.need != Need::rack_units && miss.need != Need::quality &&
               miss.need != Need::availability && miss.need != Need::price_known;
      });
      const auto more = misses_of(judged.evaluation, demand_.scenario);
      judged.misses.insert(judged.misses.end(), more.begin(), more.end());
      check_rooms(judged);
    }
  }

  /// Circuits and cooling of each site.
  void check_rooms(Judged& judged) const {
    if (!judged.evaluation.peak_power) return;
    const auto sites = static_cast<double>(judged.candidate.sites.size());
    const double peak = *judged.evaluation.peak_power / sites;
    for (const std::size_t index : judged.candidate.sites) {
      const RoomSpec& room = scenario_.sites[index].room;
      for (const auto& limit : {room.power, room.cooling}) {
        if (limit && peak > limit->value()) {
          judged.misses.push_back({Need::power, peak, limit->value(), true, ""});
        }
      }
    }
  }

  void choose() {
    plan_.front = pareto_front(plan_.judged);
    draw_finalists();
    if (plan_.interrupted) return;
    for (const Finalist& finalist : plan_.finalists) {
      if (plan_.recommended) break;
      if (finalist.draws_feasible >= confidence * finalist.draws) {
        plan_.recommended = finalist.judged;
      }
    }
    // None is sure: the one that is surest.
    if (!plan_.recommended && !plan_.finalists.empty()) {
      plan_.recommended = std::max_element(plan_.finalists.begin(), plan_.finalists.end(),
                                           [](const Finalist& a, const Finalist& b) {
                                             return a.draws_feasible < b.draws_feasible;
                                           })
                              ->judged;
    }
    plan_.nearest_miss = nearest_miss(plan_.judged, plan_.recommended);
    if (!plan_.recommended) return;
    plan_.binding = binding_need(plan_.judged, *plan_.recommended);
    plan_.other_kind = best_of_other_kind(plan_.judged, *plan_.recommended, catalogs_.hardware);
    separate_sources();
    find_growth();
  }

  [[nodiscard]] bool meets_needs(const Evaluation& evaluation) const {
    return misses_of(evaluation, demand_.scenario).empty();
  }

  void draw_finalists() {
    std::vector<std::size_t> order = by_cost(plan_.judged);
    order.resize(std::min(order.size(), static_cast<std::size_t>(settings_.finalists)));
    std::vector<Job> jobs;
    for (const std::size_t i : order) {
      for (int draw = 1; draw <= settings_.draws; ++draw) {
        jobs.push_back({&plan_.judged[i].candidate,
                        &demand_,
                        fmt::format("draw {}", draw),
                        static_cast<std::uint64_t>(draw),
                        {}});
      }
    }
    const auto answers = evaluate_all(jobs, "finalists", 0.8, 0.9);
    if (plan_.interrupted) return;
    for (std::size_t f = 0; f < order.size(); ++f) {
      const auto first = answers.begin() + static_cast<std::ptrdiff_t>(f) * settings_.draws;
      const std::vector<Evaluation> draws(first, first + settings_.draws);
      Finalist finalist{.judged = order[f], .draws = settings_.draws};
      for (const Evaluation& draw : draws) {
        finalist.draws_feasible += meets_needs(draw);
      }
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
    const std::array<Source, 3> sources{Source{"laws and engines", {true, false, false}},
                                        Source{"workload", {false, true, false}},
                                        Source{"prices and power", {false, false, true}}};
    std::vector<Job> jobs;
    for (const Source& source : sources) {
      for (int draw = 1; draw <= settings_.draws; ++draw) {
        jobs.push_back({&plan_.judged[*plan_.recommended].candidate, &demand_,
                        fmt::format("draw {} of {}", draw, source.name),
                        static_cast<std::uint64_t>(draw), source.only});
      }
    }
    const auto answers = evaluate_all(jobs, "sources of uncertainty", 0.9, 0.95);
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
    auto demand = busiest_week(scenario_, settings_.base_folder, growth);
    if (!demand) return false;
    const std::vector<Job> jobs{{&plan_.judged[*plan_.recommended].candidate,
                                 &*demand,
                                 fmt::format("growth {}", growth),
                                 std::nullopt,
                                 {}}};
    const auto answers = evaluate_all(jobs, "spare capacity", 0.95, 1);
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
  const QualityCatalog& quality_;
  EvaluationStore& store_;
  const PlanSettings& settings_;
  Demand demand_;
  Plan plan_;
};

}  // namespace

double Judged::excess() const {
  double most = 0;
  for (const Miss& miss : misses) most = std::max(most, miss.excess());
  return most;
}

bool is_cpu_centric(const Candidate& candidate, const HardwareCatalog& hardware) {
  const ServerType* type = hardware.server(candidate.server);
  return type != nullptr && type->accelerator.empty();
}

Result<Plan> make_plan(const Scenario& scenario, const Catalogs& catalogs,
                       const QualityCatalog& quality, EvaluationStore& store,
                       const PlanSettings& settings) {
  return Search(scenario, catalogs, quality, store, settings).run();
}

}  // namespace microdc
