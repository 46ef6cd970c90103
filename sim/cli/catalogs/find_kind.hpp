#pragma once

#include "sim/cli/catalogs/catalogs.hpp"

namespace microdc::cli {

/// The kind of this name. Error: unknown, with the nearest match.
Result<const CatalogKind*> find_kind(const std::string& name);

}  // namespace microdc::cli
