#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/text_file.hpp"

namespace microdc {
namespace {

constexpr int max_depth = 100;

std::string line_and_column(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 == 0
  return fmt::format("line {}, column {}", line, before.size() - line_start + 1);
}

/// What nlohmann says after its "[json.exception…] parse error at line 1, column 2: " prefix, of
/// which only the part in brackets may be there.
std::string cause_of(std::string_view what) {
  const std::size_t column = what.find("column ");
  const std::size_t colon = what.find(": ", column == std::string_view::npos ? 0 : column);
  if (colon != std::string_view::npos) return std::string(what.substr(colon + 2));
  const std::size_t bracket = what.starts_with('[') ? what.find("] ") : std::string_view::npos;
  return std::string(bracket == std::string_view::npos ? what : what.substr(bracket + 2));
}

/// Watches the parser's events for repeated keys and for depth.
class StructureGuard {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json& value) {
    if (depth > max_depth) too_deep_ = true;
    const auto level = static_cast<std::size_t>(std::clamp(depth, 0, max_depth));
    if (event == Json::parse_event_t::object_start) {
      keys_[level + 1].clear();
    } else if (event == Json::parse_event_t::key) {
      auto key = value.get<std::string>();
      if (!keys_[level].insert(key).second) repeated_.insert(std::move(key));
    }
    return !too_deep_;
  }
  [[nodiscard]] bool too_deep() const { return too_deep_; }
  [[nodiscard]] const std::set<std::string>& repeated() const { return repeated_; }

 private:
  std::vector<std::set<std::string>> keys_{max_depth + 2};
  std::set<std::string> repeated_;
  bool too_deep_ = false;
};

}  // namespace

Result<Json> parse_json(std::string_view text, const std::string& name) {
  if (text.size() > max_json_bytes) {
    return Diagnostic{.file = name,
                      .message = "the file is too large for a JSON document",
                      .found = fmt::format("{} bytes", text.size()),
                      .allowed = fmt::format("at most {} bytes", max_json_bytes)};
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return Diagnostic{.file = name, .message = "the file is empty", .allowed = "a JSON object"};
  }
  StructureGuard guard;
  try {
    Json json = Json::parse(text.begin(), text.end(), std::ref(guard));
    if (guard.too_deep()) {
      return Diagnostic{.file = name,
                        .message = "the JSON is nested too deeply",
                        .allowed = fmt::format("at most {} levels", max_depth)};
    }
    if (guard.repeated().empty()) return json;
    Diagnostics repeated;
    for (const std::string& key : guard.repeated()) {
      repeated.add({.file = name,
                    .message = fmt::format("key \"{}\" appears twice in one object", key),
                    .fix = "keep one of the two"});
    }
    return repeated;
  } catch (const Json::parse_error& error) {
    return Diagnostic{.file = name,
                      .place = line_and_column(text, error.byte == 0 ? 0 : error.byte - 1),
                      .message = "this is not JSON: " + cause_of(error.what())};
  } catch (const Json::exception& error) {
    return Diagnostic{.file = name, .message = "this is not JSON: " + cause_of(error.what())};
  }
}

Result<Json> read_json_file(const std::filesystem::path& path) {
  const Result<std::string> content = read_text_file(path, max_json_bytes);
  if (!content) return content.diagnostics();
  return parse_json(*content, path.string());
}

}  // namespace microdc
