// One number for all inputs of a run, so that two answers can be told to come from the same ones.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

/// SHA-256, in hexadecimal, over the scenario as it was run (after all changes), the content of its
/// trace files and model cards, the catalogs below `data_root`, and the JSON files in folders of
/// measured hardware. Does not depend on where files lie. Error: a file that cannot be read.
Result<std::string> inputs_sha256(const Scenario& scenario,
                                  const std::filesystem::path& base_folder,
                                  const std::filesystem::path& data_root,
                                  const std::vector<std::filesystem::path>& measured = {});

/// SHA-256 of a text, in hexadecimal.
std::string sha256_of(std::string_view text);

}  // namespace microdc
