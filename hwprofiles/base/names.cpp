#include "hwprofiles/base/names.hpp"

#include <cctype>
#include <cstdint>

namespace microdc {
namespace {

/// Letters without their accents, from U+00C0 to U+017F (Latin-1 and Latin Extended-A).
constexpr std::uint32_t first_accented = 0xC0;
constexpr std::string_view bare_letters =
    "aaaaaaaceeeeiiiidnoooooxouuuuytsaaaaaaaceeeeiiiidnooooo-ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

constexpr std::uint32_t first_combining = 0x300;  // accents of their own, as macOS writes them
constexpr std::uint32_t last_combining = 0x36F;

/// The character of two UTF-8 bytes; 0 if these are none.
std::uint32_t two_bytes(std::string_view text) {
  if (text.size() < 2) return 0;
  const auto a = static_cast<unsigned char>(text[0]);
  const auto b = static_cast<unsigned char>(text[1]);
  if ((a & 0xE0U) != 0xC0U || (b & 0xC0U) != 0x80U) return 0;
  return ((a & 0x1FU) << 6U) | (b & 0x3FU);
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string name_key(std::string_view name) {
  std::string key = lower_case(name);
  std::erase_if(key, [](unsigned char c) { return c == '-' || c == '_' || std::isspace(c) != 0; });
  return key;
}

std::string spoken_key(std::string_view word) {
  std::string bare;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const std::uint32_t character = two_bytes(word.substr(i));
    const bool combines = character >= first_combining && character <= last_combining;
    const bool accented =
        character >= first_accented && character < first_accented + bare_letters.size();
    if (accented) bare += bare_letters[character - first_accented];
    if (accented || combines) {
      ++i;
    } else {
      bare += word[i];
    }
  }
  return name_key(bare);
}

}  // namespace microdc
