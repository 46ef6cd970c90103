// `--set path=value`: changes to a scenario before it is read.
#pragma once

#include <string_view>
#include <vector>

#include "hwprofiles/base/json_io.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

/// "path=value" of the command line. Error: no '=' or nothing before it.
Result<Override> parse_override(std::string_view text);

/// Applies the overrides in order to a scenario document. A path's components stand between '/', or
/// between '.' if it has no '/'; list items are found by index or by their name. A value is read as
/// JSON if it is JSON, else as a text; `null` takes the key away, so that its default holds. Every
/// unknown path is reported, with the nearest match; their place is "--set PATH".
Diagnostics apply_overrides(Json& document, const std::vector<Override>& overrides);

}  // namespace microdc
