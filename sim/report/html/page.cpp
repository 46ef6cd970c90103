#include "sim/report/html/page.hpp"

#include <fmt/format.h>
#include <nettle/base64.h>
#include <nettle/sha2.h>

#include <array>
#include <fstream>
#include <iterator>
#include <kainjow/mustache.hpp>

#include "sim/report/html/chart_json.hpp"

namespace microdc {
namespace {

using kainjow::mustache::data;
using kainjow::mustache::mustache;
using List = kainjow::mustache::list;

Result<std::string> content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (stream && !text.empty()) return text;
  return Diagnostic{.file = file.string(),
                    .message = "this part of the report's template cannot be read",
                    .fix = "install microdc again, or set MICRODC_HOME to its data folder"};
}

/// The library's text; empty if it is not there.
std::string library_text(const std::filesystem::path& file) {
  if (file.empty()) return "";
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Nothing in a script may look like its end, or like a comment, to the HTML parser.
std::string inside_script(std::string script) {
  for (const std::string_view word : {"</script", "</SCRIPT", "<!--"}) {
    for (std::size_t at = 0; (at = script.find(word, at)) != std::string::npos; at += word.size()) {
      script.insert(at + 1, 1, '\\');
    }
  }
  return script;
}

/// Source expression of a content security policy that allows exactly this text.
std::string allowed_by_digest(const std::string& text) {
  sha256_ctx context;
  sha256_init(&context);
  sha256_update(&context, text.size(), reinterpret_cast<const std::uint8_t*>(text.data()));
  std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
  sha256_digest(&context, digest.size(), digest.data());
  std::array<char, BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE)> encoded{};
  base64_encode_raw(encoded.data(), digest.size(), digest.data());
  return fmt::format("'sha256-{}'", std::string_view(encoded.data(), encoded.size()));
}

/// A number and its percent sign stay on one line.
std::string unbroken(std::string text) {
  constexpr std::string_view no_break = "\u00a0%";
  for (std::size_t at = 0; (at = text.find(" %", at)) != std::string::npos; at += no_break.size()) {
    text.replace(at, 2, no_break);
  }
  return text;
}

/// Mustache takes an empty text for something that is there.
void set_text(data& object, const std::string& name, const std::string& text) {
  if (!text.empty()) object.set(name, unbroken(text));
}

data text_items(const std::vector<std::string>& items) {
  List list;
  for (const std::string& item : items) list.emplace_back(data("text", unbroken(item)));
  return data(list);
}

/// Sets name, and has_name where a list is not empty: mustache cannot ask a list for that.
void set_list(data& object, const std::string& name, const data& list, bool any) {
  object.set(name, list);
  object.set("has_" + name, data(any));
}

data cells(const std::vector<std::string>& row, std::size_t text_columns) {
  List list;
  for (std::size_t i = 0; i < row.size(); ++i) {
    data cell("text", unbroken(row[i]));
    cell.set("number", data(i >= text_columns));
    list.emplace_back(cell);
  }
  return data(list);
}

data table_data(const HtmlTable& table) {
  data object;
  set_text(object, "caption", table.title);
  object.set("narrow", data(table.narrow));
  set_text(object, "note", table.note);
  object.set("head", cells(table.head, table.text_columns));
  List rows;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    data row("cells", cells(table.rows[i], table.text_columns));
    row.set("total", data(table.total && i + 1 == table.rows.size()));
    row.set("emphasised", data(table.emphasised == i));
    rows.emplace_back(row);
  }
  object.set("rows", data(rows));
  return object;
}

class PageData {
 public:
  PageData(const HtmlPage& page, bool draws) : draws_(draws) {
    object_.set("kind", page.kind);
    object_.set("title", page.title);
    set_text(object_, "about", page.about);
    object_.set("answer", unbroken(page.answer));
    List figures;
    for (const HtmlFigure& figure : page.figures) {
      data item("label", figure.label);
      item.set("value", unbroken(figure.value));
      set_text(item, "note", figure.note);
      figures.emplace_back(item);
    }
    set_list(object_, "figures", data(figures), !page.figures.empty());
    List sections;
    for (const HtmlSection& section : page.sections) sections.emplace_back(section_data(section));
    object_.set("sections", data(sections));
    object_.set("origin", pairs(page.origin));
  }

  data& object() { return object_; }
  [[nodiscard]] const std::vector<HtmlChart>& charts() const { return charts_; }

 private:
  static data pairs(const std::vector<std::pair<std::string, std::string>>& rows) {
    List list;
    for (const auto& [label, value] : rows) {
      data item("label", label);
      item.set("value", unbroken(value));
      list.emplace_back(item);
    }
    return data(list);
  }

  data section_data(const HtmlSection& section) {
    data object;
    object.set("title", section.title);
    object.set("folded", data(section.folded));
    object.set("open", data(!section.folded));
    object.set("paragraphs", text_items(section.paragraphs));
    set_list(object, "facts", pairs(section.facts), !section.facts.empty());
    set_list(object, "items", text_items(section.items), !section.items.empty());
    List charts;
    for (const HtmlChart& chart : section.charts) {
      if (!draws_) break;
      data item("title", chart.title);
      set_text(item, "note", chart.note);
      item.set("index", std::to_string(charts_.size()));
      item.set("wide", data(chart.wide));
      item.set("tall", data(chart.horizontal && chart.labels.size() > 6));
      charts_.push_back(chart);
      charts.emplace_back(item);
    }
    const bool any = !charts.empty();
    set_list(object, "charts", data(charts), any);
    List tables;
    for (const HtmlTable& table : section.tables) tables.emplace_back(table_data(table));
    set_list(object, "tables", data(tables), !section.tables.empty());
    return object;
  }

  bool draws_;
  data object_;
  std::vector<HtmlChart> charts_;
};

}  // namespace

HtmlSettings html_settings(const std::filesystem::path& data_root, std::string version) {
  HtmlSettings settings{.version = std::move(version), .folder = data_root / "sim/report/html"};
  settings.library = settings.folder / "chart.min.js";
  std::error_code error;
  if (!std::filesystem::exists(settings.library, error)) settings.library = MICRODC_CHART_LIBRARY;
  return settings;
}

Result<std::string> html_text(const HtmlPage& page, const HtmlSettings& settings) {
  const auto form = content_of(settings.folder / "page.mustache");
  const auto style = content_of(settings.folder / "style.css");
  const auto drawing = content_of(settings.folder / "charts.js");
  Diagnostics findings = form.diagnostics();
  findings.append(style.diagnostics());
  findings.append(drawing.diagnostics());
  if (findings.has_errors()) return findings;

  const std::string library = inside_script(library_text(settings.library));
  PageData content(page, !library.empty());
  data& object = content.object();
  const std::string script = library + "\n" + inside_script(*drawing);
  object.set("version", settings.version);
  object.set("style", *style);
  object.set("script", script);
  object.set("script_allowed", allowed_by_digest(script));
  object.set("style_allowed", allowed_by_digest(*style));
  object.set("draws", data(!library.empty()));
  object.set("tables_only", data(library.empty()));
  object.set("chart_data", charts_json(content.charts()));

  mustache writer(*form);
  if (!writer.is_valid()) {
    return Diagnostic{.problem = Problem::internal,
                      .file = (settings.folder / "page.mustache").string(),
                      .message = writer.error_message()};
  }
  return writer.render(object);
}

}  // namespace microdc
