// A report for people who will not open a terminal: one HTML file with everything in it, which
// needs no network and runs nothing but its own charts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"

namespace microdc {

/// All texts here are plain: the page escapes them.
struct HtmlChart {
  enum class Kind {
    bars,     ///< a bar per label and series
    stacked,  ///< the series of a label on top of each other
    curves,   ///< lines through points
    points,   ///< points alone
    bands,    ///< a line per series over the labels, its ranges shaded
  };
  struct Point {
    double x = 0, y = 0;
    std::string label;  ///< for the tooltip
  };
  struct Series {
    std::string name;
    std::vector<std::optional<double>> values = {};  ///< bars and bands: one per label
    /// Low and high ends of the values: whiskers of bars, shades of bands; empty: none.
    std::vector<std::optional<std::pair<double, double>>> ranges = {};
    std::vector<Point> points = {};  ///< curves and points
    bool emphasised = false;         ///< what the page recommends
    bool limit = false;              ///< a target: drawn as a dashed line
  };
  Kind kind = Kind::bars;
  std::string title;
  std::string note;     ///< how to read it, in a sentence
  std::string x_label;  ///< with unit
  std::string y_label;
  std::vector<std::string> labels;  ///< of bars and bands
  std::vector<Series> series;
  bool horizontal = false;  ///< bars
  bool log_x = false;
  bool wide = false;      ///< takes the whole width of the page
  bool from_zero = true;  ///< bands: the values begin at zero
};

struct HtmlTable {
  std::string title;
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
  std::string note;
  std::size_t text_columns = 1;           ///< aligned to the left, from the first on
  bool narrow = false;                    ///< two of these fit beside each other
  bool total = false;                     ///< the last row is the sum of the others
  std::optional<std::size_t> emphasised;  ///< row
};

struct HtmlSection {
  std::string title;
  std::vector<std::string> paragraphs = {};
  std::vector<std::pair<std::string, std::string>> facts = {};  ///< label, value
  std::vector<HtmlChart> charts = {};
  std::vector<HtmlTable> tables = {};
  std::vector<std::string> items = {};  ///< a list
  bool folded = false;                  ///< opened by the reader; not printed unless open
};

/// A number that a reader looks for first.
struct HtmlFigure {
  std::string label;
  std::string value;
  std::string note;  ///< range, target
};

struct HtmlPage {
  std::string kind;    ///< "Plan"
  std::string title;   ///< name of the scenario
  std::string about;   ///< its description
  std::string answer;  ///< two sentences
  std::vector<HtmlFigure> figures;
  std::vector<HtmlSection> sections;
  std::vector<std::pair<std::string, std::string>> origin;  ///< "seed", "7"
};

struct HtmlSettings {
  std::string version;            ///< of the program
  std::filesystem::path folder;   ///< page.mustache, style.css, charts.js
  std::filesystem::path library;  ///< Chart.js; empty or missing: tables only, and the page says so
};
/// Templates below `data_root`, and Chart.js of the installed program or of the system that built
/// it.
HtmlSettings html_settings(const std::filesystem::path& data_root, std::string version);

/// The file. Errors: a template cannot be read or is malformed.
Result<std::string> html_text(const HtmlPage& page, const HtmlSettings& settings);

}  // namespace microdc
