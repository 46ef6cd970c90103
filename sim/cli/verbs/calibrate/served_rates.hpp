// What a measured CPU means for those who wait: answers and prompts per second of a few models.
#pragma once

#include <filesystem>
#include <string>

namespace microdc::cli {

/// A table of models of the catalog on the CPU `device`, with what `microdc calibrate` wrote into
/// `folder`: memory of the weights, tokens per second of one answer, of eight at once, and of a
/// prompt, by the laws and the overheads of the engine for CPUs. Weights that do not fit are left
/// out. Empty if the catalogs cannot be read.
std::string served_rates_text(const std::filesystem::path& folder, const std::string& device);

}  // namespace microdc::cli
