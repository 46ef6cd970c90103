// Money in a scenario has one currency. The program computes with plain numbers, so the codes are
// compared and added on the JSON documents.
#pragma once

#include "hwprofiles/base/json_io.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

/// Reports every amount of money in the document with another currency than `currency`.
Diagnostics check_currency(const Json& document, const std::string& currency,
                           const std::string& file);

}  // namespace microdc
