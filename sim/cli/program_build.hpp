// Which program this is, to the last instruction.
#pragma once

#include <string>

namespace microdc::cli {

/// The identity that the linker gave this program (its GNU build ID, a digest of its code), in
/// hexadecimal; the version where it gave none. Two programs that could answer differently differ.
std::string program_build();

/// Key of answers that are kept: they hold for equal inputs (`digest`) and the program of `build`
/// alone, so that an updated program does not take over what an older one found.
std::string store_key(const std::string& digest, const std::string& build);

}  // namespace microdc::cli
