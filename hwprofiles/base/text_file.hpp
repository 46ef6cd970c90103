// Files as texts.
#pragma once

#include <filesystem>
#include <limits>
#include <string>

#include "hwprofiles/base/diagnostics.hpp"

namespace microdc {

/// The content of a file. Errors: no such file, a folder, not readable, more than `max_bytes`.
Result<std::string> read_text_file(const std::filesystem::path& path,
                                   std::size_t max_bytes = std::numeric_limits<std::size_t>::max());

}  // namespace microdc
