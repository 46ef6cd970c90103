// The report as tables, which text and page both show.
#pragma once

#include <string>
#include <vector>

#include "calibrate/measure/analysis.hpp"

namespace microdc {

struct ReportTable {
  std::string title;
  std::string note;  ///< a sentence below; may be empty
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

/// Limits, laws, variants, what is reached, load and power, what was refused; empty ones left out.
std::vector<ReportTable> report_tables(const MeasurementAnalysis& analysis);

}  // namespace microdc
