#include "sim/planning/plan/runs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/planning/plan/search.hpp"
#include "sim/planning/workers.hpp"

namespace microdc {
namespace {

/// The week of the draw that is being simulated, kept while its runs start.
struct DrawnWeek {
  std::optional<std::uint64_t> draw;
  std::optional<Demand> demand;
  std::string failure;  ///< why there is none
  void make(const WeekRun& run) {
    if (!run.draws_workload() || draw == run.draw) return;
    draw = run.draw;
    demand.reset();
    auto made = drawn_week(*run.demand, *run.draw);
    if (made)
      demand = std::move(*made);
    else
      failure = to_text(made.diagnostics());
  }
};

}  // namespace

std::string WeekRun::key() const {
  // Sites that stand by: lookups are on accelerators of the last of the others.
  return fmt::format("{}/spare {}/standing by {}/{}", serving_key(*candidate), candidate->spare,
                     candidate->spare_sites, variant);
}

bool WeekRuns::interrupted() const {
  return !death_.empty() || (settings_.interrupt != nullptr && settings_.interrupt->load());
}

std::size_t WeekRuns::known(const std::vector<WeekRun>& runs) const {
  return static_cast<std::size_t>(
      std::count_if(runs.begin(), runs.end(),
                    [this](const WeekRun& run) { return store_.find(run.key()).has_value(); }));
}

std::vector<Evaluation> WeekRuns::evaluate(const std::vector<WeekRun>& runs,
                                           const std::string& stage) {
  std::vector<Evaluation> answers(runs.size());
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (const auto known = store_.find(runs[i].key()))
      answers[i] = *known;
    else
      missing.push_back(i);
  }
  remembered_ += runs.size() - missing.size();
  done_ += runs.size() - missing.size();
  // Draw after draw, so that the requests of each are made once for all candidates.
  std::stable_sort(missing.begin(), missing.end(),
                   [&](std::size_t a, std::size_t b) { return runs[a].draw < runs[b].draw; });
  DrawnWeek week;
  const auto task = [&](std::size_t i) {
    const WeekRun& run = runs[missing[i]];
    if (run.draws_workload() && !week.demand) return to_line({.failure = week.failure});
    const Demand& demand = run.draws_workload() ? *week.demand : *run.demand;
    return to_line(microdc::evaluate(demand, catalogs_, *run.candidate, run.draw, run.sources,
                                     run.to_its_end));
  };
  const auto take = [&](std::size_t i, const WorkerAnswer& answer) {
    Evaluation evaluation;
    if (const auto read = answer.finished ? evaluation_of_line(answer.text) : std::nullopt) {
      evaluation = *read;
      store_.add(runs[missing[i]].key(), evaluation);
    } else if (death_.empty()) {
      death_ = answer.text;
    }
    answers[missing[i]] = std::move(evaluation);
    ++done_;
    if (settings_.progress) {
      settings_.progress(std::min(1.0, static_cast<double>(done_) / expected_), stage);
    }
  };
  run_in_workers(missing.size(), settings_.jobs, task,
                 {.prepare = [&](std::size_t i) { week.make(runs[missing[i]]); },
                  .on_answer = take,
                  .interrupt = settings_.interrupt,
                  .end_with_the_first_dead = true});
  return interrupted() ? std::vector<Evaluation>() : answers;
}

}  // namespace microdc
