// Random draws of law parameters: a counter-based generator, so that the value for one purpose
// never depends on what else was drawn before.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace microdc {

/// Standard normal number `index` of the stream (seed, purpose). Same arguments, same bits, on
/// every platform whose sqrt and log round correctly to the last bits used.
double standard_normal(std::uint64_t seed, std::string_view purpose, std::uint64_t index);

/// The standard normal number of a replication, from 1. Replications 2i-1 and 2i have the same one
/// with opposite signs (antithetic draws), so that a few replications are centred already.
double paired_normal(std::uint64_t seed, std::string_view purpose, std::uint64_t replication);

/// 64 well-mixed bits for item `index` of the stream (seed, purpose).
std::uint64_t stream_bits(std::uint64_t seed, std::string_view purpose, std::uint64_t index);

/// Lower triangle L of L L^T = matrix (row by row, n x n). Rows and columns that are all zero stay
/// so: parameters held fixed. Nullopt if not symmetric positive semi-definite.
std::optional<std::vector<double>> cholesky(const std::vector<double>& matrix, std::size_t n);

}  // namespace microdc
