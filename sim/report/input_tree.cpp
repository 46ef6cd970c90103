#include "sim/report/input_tree.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "hwprofiles/base/quantity_text.hpp"
#include "sim/report/number_text.hpp"

namespace microdc {
namespace {

class TreeVisitor final : public FieldVisitor {
 public:
  explicit TreeVisitor(std::string_view currency) : currency_(currency) {}

  void number(const FieldInfo& info, double& value) override { put_number(info, value); }
  void number(const FieldInfo& info, std::optional<double>& value) override {
    if (value)
      put_number(info, *value);
    else
      put(info);
  }
  void integer(const FieldInfo& info, std::int64_t& value) override {
    InputNode& node = put(info);
    node.text = count_text(value);
    node.number = static_cast<double>(value);
  }
  void integer(const FieldInfo& info, std::optional<std::int64_t>& value) override {
    if (value)
      integer(info, *value);
    else
      put(info);
  }
  void boolean(const FieldInfo& info, bool& value) override {
    put(info).text = value ? "yes" : "no";
  }
  void text(const FieldInfo& info, std::string& value) override { put(info).text = value; }
  void texts(const FieldInfo& info, std::vector<std::string>& values) override {
    put(info).text = fmt::format("{}", fmt::join(values, ", "));
  }
  void numbers(const FieldInfo& info, std::vector<double>& values) override {
    std::vector<std::string> items;
    for (const double value : values) items.push_back(written(info, value, currency_));
    put(info).text = fmt::format("{}", fmt::join(items, ", "));
  }
  void figure(const FieldInfo& info, std::optional<Figure>& value) override {
    InputNode& node = put(info);
    if (!value) return;
    node.number = value->value;
    node.text = written(info, value->value, value->currency);
    if (value->low) node.low = written(info, *value->low, value->currency);
    if (value->high) node.high = written(info, *value->high, value->currency);
    node.provenance = value->kind;
    node.source = value->source;
    node.date = value->date;
  }
  void ranged(const FieldInfo& info, std::optional<double>& value,
              std::optional<Range>& range) override {
    number(info, value);
    if (!range) return;
    nodes_.back().low = written(info, range->low, currency_);
    nodes_.back().high = written(info, range->high, currency_);
  }
  void choice(const FieldInfo& info, const std::vector<std::string_view>& names,
              int& index) override {
    put(info).text = names.at(static_cast<std::size_t>(index));
  }
  void nested(const FieldInfo& info, const Describe& describe_object, bool* present) override {
    InputNode& node = put(info);
    node.kind = InputNode::Kind::object;
    if (present == nullptr || *present) node.children = below(describe_object);
  }
  void list(const FieldInfo& info, const ListAccess& items) override {
    InputNode node{.kind = InputNode::Kind::list,
                   .key = std::string(info.name),
                   .label = std::string(info.label)};
    for (std::size_t i = 0; i < items.size(); ++i) {
      InputNode item{.kind = InputNode::Kind::object, .key = std::to_string(i)};
      item.children = below([&](FieldVisitor& v) { items.describe_item(v, i); });
      const InputNode* name = item.child("name");
      if (name != nullptr && !name->text.empty()) item.key = name->text;
      node.children.push_back(std::move(item));
    }
    nodes_.push_back(std::move(node));
  }

  std::vector<InputNode> take() { return std::move(nodes_); }

 private:
  static std::string written(const FieldInfo& info, double value, std::string_view currency) {
    if (info.dimension == Dimension::none) return fmt::format("{:.10g}", value);
    return format_quantity(value, info.dimension, currency);
  }
  InputNode& put(const FieldInfo& info) {
    nodes_.push_back({.key = std::string(info.name), .label = std::string(info.label)});
    return nodes_.back();
  }
  void put_number(const FieldInfo& info, double value) {
    InputNode& node = put(info);
    node.text = written(info, value, currency_);
    node.number = value;
  }
  [[nodiscard]] std::vector<InputNode> below(const Describe& describe_object) const {
    TreeVisitor visitor(currency_);
    describe_object(visitor);
    return visitor.take();
  }

  std::string_view currency_;
  std::vector<InputNode> nodes_;
};

}  // namespace

const InputNode* InputNode::child(std::string_view wanted) const {
  const auto at = std::find_if(children.begin(), children.end(),
                               [&](const InputNode& node) { return node.key == wanted; });
  return at == children.end() ? nullptr : &*at;
}

InputNode input_tree(const FieldVisitor::Describe& describe_object, std::string_view currency) {
  InputNode root{.kind = InputNode::Kind::object};
  TreeVisitor visitor(currency);
  describe_object(visitor);
  root.children = visitor.take();
  return root;
}

}  // namespace microdc
