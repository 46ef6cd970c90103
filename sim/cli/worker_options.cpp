#include "sim/cli/worker_options.hpp"

#include "sim/planning/workers.hpp"

namespace microdc::cli {

int WorkerWords::count() const {
  return jobs > 0 ? static_cast<int>(jobs) : available_processors();
}

void add_worker_options(OptionSet& options, WorkerWords& words) {
  options.whole_number("--jobs", words.jobs, {1, 4096},
                       "Simulations that run at once; by default one per processor");
  options.flag("--quiet", words.quiet, "No progress on stderr");
}

}  // namespace microdc::cli
