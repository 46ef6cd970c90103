// JSON files in and out: reading with the place of every mistake, described structs (fields.hpp),
// atomic writing.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"

namespace microdc {

using Json = nlohmann::json;
/// Keeps the order in which keys were written: for output.
using OrderedJson = nlohmann::ordered_json;

/// Limits of a JSON document that a user may give us.
inline constexpr std::size_t max_json_bytes = 256u << 20;

/// Parses JSON text. Errors: not JSON (with line and column), a key twice in one object, nesting
/// deeper than 100, larger than max_json_bytes. `name` is the file name for messages.
Result<Json> parse_json(std::string_view text, const std::string& name);
/// The same from a file; also: no such file, a folder, empty.
Result<Json> read_json_file(const std::filesystem::path& path);

/// Fills a described struct from `json`; every wrong, unknown, missing or out-of-range field is
/// reported with its JSON pointer below `place`. Fields with errors keep their old value.
Diagnostics read_fields(const FieldVisitor::Describe& describe_object, const Json& json,
                        const std::string& file, const std::string& place = "");
template <Described T>
Diagnostics read_fields(T& value, const Json& json, const std::string& file,
                        const std::string& place = "") {
  return read_fields([&value](FieldVisitor& v) { describe(v, value); }, json, file, place);
}

/// A described struct as JSON, quantities with units, plain amounts of money in `currency`. Optional
/// fields without value are left out. For a described struct: write_fields(describing(value)).
OrderedJson write_fields(const FieldVisitor::Describe& describe_object,
                         std::string_view currency = "");

/// JSON Schema (draft 2020-12) of a described struct: types, units, ranges, defaults, choices.
OrderedJson schema_of(const FieldVisitor::Describe& describe_object);

/// Replaces or creates the file in one step, so that an interruption never leaves half a file.
/// Returns an error if it cannot be written.
Diagnostics write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// The folder with catalogs (`hwprofiles/catalog`, `models/catalog`, …): $MICRODC_HOME, else the
/// source tree this program was built from, else the installed data folder.
std::filesystem::path data_root();

}  // namespace microdc
