// JSON documents and scenarios from arbitrary bytes: parser, fields, overrides, rules, writer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "sim/scenario/checks.hpp"
#include "sim/scenario/write.hpp"

namespace {

const microdc::CheckContext& context() {
  static const auto hardware =
      microdc::HardwareCatalog::load(microdc::data_root() / "hwprofiles/catalog");
  static const auto models = microdc::ModelCatalog::load(microdc::data_root() / "models/catalog");
  if (!hardware || !models) std::abort();
  static const microdc::CheckContext context{.hardware = &*hardware,
                                             .models = &*models,
                                             .engines = {"vllm"},
                                             .routers = {"least_loaded"},
                                             .schedulers = {"fcfs"},
                                             .workload_kinds = {"poisson", "trace", "office_day"}};
  return context;
}

}  // namespace

/// The first line, if it holds an '=', is a --set; the rest is the document.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<microdc::Override> overrides;
  const std::size_t line_end = text.find('\n');
  const std::size_t equals = text.substr(0, line_end).find('=');
  if (line_end != std::string_view::npos && equals != std::string_view::npos) {
    overrides.push_back({std::string(text.substr(0, equals)),
                         std::string(text.substr(equals + 1, line_end - equals - 1))});
    text.remove_prefix(line_end + 1);
  }
  const auto document = microdc::parse_json(text, "fuzz");
  if (!document) return 0;
  const auto scenario = microdc::read_scenario(*document, "fuzz", overrides, context());
  if (!scenario) {
    // A refusal says why, and its text can always be made.
    if (!scenario.diagnostics().has_errors()) std::abort();
    to_text(scenario.diagnostics());
    return 0;
  }
  // What was read can be written and read again, with the same meaning.
  const microdc::OrderedJson written = microdc::write_scenario(*scenario);
  const auto again = microdc::parse_scenario(
      microdc::Json::parse(written.dump(-1, ' ', false, microdc::Json::error_handler_t::replace)),
      "again");
  if (!again) std::abort();
  return 0;
}
