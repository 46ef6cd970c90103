// What cannot work is not simulated: bounds from prices, data sheets and the laws of single steps.
// Each bound is on the safe side, so that whatever it rules out would have failed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/quality.hpp"
#include "sim/planning/plan/availability.hpp"
#include "sim/planning/plan/candidate.hpp"
#include "sim/planning/plan/demand.hpp"

namespace microdc {

enum class Need {
  price_known,
  memory,     ///< weights and one context fit; layouts are possible
  residency,  ///< the law lets the data be where the servers stand
  quality,
  budget,
  rack_units,
  power,
  availability,
  ttft,
  tpot,
  throughput,
  e2e,
  budget_per_year,
};
inline constexpr int need_count = static_cast<int>(Need::budget_per_year) + 1;
/// "purchase price", "time to first token", …
std::string_view text_of(Need need);
/// Why it rules candidates out: "a purchase price above needs.budget", "memory".
std::string ruled_out_text(Need need);
/// "1 rack unit", "4 rack units"
std::string rack_units_text(std::int64_t units);
/// How its values are written: "2.1 s", "61,000 EUR".
std::string value_text(Need need, double value, const std::string& currency);

/// A need that a candidate misses.
struct Miss {
  Need need = Need::memory;
  double value = 0;  ///< what it reaches; base units
  double limit = 0;  ///< what is asked for
  bool at_most = true;
  std::string text;  ///< for needs without numbers
  /// By how much the limit would have to be relaxed, as a share of it; 0: not missed.
  [[nodiscard]] double excess() const;
};

/// Limits that are missed by up to this share are simulated all the same: among these is the
/// nearest miss, and what relaxing a limit would buy.
inline constexpr double near_miss = 0.25;

/// Work that arrives in the busiest hour may be done a little later [s].
inline constexpr double hour_with_slack = 1.25 * 3600;

/// What only plans need to know.
struct PlanKnowledge {
  QualityCatalog quality;
  FailureFigures failures;
};
/// From the data folders below `root`.
Result<PlanKnowledge> load_plan_knowledge(const std::filesystem::path& root);

class Bounds {
 public:
  Bounds(const Demand& demand, const Catalogs& catalogs, const PlanKnowledge& knowledge);

  /// Everything that rules the candidate out before it is simulated, near or far.
  std::vector<Miss> misses(const Candidate& candidate);
  /// Score of the worst model that answers; empty if one is not known.
  [[nodiscard]] std::optional<double> quality_of(const Candidate& candidate) const;
  /// Share of the time in which as many servers as are needed work, wherever they stand: the
  /// gateway sends requests to any of a pool's replicas (docs/plan.md, "Availability").
  [[nodiscard]] double availability_of(const Candidate& candidate) const;
  [[nodiscard]] std::int64_t rack_units_of(const Candidate& candidate) const;

 private:
  /// The least that one replica needs, whatever comes together on it.
  struct Speed {
    std::string failure;           ///< it cannot be deployed
    double tpot = 0;               ///< one sequence with the median context [s]
    double ttft = 0;               ///< prompt at the attainment's quantile, alone [s]
    double prefill_per_token = 0;  ///< large chunks [s]
    double decode_per_token = 0;   ///< at the best batch [s]
    /// By workload: prompt with documents at the attainment's quantile, alone [s]; 0 if clouds may
    /// answer in its place.
    std::vector<double> lookup_prefill;
  };
  /// Looking documents up for one request, alone on a device.
  struct Lookup {
    std::string failure;
    double seconds = 0;
  };
  const Speed& speed_of(const Candidate& candidate, std::size_t pool);
  Speed measure(const Candidate& candidate, std::size_t pool) const;
  void check_speed(const Candidate& candidate, std::vector<Miss>& misses);
  // bounds_lookups.cpp
  [[nodiscard]] Lookup measure_lookup(const Candidate& candidate, std::size_t workload) const;
  void check_lookups(const Candidate& candidate, std::vector<Miss>& misses);
  void check_limits(const Candidate& candidate, std::vector<Miss>& misses) const;
  void check_rooms(const Candidate& candidate, double idle_power, std::vector<Miss>& misses) const;
  void check_law(const Candidate& candidate, std::vector<Miss>& misses);

  const Demand& demand_;
  const Catalogs& catalogs_;
  const PlanKnowledge& knowledge_;
  std::map<std::string, Speed> speeds_;
  std::map<std::string, Lookup> lookups_;
  std::map<std::vector<std::size_t>, std::string> forbidden_;  ///< why; by sites
};

}  // namespace microdc
