// Described structs as lines for people.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/provenance.hpp"
#include "sim/cli/catalogs/catalogs.hpp"
#include "sim/cli/findings_json.hpp"
#include "sim/cli/table.hpp"
#include "sim/report/text_layout.hpp"

namespace microdc::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

class ShowVisitor final : public FieldVisitor {
 public:
  ShowVisitor(Rows& rows, std::string prefix) : rows_(rows), prefix_(std::move(prefix)) {}

  void number(const FieldInfo& info, double& value) override { add(info, quantity(info, value)); }
  void number(const FieldInfo& info, std::optional<double>& value) override {
    if (value) add(info, quantity(info, *value));
  }
  void integer(const FieldInfo& info, std::int64_t& value) override {
    add(info, std::to_string(value));
  }
  void integer(const FieldInfo& info, std::optional<std::int64_t>& value) override {
    if (value) add(info, std::to_string(*value));
  }
  void boolean(const FieldInfo& info, bool& value) override { add(info, value ? "yes" : "no"); }
  void text(const FieldInfo& info, std::string& value) override {
    if (!value.empty()) add(info, value);
  }
  void texts(const FieldInfo& info, std::vector<std::string>& values) override {
    if (!values.empty()) add(info, join_names(values, values.size()));
  }
  void numbers(const FieldInfo& info, std::vector<double>& values) override {
    std::vector<std::string> items;
    for (const double value : values) items.push_back(quantity(info, value));
    if (!items.empty()) add(info, join_names(items, 8));
  }
  void figure(const FieldInfo& info, std::optional<Figure>& value) override {
    if (!value) {
      rows_.push_back({label(info), "no data"});
      return;
    }
    const auto amount = [&](double number) {
      return format_quantity(number, info.dimension, value->currency);
    };
    std::string text = amount(value->value);
    if (value->low && value->high) {
      text += fmt::format(" ({} to {})", amount(*value->low), amount(*value->high));
    }
    std::string source = value->source;
    if (!value->date.empty()) source += fmt::format(" ({})", value->date);
    rows_.push_back({label(info), std::move(text), std::string(name_of(value->kind)), source});
  }
  void ranged(const FieldInfo& info, std::optional<double>& value,
              std::optional<Range>& range) override {
    if (!value) return;
    std::string text = quantity(info, *value);
    if (range) {
      text += fmt::format(" ({} to {})", quantity(info, range->low), quantity(info, range->high));
    }
    add(info, std::move(text));
  }
  void choice(const FieldInfo& info, const std::vector<std::string_view>& names,
              int& index) override {
    add(info, std::string(names.at(static_cast<std::size_t>(index))));
  }
  void nested(const FieldInfo& info, const Describe& describe_object, bool* present) override {
    if (present != nullptr && !*present) return;
    ShowVisitor inner(rows_, label(info) + ": ");
    describe_object(inner);
  }
  void list(const FieldInfo& info, const ListAccess& items) override {
    for (std::size_t i = 0; i < items.size(); ++i) {
      ShowVisitor inner(rows_, fmt::format("{} {}: ", label(info), i + 1));
      items.describe_item(inner, i);
    }
  }

 private:
  [[nodiscard]] std::string label(const FieldInfo& info) const {
    return prefix_ + std::string(info.label);
  }
  static std::string quantity(const FieldInfo& info, double value) {
    return format_quantity(value, info.dimension);
  }
  void add(const FieldInfo& info, std::string value) {
    rows_.push_back({label(info), std::move(value)});
  }

  Rows& rows_;
  std::string prefix_;
};

}  // namespace

ShownItem show_fields(const FieldVisitor::Describe& describe_object) {
  Rows rows;
  ShowVisitor visitor(rows, "");
  describe_object(visitor);
  return {text_table(rows), json_text(write_fields(describe_object))};
}

ShownItem show_entry(const CatalogItem& item) {
  return {wrapped(fmt::format("{}: {}", item.name, item.description), "", 2),
          json_text({{"name", item.name}, {"description", item.description}})};
}

CatalogKind plain_kind(std::string_view name, std::string_view description,
                       std::function<std::vector<CatalogItem>(const Catalogs&)> list) {
  const auto show = [list](const Catalogs& catalogs,
                           const std::string& wanted) -> std::optional<ShownItem> {
    for (const CatalogItem& item : list(catalogs)) {
      if (item.name == wanted) return show_entry(item);
    }
    return std::nullopt;
  };
  return {name, description, list, show};
}

}  // namespace microdc::cli
