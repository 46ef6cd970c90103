// Typed, total access to one object of a Hugging Face config: whatever the JSON holds, reading
// gives a value in range or reports why not.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/json_io.hpp"

namespace microdc {

/// Reads fields of a JSON object and remembers which. A null field counts as absent, because
/// configs write it so. The JSON and the diagnostics must outlive the reader.
class ConfigReader {
 public:
  ConfigReader(const Json& object, std::string file, std::string place, Diagnostics& findings);

  /// The field is there and not null.
  [[nodiscard]] bool has(std::string_view key) const;
  /// Whether the key is there and holds a number of any kind or size.
  [[nodiscard]] bool has_number(std::string_view key) const;

  /// A whole number in [min, max]. Absent, not a whole number or out of range: an error and `min`.
  std::int64_t required_integer(std::string_view key, std::int64_t min, std::int64_t max);
  /// The same, but absent gives `fallback` without error.
  std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t min,
                       std::int64_t max);
  bool boolean(std::string_view key, bool fallback);
  std::string text(std::string_view key, std::string_view fallback);
  /// A list of texts; empty if absent.
  std::vector<std::string> texts(std::string_view key);
  /// A list of whole numbers in [min, max]; empty if absent.
  std::vector<std::int64_t> integers(std::string_view key, std::int64_t min, std::int64_t max);
  /// A nested object; nothing if absent. A value of another type is an error.
  std::optional<ConfigReader> object(std::string_view key);
  /// Nested objects under any key (config_groups of compressed-tensors).
  std::vector<ConfigReader> objects();

  /// Fields that are known not to matter for the amount of work.
  void ignore(std::initializer_list<std::string_view> keys);
  /// A note for every field that nobody asked for.
  void report_unread();

  /// An error at a field.
  void error(std::string_view key, std::string message, std::string found = "",
             std::string allowed = "", std::string fix = "");
  void note(std::string_view key, std::string message, std::string found = "");

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] bool has_errors() const { return findings_->has_errors(); }

 private:
  const Json* find(std::string_view key);
  [[nodiscard]] std::string place_of(std::string_view key) const;
  std::optional<std::int64_t> whole_number(const Json& item, const std::string& place,
                                           std::int64_t min, std::int64_t max);
  void wrong_type(const Json& item, const std::string& place, std::string allowed);

  const Json* object_;
  std::string file_;
  std::string place_;
  Diagnostics* findings_;
  std::set<std::string, std::less<>> read_;
};

}  // namespace microdc
