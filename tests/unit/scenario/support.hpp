// A good scenario to be spoilt, and the catalogs to check it against.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sim/scenario/checks.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc::test {

/// JSON pointer and the JSON text to put there; an empty text takes the key away.
using Edit = std::pair<std::string, std::string>;

/// A scenario without mistakes: two workloads, two pools, on two server groups.
Json good_document();
/// The same, changed.
Json edited(const std::vector<Edit>& edits);

/// The catalogs of the source tree and a few registered names.
const CheckContext& context();

/// Everything said about a document.
Diagnostics findings_of(const Json& document, const std::vector<Override>& overrides = {});
/// The places of findings of this severity, in order.
std::vector<std::string> places(const Diagnostics& findings, Severity severity = Severity::error);

}  // namespace microdc::test
