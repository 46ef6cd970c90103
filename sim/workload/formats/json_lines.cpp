#include "sim/workload/formats/json_lines.hpp"

#include <nlohmann/json.hpp>

namespace microdc {

void read_json_lines(LineReader& reader, TraceBuilder& builder,
                     const std::function<void(const nlohmann::json&, std::int64_t)>& use) {
  while (!builder.stopped()) {
    const auto text = reader.next_filled();
    if (!text) return;
    builder.count_row();
    const auto row = nlohmann::json::parse(text->begin(), text->end(), nullptr, false);
    if (row.is_object()) {
      use(row, reader.line());
    } else {
      builder.error(reader.line(), "the line is no JSON object", *text,
                    "one object in curly brackets a line",
                    "correct the line; the end of the file may be missing");
    }
  }
}

std::optional<std::string> member_text(const nlohmann::json& object, const std::string& name) {
  const auto at = object.find(name);
  if (at == object.end()) return std::nullopt;
  if (at->is_string()) return at->get<std::string>();
  if (at->is_number()) return at->dump();
  return std::nullopt;
}

std::uint32_t DenseIds::of(std::uint64_t id) {
  return ids_.emplace(id, static_cast<std::uint32_t>(ids_.size())).first->second;
}

bool read_hash_ids(const nlohmann::json& object, const std::string& name, std::int64_t line,
                   std::int64_t input_tokens, std::int32_t block_tokens, DenseIds& dense,
                   std::vector<std::uint32_t>& ids, TraceBuilder& builder) {
  ids.clear();
  const auto at = object.find(name);
  if (at == object.end()) return true;
  bool good = at->is_array();
  if (good) {
    for (const auto& item : *at) {
      if (!item.is_number_integer()) {
        good = false;
        break;
      }
      // Signed hashes are taken by their bits.
      ids.push_back(dense.of(item.is_number_unsigned()
                                 ? item.get<std::uint64_t>()
                                 : static_cast<std::uint64_t>(item.get<std::int64_t>())));
    }
  }
  if (!good) {
    builder.error(line, "the prefix hash ids cannot be read",
                  at->dump(-1, ' ', true, nlohmann::json::error_handler_t::replace),
                  "an array of whole numbers", "correct the row");
    return false;
  }
  const std::int64_t blocks = (input_tokens + block_tokens - 1) / block_tokens;
  if (static_cast<std::int64_t>(ids.size()) > blocks) {
    builder.change(line, "more prefix blocks than the prompt has: the surplus is cut");
    ids.resize(static_cast<std::size_t>(blocks));
  }
  return true;
}

}  // namespace microdc
