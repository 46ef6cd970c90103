// Options of verbs that run many simulations at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/cli/option_set.hpp"
#include "sim/cli/program_build.hpp"

namespace microdc::cli {

struct WorkerWords {
  std::int64_t jobs = 0;  ///< 0: one per processor
  bool quiet = false;
  /// Simulations that run at once.
  [[nodiscard]] int count() const;
};
/// --jobs and --quiet.
void add_worker_options(OptionSet& options, WorkerWords& words);

/// The runs of this very program that are kept in `file` of the folder of -o, which is made if it
/// is not there; without a folder they are forgotten. Store: RunStore, or one with the same `open`.
template <class Store>
Result<Store> open_store(const std::string& folder, const char* file, const std::string& digest) {
  if (folder.empty()) return Store();
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  return Store::open(std::filesystem::path(folder) / file, store_key(digest, program_build()));
}

}  // namespace microdc::cli
