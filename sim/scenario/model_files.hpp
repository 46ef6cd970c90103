// Models that a scenario brings along: a pool may name the file of a model card.
#pragma once

#include <filesystem>
#include <string_view>

#include "hwprofiles/base/diagnostics.hpp"
#include "models/model_card.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

/// Whether a pool's model is the path of a model card instead of a name of the catalog: it ends in
/// ".json".
bool is_model_file(std::string_view model);

/// Adds the cards that pools name by file to `models`, under the paths that the pools have. These
/// are relative to `folder`. `file` is the scenario's, for messages. Errors: a file that is
/// missing, or no right card.
Diagnostics add_model_files(const Scenario& scenario, const std::filesystem::path& folder,
                            const std::string& file, ModelCatalog& models);

}  // namespace microdc
