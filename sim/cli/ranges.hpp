#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <string>

namespace microdc::cli {

/// Whole numbers from `low` to `high`. As CLI::Range, in words of our own: those of CLI11 differ
/// between its versions.
inline CLI::Validator whole_number_between(std::int64_t low, std::int64_t high) {
  return CLI::Validator(
      [low, high](std::string& text) -> std::string {
        std::int64_t value = 0;
        const char* const end = text.data() + text.size();
        const auto [stopped, error] = std::from_chars(text.data(), end, value);
        if (error == std::errc() && stopped == end && value >= low && value <= high) return {};
        return fmt::format("Value {} not in range {} to {}", text, low, high);
      },
      fmt::format("INT in [{} - {}]", low, high));
}

}  // namespace microdc::cli
