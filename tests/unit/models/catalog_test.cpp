#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "models/model_card.hpp"

namespace microdc {
namespace {

const ModelCatalog& catalog() {
  static const Result<ModelCatalog> loaded = ModelCatalog::load(data_root() / "models/catalog");
  if (!loaded) ADD_FAILURE() << to_text(loaded.diagnostics());
  static const ModelCatalog empty;
  return loaded ? *loaded : empty;
}

TEST(ModelCatalog, EveryCardHasASourceAndAPublishedCount) {
  EXPECT_GE(catalog().cards().size(), 40u);
  for (const auto& [name, card] : catalog().cards()) {
    EXPECT_FALSE(card.source.empty()) << name;
    EXPECT_FALSE(card.label.empty()) << name;
    EXPECT_TRUE(card.published_parameters) << name;
  }
}

TEST(ModelCatalog, CountsAgreeWithPublishedWithinOnePercent) {
  for (const auto& [name, card] : catalog().cards()) {
    ASSERT_TRUE(card.published_parameters) << name;
    EXPECT_NEAR(parameter_count(card) / *card.published_parameters, 1, 0.01) << name;
  }
}

/// Publishers differ in whether they count the embedding table, so a published figure must lie
/// between both ways of counting.
TEST(ModelCatalog, ActiveCountsAgreeWithPublishedWithinOnePercent) {
  int checked = 0;
  for (const auto& [name, card] : catalog().cards()) {
    if (!card.published_active_parameters) continue;
    ++checked;
    const double with_table = active_parameter_count(card);
    EXPECT_LE(*card.published_active_parameters, with_table * 1.01) << name;
    EXPECT_GE(*card.published_active_parameters,
              (with_table - embedding_parameter_count(card)) * 0.99)
        << name;
  }
  EXPECT_GE(checked, 10);
}

TEST(ModelCatalog, DenseModelsUseAllParameters) {
  const ModelCard* card = catalog().find("llama-3.1-8b");
  ASSERT_NE(card, nullptr);
  EXPECT_DOUBLE_EQ(parameter_count(*card), 8030261248.0);
  EXPECT_DOUBLE_EQ(active_parameter_count(*card), parameter_count(*card));
}

TEST(ModelCatalog, FindsNamesAndAliasesInAnySpelling) {
  const auto name_of_card = [](std::string_view name) -> std::string {
    const ModelCard* card = catalog().find(name);
    return card == nullptr ? "" : card->name;
  };
  EXPECT_EQ(name_of_card("Llama-3.1-8B"), "llama-3.1-8b");
  EXPECT_EQ(name_of_card("meta-llama/Llama-3.1-8B-Instruct"), "llama-3.1-8b");
  EXPECT_EQ(name_of_card("llama 3.1 8b instruct"), "llama-3.1-8b");
  EXPECT_EQ(name_of_card("Llama-3.3-70B"), "llama-3.1-70b");
  EXPECT_EQ(name_of_card("DeepSeek-R1"), "deepseek-v3");
  EXPECT_EQ(name_of_card("nvidia/DeepSeek-R1-NVFP4"), "deepseek-v3-nvfp4");
  EXPECT_EQ(name_of_card("Qwen/Qwen3-235B-A22B-Instruct-2507-FP8"), "qwen3-235b-a22b-2507-fp8");
  EXPECT_EQ(name_of_card("somewhere-else/gpt-oss-20b"), "gpt-oss-20b");
  EXPECT_EQ(name_of_card("no-such-model"), "");
  EXPECT_EQ(name_of_card(""), "");
  EXPECT_EQ(name_of_card("/"), "");
}

class CatalogFolder : public testing::Test {
 protected:
  CatalogFolder()
      : folder_(std::filesystem::path(testing::TempDir()) /
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~CatalogFolder() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  void write(const std::filesystem::path& name, const std::string& text) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  static std::string card_text(const std::string& name, const std::string& more = "") {
    return R"({"name": ")" + name + R"(", "source": "test", "layers": 2, "hidden": 64,
        "intermediate": 128, "vocabulary": 100, "heads": 4, "kv_heads": 2, "head_dim": 16,
        "max_context": 512)" +
           more + "}";
  }
  std::filesystem::path folder_;
};

TEST_F(CatalogFolder, ReportsMistakesOfAllFiles) {
  write("a.json", card_text("a", R"(, "hiden": 3)"));
  write("b.json", R"({"name": "b"})");
  write("c.json", card_text("c", R"(, "moe": {"experts": 4, "top_k": 8, "intermediate": 8})"));
  const auto loaded = ModelCatalog::load(folder_);
  ASSERT_FALSE(loaded);
  const std::string text = to_text(loaded.diagnostics());
  EXPECT_NE(text.find("/hiden"), std::string::npos) << text;
  EXPECT_NE(text.find("\"layers\" is missing"), std::string::npos) << text;
  EXPECT_NE(text.find("/moe/top_k"), std::string::npos) << text;
}

TEST_F(CatalogFolder, TwoCardsMayNotClaimOneName) {
  write("a.json", card_text("a", R"(, "aliases": ["org/Shared-Name"])"));
  write("b.json", card_text("b", R"(, "aliases": ["org/shared_name"])"));
  const auto loaded = ModelCatalog::load(folder_);
  ASSERT_FALSE(loaded);
  EXPECT_NE(to_text(loaded.diagnostics()).find("claim the same name"), std::string::npos);
}

TEST_F(CatalogFolder, AbsentFolderIsAnError) {
  EXPECT_FALSE(ModelCatalog::load(folder_ / "absent"));
}

TEST_F(CatalogFolder, HuggingFaceFilesAndFoldersOverrideCards) {
  const std::string config = R"({"model_type": "llama", "num_hidden_layers": 7, "hidden_size": 64,
      "num_attention_heads": 4, "intermediate_size": 96, "vocab_size": 100,
      "max_position_embeddings": 512})";
  write("cards/tiny.json", card_text("tiny", R"(, "aliases": ["org/Tiny", "org/Tiny-Chat"])"));
  write("cards/base.json", card_text("base", R"(, "aliases": ["other/Small"])"));
  write("hf/org--Tiny.json", config);
  write("hf/other/Small/config.json", config);
  write("hf/org--Broken.json", R"({"model_type": "llama"})");
  auto loaded = ModelCatalog::load(folder_ / "cards");
  ASSERT_TRUE(loaded) << to_text(loaded.diagnostics());
  EXPECT_EQ(loaded->find("tiny")->layers, 2);
  const Diagnostics findings = loaded->add_hugging_face_folder(folder_ / "hf");
  EXPECT_TRUE(findings.has_errors());
  EXPECT_EQ(loaded->find("org/Tiny")->layers, 7);
  EXPECT_EQ(loaded->find("Tiny-Chat")->layers, 7);
  EXPECT_EQ(loaded->find("other/Small")->layers, 7);
  EXPECT_EQ(loaded->find("Broken"), nullptr);
}

/// The published configs, where they are at hand: all import, and give the shapes of the cards.
TEST(PublishedConfigs, ImportToTheShapesOfTheCatalog) {
  const char* data = std::getenv("MICRODC_DATA");
  if (data == nullptr) GTEST_SKIP() << "MICRODC_DATA is not set";
  ModelCatalog imported;
  const Diagnostics findings =
      imported.add_hugging_face_folder(std::filesystem::path(data) / "hf-configs");
  EXPECT_FALSE(findings.has_errors()) << to_text(findings);
  EXPECT_GE(imported.cards().size(), 16u);
  for (const auto& [name, card] : imported.cards()) {
    const ModelCard* known = catalog().find(card.aliases.front());
    ASSERT_NE(known, nullptr) << name;
    EXPECT_EQ(parameter_count(card), parameter_count(*known)) << name;
    EXPECT_EQ(active_parameter_count(card), active_parameter_count(*known)) << name;
    EXPECT_EQ(card.kv_heads, known->kv_heads) << name;
    EXPECT_EQ(card.head_dim, known->head_dim) << name;
    EXPECT_EQ(card.max_context, known->max_context) << name;
    EXPECT_EQ(name_of(card.native_format), name_of(known->native_format)) << name;
    EXPECT_EQ(card.fp4_keeps_attention, known->fp4_keeps_attention) << name;
    ASSERT_EQ(card.window.has_value(), known->window.has_value()) << name;
    if (card.window) {
      EXPECT_EQ(card.window->tokens, known->window->tokens) << name;
      EXPECT_EQ(card.window->layers, known->window->layers) << name;
      EXPECT_EQ(card.window->chunked, known->window->chunked) << name;
    }
  }
}

}  // namespace
}  // namespace microdc
