// What the answer says about documents that were looked up.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/report/html/simulation_page.hpp"
#include "sim/report/json.hpp"
#include "sim/report/table.hpp"
#include "support.hpp"

namespace microdc {
namespace {

/// 10 lookups of 4, 2 and 0 ms on two devices in 100 s, of which each waited for 1 ms.
Report with_lookups() {
  Report report = testing::made_up_report();
  KnowledgeBaseResult base;
  base.name = "guidelines";
  base.device = "epyc-9354";
  base.server_group = "servers";
  base.devices = 2;
  base.embedding = "bge-m3";
  base.index = "flat";
  base.index_memory = Bytes(1e9);
  base.model_memory = Bytes(1e9);
  base.lookups = 10;
  base.chunk_tokens = 12800;
  base.busy = 60'000'000;
  for (int i = 0; i < 10; ++i) {
    base.stages[0].add(4'000'000);
    base.stages[1].add(2'000'000);
    base.wait.add(1'000'000);
    base.total.add(7'000'000);
  }
  report.result.knowledge_bases = {base};
  return report;
}

TEST(ResultJson, SaysHowLongDocumentsWereLookedUp) {
  const OrderedJson json = result_json(with_lookups());
  const OrderedJson& base = json["retrieval"]["knowledge_bases"][0];
  EXPECT_EQ(base["name"], "guidelines");
  EXPECT_EQ(base["lookups"], 10);
  EXPECT_TRUE(base["reranker"].is_null());
  EXPECT_NEAR(base["busy_share"].get<double>(), 0.06 / 200, 1e-12);
  EXPECT_NEAR(base["total_s"]["mean"].get<double>(), 0.007, 1e-12);
  EXPECT_NEAR(base["search_s"]["mean"].get<double>(), 0.002, 1e-12);
  EXPECT_TRUE(base["reranking_s"]["mean"].is_null());
  EXPECT_TRUE(base["total_s"]["p99"].is_null());  // of ten
}

TEST(ResultJson, HasNoRetrievalWhereNothingCouldBeLookedUp) {
  EXPECT_FALSE(result_json(testing::made_up_report()).contains("retrieval"));
}

TEST(ResultText, ShowsTheStagesOfALookup) {
  const std::string text = result_text(with_lookups());
  EXPECT_NE(text.find("guidelines: 10 lookups on 2 x epyc-9354"), std::string::npos) << text;
  EXPECT_NE(text.find("gateway, documents, HTTP"), std::string::npos) << text;
  EXPECT_NE(text.find("searching the index"), std::string::npos) << text;
  EXPECT_EQ(text.find("reranking"), std::string::npos) << text;
}

TEST(SimulationPageOfLookups, ShowsThem) {
  const HardwareCatalog hardware;
  const ProfileStore profiles;
  const EconomicsCatalog prices;
  const HtmlPage page = simulation_page(with_lookups(), {hardware, profiles, prices}, {});
  const HtmlTable& table = page.sections.at(0).tables.at(1);
  EXPECT_EQ(table.head[0], "Looking documents up");
  EXPECT_EQ(table.rows.at(0).at(1), "7.00 ms");
  EXPECT_NE(table.note.find("10 lookups on 2 x epyc-9354"), std::string::npos) << table.note;
}

TEST(ResultText, WarnsOfLookupsBesideAModel) {
  Report report = with_lookups();
  EXPECT_EQ(result_text(report).find("beside a model"), std::string::npos);
  report.result.knowledge_bases[0].beside_model = true;
  EXPECT_NE(result_text(report).find("beside a model"), std::string::npos);
}

}  // namespace
}  // namespace microdc
