#include "sim/cli/findings_json.hpp"

#include <nlohmann/json.hpp>

namespace microdc::cli {
namespace {

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::error: break;
  }
  return "error";
}

std::string_view name_of(Problem problem) {
  switch (problem) {
    case Problem::input: return "input";
    case Problem::infeasible: return "infeasible";
    case Problem::internal: break;
  }
  return "internal";
}

}  // namespace

OrderedJson findings_to_json(const Diagnostics& findings) {
  OrderedJson list = OrderedJson::array();
  for (const Diagnostic& finding : findings.items()) {
    OrderedJson item{{"severity", name_of(finding.severity)}};
    if (finding.severity == Severity::error) item["problem"] = name_of(finding.problem);
    const auto put = [&item](const char* key, const std::string& text) {
      if (!text.empty()) item[key] = text;
    };
    put("file", finding.file);
    put("place", finding.place);
    put("message", finding.message);
    put("found", finding.found);
    put("allowed", finding.allowed);
    put("fix", finding.fix);
    list.push_back(std::move(item));
  }
  return list;
}

std::string json_text(const OrderedJson& document) {
  // Bytes of a user's file that are no UTF-8 are replaced rather than refused.
  return document.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace microdc::cli
