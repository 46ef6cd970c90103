// The report for a browser: complete in itself, and nothing that it shows is taken for markup.
#include "sim/report/html/page.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>

#include "hwprofiles/base/json_io.hpp"
#include "sim/economics/levelised.hpp"
#include "sim/report/html/chart_json.hpp"
#include "sim/report/html/simulation_page.hpp"
#include "sim/report/input_tree.hpp"
#include "sim/report/number_text.hpp"
#include "support.hpp"

namespace microdc {
namespace {

using testing::made_up_report;
using testing::TemporaryFolder;

const std::string evil = "</script><script>alert(1)</script>\"'&<img src=http://x.test/a>";

HtmlSettings settings() { return html_settings(data_root(), "0.0.0"); }

/// Settings with a stand-in for Chart.js.
HtmlSettings with_library(const TemporaryFolder& folder) {
  HtmlSettings own = settings();
  own.library = folder.path() / "chart.js";
  testing::write_text(own.library, "const text = '</script>';");
  return own;
}

HtmlPage evil_page() {
  HtmlPage page{.kind = evil, .title = evil, .about = evil, .answer = evil};
  page.figures = {{evil, evil, evil}};
  HtmlSection section{.title = evil, .paragraphs = {evil}, .facts = {{evil, evil}}};
  section.charts = {{.title = evil, .note = evil, .labels = {evil}}};
  section.charts[0].series = {{.name = evil, .values = {1.0}}};
  section.tables = {{.title = evil, .head = {evil}, .rows = {{evil}}, .note = evil}};
  section.items = {evil};
  page.sections = {section, section};
  page.sections[1].folded = true;
  page.origin = {{evil, evil}};
  return page;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) {
    ++count;
  }
  return count;
}

std::string written(const HtmlPage& page, const HtmlSettings& own) {
  const auto text = html_text(page, own);
  EXPECT_TRUE(text) << to_text(text.diagnostics());
  return text ? *text : std::string();
}

TEST(Html, EscapesEverything) {
  const TemporaryFolder folder;
  const std::string text = written(evil_page(), with_library(folder));
  EXPECT_EQ(text.find("<script>alert"), std::string::npos);
  EXPECT_EQ(text.find("<img"), std::string::npos);
  // The page's own script and the charts' data, and their ends: no text made another.
  EXPECT_EQ(count_of(text, "<script"), 2u);
  EXPECT_EQ(count_of(text, "</script"), 2u);
  // Head and header show 6 texts, the figure 3, each section 12, the origin 2; all are there.
  EXPECT_EQ(count_of(text, "&lt;img src"), 6u + 3 + 2 * 12 + 2);
}

TEST(Html, NeedsNoNetwork) {
  const std::string text = written(evil_page(), settings());
  EXPECT_NE(text.find("default-src 'none'"), std::string::npos);
  const std::regex reference(R"((src|href)\s*=\s*"(?!data:))");
  const std::string own = text.substr(0, text.find("<script>"));
  EXPECT_FALSE(std::regex_search(own, reference));
  EXPECT_EQ(own.find("url("), std::string::npos);
  EXPECT_EQ(own.find("@import"), std::string::npos);
}

TEST(Html, AllowsOnlyItsOwnScriptAndStyle) {
  const TemporaryFolder folder;
  const std::string text = written(evil_page(), with_library(folder));
  const std::regex policy(
      R"(script-src 'sha256-[A-Za-z0-9+/]{43}='; style-src 'sha256-[A-Za-z0-9+/]{43}=')");
  EXPECT_TRUE(std::regex_search(text, policy));
  EXPECT_EQ(text.find("unsafe-inline"), std::string::npos);
}

TEST(Html, SaysThatChartsAreMissing) {
  HtmlSettings without = settings();
  without.library = "/nowhere/chart.js";
  const std::string text = written(evil_page(), without);
  EXPECT_NE(text.find("tables only"), std::string::npos);
  EXPECT_EQ(text.find("<canvas"), std::string::npos);
  EXPECT_EQ(text.find("<script"), std::string::npos);
  EXPECT_NE(text.find("<table"), std::string::npos);
  const TemporaryFolder folder;
  EXPECT_EQ(written(evil_page(), with_library(folder)).find("tables only"), std::string::npos);
}

TEST(Html, TemplatesThatCannotBeReadAreAllNamed) {
  const TemporaryFolder folder;
  HtmlSettings own = settings();
  own.folder = folder.path();
  const auto text = html_text(evil_page(), own);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.diagnostics().items().size(), 3u);
  testing::write_text(folder.path() / "page.mustache", "{{#open}} never closed");
  testing::write_text(folder.path() / "style.css", "p {}");
  testing::write_text(folder.path() / "charts.js", "1;");
  const auto malformed = html_text(evil_page(), own);
  ASSERT_FALSE(malformed);
  EXPECT_EQ(malformed.diagnostics().items().front().file,
            (folder.path() / "page.mustache").string());
}

TEST(Html, ChartDataAreJsonThatNoTextCanEnd) {
  const std::string text = charts_json(evil_page().sections[0].charts);
  EXPECT_EQ(text.find_first_of("<>&"), std::string::npos);
  const Json json = Json::parse(text);
  EXPECT_EQ(json[0]["labels"][0], evil);
  EXPECT_EQ(json[0]["series"][0]["values"][0], 1.0);
}

TEST(Html, NumbersThatAreNoneAreLeftOut) {
  HtmlChart chart{.kind = HtmlChart::Kind::curves};
  chart.series = {{.name = "a", .values = {std::nan(""), std::nullopt, 2.0}}};
  chart.series[0].points = {{1, INFINITY, ""}, {1, 2, ""}};
  const Json json = Json::parse(charts_json({chart}));
  EXPECT_TRUE(json[0]["series"][0]["values"][0].is_null());
  EXPECT_TRUE(json[0]["series"][0]["values"][1].is_null());
  EXPECT_EQ(json[0]["series"][0]["points"].size(), 1u);
}

class SimulationPage : public ::testing::Test {
 protected:
  HtmlPage page(const Report& report, const std::filesystem::path& timeline = {}) const {
    return simulation_page(report, {hardware_, profiles_, prices_}, timeline);
  }
  static const HtmlSection* section(const HtmlPage& page, const std::string& title) {
    for (const HtmlSection& item : page.sections) {
      if (item.title == title) return &item;
    }
    return nullptr;
  }

  HardwareCatalog hardware_;
  ProfileStore profiles_;
  EconomicsCatalog prices_;
};

TEST_F(SimulationPage, TellsAnswerPartsAndOrigin) {
  const HtmlPage own = page(made_up_report());
  EXPECT_NE(own.answer.find("200 of 200 requests"), std::string::npos);
  EXPECT_NE(own.answer.find("95.0 % meet every target"), std::string::npos);
  const HtmlSection* parts = section(own, "Bill of materials");
  ASSERT_NE(parts, nullptr);
  const HtmlTable& table = parts->tables.at(0);
  EXPECT_EQ(table.rows.back(), (std::vector<std::string>{"Purchase", "", "", "", "", "12,000.00"}));
  EXPECT_EQ(table.rows[0][1], "market: a shop");
  EXPECT_EQ(table.rows[1][1], "quote: a vendor");
  EXPECT_EQ(own.origin[0].second, "7");
  EXPECT_EQ(own.origin[1].second, "abc");
}

TEST_F(SimulationPage, TellsAnOverloadFirst) {
  Report report = made_up_report();
  EXPECT_TRUE(page(report).answer.starts_with("The rack answers"));
  report.result.latency.queue = {};
  for (int i = 0; i < 200; ++i) report.result.latency.queue.add(1'500'000'000);  // of 2 s
  report.result.counts.within_slo = 100;
  const std::string answer = page(report).answer;
  EXPECT_TRUE(answer.starts_with("OVERLOADED")) << answer;
  EXPECT_NE(answer.find("50.0 % meet every target; 95 % are needed."), std::string::npos) << answer;
}

TEST_F(SimulationPage, PartsOfTheFirstTokenAreAllThere) {
  Report report = made_up_report();
  report.scenario.slo.tpot = Seconds(0.1);
  const HtmlPage own = page(report);
  const HtmlTable& table = section(own, "What people will notice")->tables.at(0);
  std::vector<std::string> means;  // 250 = 50 + 0 + 200 ms
  for (std::size_t i = 0; i < 4; ++i) means.push_back(table.rows.at(i)[1]);
  EXPECT_EQ(means, (std::vector<std::string>{"250 ms", "50.0 ms", "0 s", "200 ms"}));
  EXPECT_NE(own.figures.at(2).note.find("a token, on average over an answer, within 100 ms"),
            std::string::npos);
}

TEST_F(SimulationPage, CostsAddUpToTheYear) {
  const Report report = made_up_report();
  const HtmlPage own = page(report);
  const HtmlTable& table = section(own, "What it costs")->tables.at(0);
  EXPECT_EQ(table.rows.back()[1],
            cents_text(Cents::rounded(report.economics.ownership->totals.per_year).hundredths()));
}

TEST_F(SimulationPage, ShowsPowerOnlyWithATimeline) {
  const TemporaryFolder folder;
  testing::write_text(folder.path() / "timeline.csv",
                      "time_s,running,it_w\n0,0,500\n3600,1,900\n7200,0,400\n");
  const auto titles = [](const HtmlPage& own) {
    std::vector<std::string> list;
    for (const HtmlChart& chart : own.sections[0].charts) list.push_back(chart.title);
    return list;
  };
  EXPECT_EQ(titles(page(made_up_report()))[1], "How busy the replicas are");
  EXPECT_EQ(titles(page(made_up_report(), folder.path() / "none.csv"))[1],
            "How busy the replicas are");
  const HtmlPage own = page(made_up_report(), folder.path() / "timeline.csv");
  ASSERT_EQ(titles(own)[1], "Power over the day");
  const auto& points = own.sections[0].charts[1].series[0].points;
  ASSERT_EQ(points.size(), 3u);
  EXPECT_DOUBLE_EQ(points[1].x, 1);
  EXPECT_DOUBLE_EQ(points[1].y, 0.9);
}

TEST(Levelised, KindsAddUpToTheYearToTheCent) {
  for (int i = 1; i < 200; ++i) {
    PurchaseTerms terms{.equipment = 1000.0 * i + 0.37, .discount_rate = 0.01 * (i % 9)};
    terms.residual_share = 0.1;
    const YearOfUse use{.energy = 33.333 * i, .staff = 7777.77 / i, .cloud = 0.01 * i};
    const Ownership own = ownership(terms, {&use, 1});
    Cents sum;
    for (const Cents cost : levelised_by_kind(own)) sum += cost;
    EXPECT_EQ(sum, Cents::rounded(own.totals.per_year)) << i;
  }
}

TEST(InputTree, TellsValuesRangesAndSources) {
  Accelerator device{.name = "gpu", .label = "A GPU"};
  device.tdp = Figure{.value = 350, .low = 300, .high = 400, .source = "sheet", .date = "2025"};
  const InputNode tree = input_tree(describing(device));
  const InputNode* tdp = tree.child("tdp");
  ASSERT_NE(tdp, nullptr);
  EXPECT_EQ(tdp->text, "350 W");
  EXPECT_EQ(tdp->low, "300 W");
  EXPECT_EQ(tdp->high, "400 W");
  EXPECT_EQ(tdp->source, "sheet");
  EXPECT_EQ(tdp->provenance, Provenance::assumed);
  EXPECT_EQ(tree.child("price")->text, "");
}

TEST(HtmlParts, ARangeHoldsItsPrice) {
  PartsList list;
  list.parts = {{.label = "CPU",
                 .quantity = 1,
                 .unit_price = Cents(300'960),
                 .price = Cents(300'960),
                 .low = Cents(193'600),
                 .high = Cents(300'960)}};
  const HtmlTable table = parts_table(list, {});
  EXPECT_EQ(table.rows[0][3], "3,009.60");
  EXPECT_EQ(table.rows[0][4], "1,936 to 3,010");
}

TEST(HtmlParts, ThisRackStandsBesideItsAlternatives) {
  const HtmlTable table = elsewhere_table({}, "EUR");
  EXPECT_EQ(table.head[2], "EUR a year");
  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_EQ(table.rows[0][0], "this rack");
  EXPECT_EQ(table.rows[0][2], "not known");
  const HtmlTable known = elsewhere_table(testing::made_up_report().economics, "EUR");
  EXPECT_EQ(known.rows[0][0], "this rack");
  EXPECT_EQ(known.rows[0][3], "4,000");
}

}  // namespace
}  // namespace microdc
