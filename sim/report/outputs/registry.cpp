#include "sim/report/outputs/run_output.hpp"

namespace microdc {

const std::vector<RunOutputKind>& run_output_kinds() {
  static const std::vector<RunOutputKind> all{requests_output(), steps_output(), timeline_output()};
  return all;
}

}  // namespace microdc
