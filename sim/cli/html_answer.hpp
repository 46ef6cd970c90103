// The report for a browser as one of an answer's files.
#pragma once

#include <functional>

#include "sim/cli/verb.hpp"
#include "sim/report/html/page.hpp"

namespace microdc::cli {

/// Adds report.html if files are written at all (-o); `make_page` is called only then. Templates
/// that cannot be read become findings of the answer.
void add_html(Answer& answer, const CommonOptions& common,
              const std::function<HtmlPage()>& make_page);

}  // namespace microdc::cli
