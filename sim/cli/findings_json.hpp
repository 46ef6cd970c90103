#pragma once

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/json_io.hpp"

namespace microdc::cli {

/// A list of {severity, problem, file, place, message, found, allowed, fix}; empty texts are left
/// out.
OrderedJson findings_to_json(const Diagnostics& findings);

/// A JSON document as text, indented, with a final line break.
std::string json_text(const OrderedJson& document);

}  // namespace microdc::cli
