// Rates for tables of the report.
#pragma once

#include <string>

namespace microdc {

/// "12.3 GB/s", "1.23 TFLOP/s": three significant digits with the unit's prefix.
std::string rate_text(double per_second, const char* unit);
/// "850 ns", "12.3 us", "1.23 ms", "1.23 s".
std::string time_text(double seconds);
/// "64 KiB", "1.5 GiB".
std::string size_text(double bytes);

}  // namespace microdc
