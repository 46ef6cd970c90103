// The member `cost` of a result.
#pragma once

#include <optional>

#include "hwprofiles/base/json_io.hpp"
#include "sim/report/report.hpp"

namespace microdc {

OrderedJson cost_json(const Report& report);
/// Each part with price, source and lead time; and their sums.
OrderedJson parts_json(const PartsList& list);
OrderedJson parts_total_json(const PartsList& list);
/// "lawful", "not_as_described" (conditions or attestations are missing), "forbidden" (whatever is
/// arranged); null: not checked.
OrderedJson standing_json(const std::optional<bool>& lawful, bool forbidden);
/// What the same requests would cost elsewhere.
OrderedJson baselines_json(const BaselineList& list);

}  // namespace microdc
