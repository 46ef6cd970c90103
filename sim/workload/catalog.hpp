// The data of the generators: sim/workload/catalog/*.json.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"

namespace microdc {

/// A distribution of token counts by its quantiles, linear between them.
struct QuantileTable {
  std::string name;
  std::vector<double> percent;  ///< from 0 to 100, rising
  std::vector<double> tokens;   ///< of the same size, never falling
  double mean = 0;              ///< of the data behind the table [tokens]
  std::string source;
};

/// Relative request rate by hour of the day.
struct DayProfile {
  std::string name;
  std::string description;
  std::array<double, 24> hour_weights{};  ///< sum 1
  std::string source;
};

/// How people use a service (sim/workload/catalog/office.json, with sources).
struct UserBehaviour {
  double minute_rate_autocorrelation = 0;  ///< of the log of the rate, from minute to minute
  double prompts_per_user_sigma = 0;       ///< of the log of prompts per active user and day
  double think_time_sigma = 0;             ///< of the log of the think time in sessions
  /// Zipf's law of chunks of a knowledge base that does not state its own: the chunk of rank k is
  /// found in proportion to k^-exponent.
  double chunk_popularity_exponent = 0;
};

struct WorkloadCatalog {
  std::vector<QuantileTable> lengths;
  std::vector<DayProfile> day_profiles;
  UserBehaviour behaviour;
};

/// The catalog in data_root(), read once per process. Errors: files missing, damaged, a table that
/// is no distribution function, a name twice.
const Result<WorkloadCatalog>& workload_catalog();

/// Names of tables and profiles, for choices and lists; empty if the catalog cannot be read.
std::vector<std::string> length_table_names();
std::vector<std::string> day_profile_names();

}  // namespace microdc
