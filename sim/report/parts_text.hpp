// A bill of materials in columns.
#pragma once

#include <string>

#include "sim/economics/parts_list.hpp"

namespace microdc {

/// Number, price each, sum and where each price is from; tax, total, what is not priced, delivery.
/// Empty without parts.
std::string parts_text(const PartsList& list, const EconomicsSpec& economics);

}  // namespace microdc
