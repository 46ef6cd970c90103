#include "hwprofiles/base/names.hpp"

#include <cctype>

namespace microdc {

std::string name_key(std::string_view name) {
  std::string key;
  key.reserve(name.size());
  for (const char c : name) {
    const auto letter = static_cast<unsigned char>(c);
    if (c == '-' || c == '_' || std::isspace(letter) != 0) continue;
    key += static_cast<char>(std::tolower(letter));
  }
  return key;
}

}  // namespace microdc
