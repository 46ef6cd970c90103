#include "sim/scenario/currency.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace microdc {
namespace {

class CurrencyVisitor final : public FieldVisitor {
 public:
  struct Expected {
    const std::string& currency;
    const std::string& file;
  };

  CurrencyVisitor(const Json& object, Expected expected, std::string place, Diagnostics& findings)
      : object_(object), expected_(expected), place_(std::move(place)), findings_(findings) {}

  void number(const FieldInfo& info, double&) override { compare(info); }
  void number(const FieldInfo& info, std::optional<double>&) override { compare(info); }
  void integer(const FieldInfo&, std::int64_t&) override {}
  void integer(const FieldInfo&, std::optional<std::int64_t>&) override {}
  void boolean(const FieldInfo&, bool&) override {}
  void text(const FieldInfo&, std::string&) override {}
  void texts(const FieldInfo&, std::vector<std::string>&) override {}
  void numbers(const FieldInfo&, std::vector<double>&) override {}
  void figure(const FieldInfo&, std::optional<Figure>&) override {}
  void ranged(const FieldInfo& info, std::optional<double>&, std::optional<Range>&) override {
    compare(info);
    const auto at = object_.find(info.name);
    if (at == object_.end()) return;
    double value = 0;
    Range range;
    descend(*at, place_of(info), [&](FieldVisitor& v) { describe_ranged(v, info, value, range); });
  }
  void choice(const FieldInfo&, const std::vector<std::string_view>&, int&) override {}
  void nested(const FieldInfo& info, const Describe& describe_object, bool*) override {
    const auto at = object_.find(info.name);
    if (at != object_.end()) descend(*at, place_of(info), describe_object);
  }
  void list(const FieldInfo& info, const ListAccess& items) override {
    const auto at = object_.find(info.name);
    if (at == object_.end() || !at->is_array()) return;
    for (std::size_t i = 0; i < at->size(); ++i) {
      descend((*at)[i], fmt::format("{}/{}", place_of(info), i),
              [&](FieldVisitor& v) { items.describe_item(v, items.size()); });
    }
  }

  void descend(const Json& child, std::string place, const Describe& describe_object) {
    if (!child.is_object()) return;
    CurrencyVisitor visitor(child, expected_, std::move(place), findings_);
    describe_object(visitor);
  }

 private:
  [[nodiscard]] std::string place_of(const FieldInfo& info) const {
    return fmt::format("{}/{}", place_, info.name);
  }
  void compare(const FieldInfo& info) {
    const auto at = object_.find(info.name);
    if (at == object_.end() || !at->is_string()) return;
    const auto text = at->get<std::string>();
    const auto amount = parse_quantity(text, info.dimension);
    if (!amount || amount->currency.empty() || amount->currency == expected_.currency) return;
    findings_.add(
        {.file = expected_.file,
         .place = place_of(info),
         .message = "the currency differs from that of the scenario",
         .found = fmt::format("\"{}\"", text),
         .allowed = fmt::format("amounts in {} (/economics/currency)", expected_.currency),
         .fix = "convert the amount, or change the scenario's currency"});
  }

  const Json& object_;
  Expected expected_;
  std::string place_;
  Diagnostics& findings_;
};

}  // namespace

Diagnostics check_currency(const Json& document, const std::string& currency,
                           const std::string& file) {
  Diagnostics findings;
  Scenario blank;
  CurrencyVisitor visitor(document, {currency, file}, "", findings);
  if (document.is_object()) describe(visitor, blank);
  return findings;
}

}  // namespace microdc
