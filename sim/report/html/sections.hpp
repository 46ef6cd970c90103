// Parts that the pages of several verbs share.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "sim/economics/economics.hpp"
#include "sim/policy/audit.hpp"
#include "sim/report/assumptions.hpp"
#include "sim/report/html/page.hpp"

namespace microdc {

/// What a page looks up; refers to the program's catalogs.
struct PageKnowledge {
  const HardwareCatalog& hardware;
  const ProfileStore& profiles;
  const EconomicsCatalog& prices;
};

/// Bill of materials with who says each price; empty table (no rows) without parts.
HtmlTable parts_table(const PartsList& list, const EconomicsSpec& economics);

/// Kinds of cost that are not zero, as horizontal bars of a year's levelised cost.
HtmlChart cost_chart(const std::array<Cents, cost_kinds>& per_year, const std::string& currency);
/// The same as a table that adds up.
HtmlTable cost_table(const std::array<Cents, cost_kinds>& per_year, const std::string& currency);

/// What the same requests would cost without the rack, and whether the law lets them.
HtmlChart elsewhere_chart(const Economics& economics, const std::string& currency);
HtmlTable elsewhere_table(const Economics& economics, const std::string& currency);

/// Where requests ran, by the data that they hold, and which rule allowed it.
HtmlTable residency_table(const ResidencyAudit& audit);

/// Folded: every figure that was used, with range and source.
HtmlSection assumptions_section(const std::vector<Assumption>& assumptions);
/// How well the laws meet measurements that they were not fitted to.
HtmlTable law_table(const std::vector<LawError>& errors);

/// "seed", "inputs (SHA-256)", "facts of": where the numbers come from.
std::vector<std::pair<std::string, std::string>> origin_of(
    const Scenario& scenario, const std::string& inputs_sha256,
    const std::vector<Assumption>& assumptions);

}  // namespace microdc
