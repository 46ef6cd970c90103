#include "sim/planning/sensitivity/leaves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace microdc {
namespace {

/// Shows every number with its path to `look`, which may change it.
class LeafVisitor final : public FieldVisitor {
 public:
  using Look = std::function<void(ScenarioLeaf& leaf)>;
  LeafVisitor(const Look& look, std::string path, std::string item)
      : look_(look), path_(std::move(path)), item_(std::move(item)) {}

  void number(const FieldInfo& info, double& value) override {
    ScenarioLeaf leaf = leaf_of(info, value);
    look_(leaf);
    value = leaf.value;
  }
  void number(const FieldInfo& info, std::optional<double>& value) override {
    if (value) number(info, *value);
  }
  void integer(const FieldInfo& info, std::int64_t& value) override {
    ScenarioLeaf leaf = leaf_of(info, static_cast<double>(value));
    leaf.whole = true;
    look_(leaf);
    value = std::llround(leaf.value);
  }
  void integer(const FieldInfo& info, std::optional<std::int64_t>& value) override {
    if (value) integer(info, *value);
  }
  void ranged(const FieldInfo& info, std::optional<double>& value,
              std::optional<Range>& range) override {
    if (!value) return;
    ScenarioLeaf leaf = leaf_of(info, *value);
    leaf.range = range;
    look_(leaf);
    value = leaf.value;
    range = leaf.range;
  }
  void text(const FieldInfo& info, std::string& value) override {
    if (info.name == "name" && is_item_) item_ = value;
  }
  void nested(const FieldInfo& info, const Describe& describe_object, bool* present) override {
    if (present != nullptr && !*present) return;
    // Of an item's parts several may have a number of the same label: prompts and answers.
    LeafVisitor inner(look_, below(info),
                      item_.empty() ? item_ : fmt::format("{}, {}", item_, info.label));
    describe_object(inner);
  }
  void list(const FieldInfo& info, const ListAccess& items) override {
    for (std::size_t i = 0; i < items.size(); ++i) {
      LeafVisitor inner(look_, fmt::format("{}/{}", below(info), i), std::to_string(i));
      inner.is_item_ = true;
      items.describe_item(inner, i);
    }
  }

  void boolean(const FieldInfo&, bool&) override {}
  void texts(const FieldInfo&, std::vector<std::string>&) override {}
  void numbers(const FieldInfo&, std::vector<double>&) override {}
  void figure(const FieldInfo&, std::optional<Figure>&) override {}
  void choice(const FieldInfo&, const std::vector<std::string_view>&, int&) override {}

 private:
  [[nodiscard]] std::string below(const FieldInfo& info) const {
    return path_.empty() ? std::string(info.name) : fmt::format("{}/{}", path_, info.name);
  }
  [[nodiscard]] ScenarioLeaf leaf_of(const FieldInfo& info, double value) const {
    ScenarioLeaf leaf{.path = below(info),
                      .label = std::string(info.label),
                      .dimension = info.dimension,
                      .value = value,
                      .min = info.min,
                      .max = info.max,
                      .drawn = info.drawn};
    if (!item_.empty()) leaf.label += fmt::format(" ({})", item_);
    return leaf;
  }

  const Look& look_;
  std::string path_;
  std::string item_;
  bool is_item_ = false;
};

void visit(Scenario& scenario, const LeafVisitor::Look& look) {
  LeafVisitor visitor(look, "", "");
  describe(visitor, scenario);
}

}  // namespace

std::vector<ScenarioLeaf> numeric_leaves(const Scenario& scenario) {
  std::vector<ScenarioLeaf> leaves;
  Scenario copy = scenario;
  visit(copy, [&](ScenarioLeaf& leaf) { leaves.push_back(leaf); });
  return leaves;
}

bool set_leaf(Scenario& scenario, const std::string& path, double value) {
  bool found = false;
  visit(scenario, [&](ScenarioLeaf& leaf) {
    if (leaf.path != path) return;
    found = true;
    leaf.value = std::clamp(leaf.whole ? std::round(value) : value, leaf.min, leaf.max);
    leaf.range.reset();
  });
  return found;
}

bool fits(const std::string& path, const std::string& pattern) {
  std::size_t p = 0;
  std::size_t q = 0;
  while (true) {
    const std::size_t path_end = std::min(path.find('/', p), path.size());
    const std::size_t pattern_end = std::min(pattern.find('/', q), pattern.size());
    const std::string part = pattern.substr(q, pattern_end - q);
    if (part != "*" && part != path.substr(p, path_end - p)) return false;
    const bool path_done = path_end == path.size();
    if (path_done || pattern_end == pattern.size()) {
      return path_done && pattern_end == pattern.size();
    }
    p = path_end + 1;
    q = pattern_end + 1;
  }
}

}  // namespace microdc
