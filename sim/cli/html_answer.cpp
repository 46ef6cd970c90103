#include "sim/cli/html_answer.hpp"

#include "hwprofiles/base/json_io.hpp"

namespace microdc::cli {

void add_html(Answer& answer, const CommonOptions& common,
              const std::function<HtmlPage()>& make_page) {
  if (common.folder.empty()) return;
  const auto text = html_text(make_page(), html_settings(data_root(), MICRODC_VERSION));
  answer.findings.append(text.diagnostics());
  if (text) answer.files["report.html"] = *text;
}

}  // namespace microdc::cli
