// Rows that are JSON objects, one a line.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/workload/formats/trace_builder.hpp"

namespace microdc {

/// Calls `use` with each row's object and line; rows that are no objects are errors.
void read_json_lines(LineReader& reader, TraceBuilder& builder,
                     const std::function<void(const nlohmann::json&, std::int64_t)>& use);

/// A number or text member as text, for the parsers of row_text.hpp; empty if it is neither or
/// missing.
std::optional<std::string> member_text(const nlohmann::json& object, const std::string& name);

/// Replaces ids of any size by dense ones in the order of their first use.
class DenseIds {
 public:
  std::uint32_t of(std::uint64_t id);

 private:
  std::unordered_map<std::uint64_t, std::uint32_t> ids_;
};

/// The array of ids `name` of a row in dense form, at most one for each begun block of the input;
/// false (with an error) if it is no array of whole numbers.
bool read_hash_ids(const nlohmann::json& object, const std::string& name, std::int64_t line,
                   std::int64_t input_tokens, std::int32_t block_tokens, DenseIds& dense,
                   std::vector<std::uint32_t>& ids, TraceBuilder& builder);

}  // namespace microdc
