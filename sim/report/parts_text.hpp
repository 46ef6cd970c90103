// A bill of materials in columns.
#pragma once

#include <string>
#include <vector>

#include "sim/economics/parts_list.hpp"

namespace microdc {

/// Number, price each, sum and where each price is from; tax, total, what is not priced, delivery.
/// Empty without parts.
std::string parts_text(const PartsList& list, const EconomicsSpec& economics);

/// How to give prices that are missing, with the fields of the scenario; empty if none of what is
/// missing is a price.
std::string price_remedy(const std::vector<std::string>& missing);

}  // namespace microdc
