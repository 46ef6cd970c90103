// From a scenario to the rack to buy.
//
//   every combination → bounds rule out what cannot work → each of the others is simulated over the
//   busiest week → the cheapest that meet all needs, again with draws of laws, workload and prices
//   → one recommendation, what it leaves in reserve, and what stands nearest.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/economics/economics.hpp"
#include "sim/planning/plan/bounds.hpp"
#include "sim/planning/plan/evaluation.hpp"
#include "sim/planning/plan/order.hpp"
#include "sim/planning/plan/store.hpp"

namespace microdc {

/// Of the draws of a recommendation, this share has to meet every need; what is so in this share of
/// the draws counts as told apart.
inline constexpr double confidence = 0.9;

struct PlanSettings {
  int jobs = 1;
  int draws = 16;  ///< of each finalist
  int finalists = 8;
  /// Candidates, if there are so many. Empty: as usual_candidates() says.
  std::optional<std::size_t> simulate_at_least;
  std::filesystem::path base_folder = ".";
  const std::atomic<bool>* interrupt = nullptr;
  std::function<void(double share, const std::string& stage)> progress = {};
};

/// How many candidates are simulated although what they cost rules them out as finalists: 1,000;
/// fewer, in proportion, if the week holds more than 33,000 requests or their prompts more than 100
/// million tokens, but 200 at least.
std::size_t usual_candidates(std::int64_t week_requests, double prompt_tokens);

/// A candidate after its simulation.
struct Judged {
  Candidate candidate;
  Evaluation evaluation;
  std::vector<Miss> misses;  ///< needs that it does not meet; empty: feasible
  std::optional<double> quality;
  double availability = 0;
  std::int64_t rack_units = 0;
  double least_per_year = 0;  ///< cost without energy and carbon; 0: not known
  [[nodiscard]] bool feasible() const { return misses.empty(); }
  /// Largest relaxation that it would take.
  [[nodiscard]] double excess() const;
};

/// Spread of a figure over draws.
struct Spread {
  double p10 = 0, p50 = 0, p90 = 0;
};
struct Finalist {
  std::size_t judged = 0;  ///< index
  int draws = 0;
  int draws_feasible = 0;  ///< that meet every need
  std::optional<Spread> ttft, tpot, per_year, purchase;
  /// Per year, of each draw: of all finalists draw i has the same prices. Empty: not known.
  std::vector<double> costs;
};
/// Spread of the recommendation's cost and latency when one source alone is uncertain.
struct SourceSpread {
  std::string source;  ///< "laws of the hardware", "workload", "prices, powers, overheads"
  std::optional<Spread> ttft, per_year;
};

struct Plan {
  bool interrupted = false;
  std::size_t combinations = 0;
  std::array<std::size_t, need_count> ruled_out{};  ///< by the first need that a bound misses
  std::size_t simulated = 0;
  /// Not simulated, because they cost more a year than every finalist before they use any energy.
  std::size_t too_dear = 0;
  std::size_t remembered = 0;             ///< of these, taken from the store
  std::int64_t requests = 0;              ///< in the busiest week
  std::vector<std::int64_t> requests_of;  ///< the same by workload
  int weeks_looked_at = 1;
  std::vector<Judged> judged;
  std::vector<Finalist> finalists;         ///< by cost
  std::optional<std::size_t> recommended;  ///< index into `judged`
  /// Why the recommended one goes before the cheapest finalist.
  struct Preference {
    enum class Reason {
      sure,   ///< too few draws of the cheapest meet every need
      surer,  ///< of two that cost alike, more draws meet every need
      faster  ///< of two that cost alike and are as sure
    };
    std::size_t over = 0;  ///< the cheapest finalist, index into `judged`
    Reason reason = Reason::sure;
    double dearer = 0;     ///< by so much per year
    int draws_dearer = 0;  ///< in so many of the shared draws
    /// The cheapest of those that are as sure, if the recommended one is faster than it.
    std::optional<std::size_t> slower;
  };
  std::optional<Order> order;  ///< of the recommended one
  /// Of the recommended one: its cost of a year, and what its requests would cost elsewhere.
  std::optional<Economics> economics;
  std::optional<Preference> preference;  ///< empty: the cheapest is recommended
  std::vector<std::size_t> front;        ///< Pareto: cost per year, time to first token, quality
  std::optional<std::size_t> nearest_miss;
  /// Need whose relaxation would save most, and the candidate that it would allow.
  struct Binding {
    Need need = Need::budget;
    std::size_t judged = 0;
    double saving = 0;  ///< per year
  };
  std::optional<Binding> binding;
  std::optional<double> growth;  ///< load, as a multiple of today's, up to which the needs are met
  bool growth_open = false;      ///< it may be more: the search ended there
  std::vector<SourceSpread> sources;
  /// Best of the other kind (servers without or with accelerators) for at most the recommended
  /// one's purchase price; its misses say what it cannot do.
  std::optional<std::size_t> other_kind;
  /// The cheapest of the other kind that meets all needs, whatever it costs to buy.
  std::optional<std::size_t> other_kind_that_does;

  /// That of `judged[index]`; null if it is none.
  [[nodiscard]] const Finalist* finalist_of(std::size_t index) const;
};

/// Errors: those of enumerate_candidates and of the workloads. A plan without recommendation is no
/// error here: `judged` tells how near it came.
Result<Plan> make_plan(const Scenario& scenario, const Catalogs& catalogs,
                       const PlanKnowledge& knowledge, EvaluationStore& store,
                       const PlanSettings& settings);

/// Whether a candidate runs models on CPUs.
bool is_cpu_centric(const Candidate& candidate, const HardwareCatalog& hardware);

}  // namespace microdc
