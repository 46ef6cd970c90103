// One metadata record per variable. A struct that is read from JSON describes each of its leaves
// once, in its `describe` function; parser, range check, writer, JSON Schema, help, and later the
// GUI form and the tornado all are visitors of that one description.
//
//   struct Site { std::string name; double pue = 1.5; };
//   void describe(FieldVisitor& v, Site& site) {
//     v.text({.name = "name", .label = "Site", .required = true}, site.name);
//     v.number({.name = "pue", .label = "PUE", .help = "…", .min = 1, .max = 5}, site.pue);
//   }
// The default of a field is the value that the struct's member initialiser gives it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hwprofiles/base/quantity_text.hpp"
#include "hwprofiles/base/units.hpp"

namespace microdc {

struct FieldInfo {
  std::string_view name;   ///< key in the JSON object
  std::string_view label;  ///< a few words for a form or a table
  std::string_view help = "";
  Dimension dimension = Dimension::none;
  double min = -std::numeric_limits<double>::infinity();  ///< in base units, inclusive
  double max = std::numeric_limits<double>::infinity();   ///< in base units, inclusive
  bool required = false;
  std::string_view group = "";
  /// Names that a text field may hold (a catalog or a registry); empty function: any text.
  std::function<std::vector<std::string>()> choices = {};
  /// Replications with --samples draw it from its range (laws/figure_draw.hpp), if it has one.
  bool drawn = false;
};

/// Where a number may lie [base units of its field].
struct Range {
  double low = 0;
  double high = 0;
  bool operator==(const Range&) const = default;
};

/// Where a number comes from. `measured` on real hardware by us or a cited party; `fitted` to
/// measurements; `datasheet` of the vendor; `market` price; `derived` by formula from others;
/// `assumed` with a range.
enum class Provenance { measured, fitted, datasheet, market, derived, assumed };

/// A number with its origin: what the catalogs hold.
struct Figure {
  double value = 0;            ///< in base units of the field's dimension
  std::optional<double> low;   ///< plausible range, same unit
  std::optional<double> high;
  Provenance kind = Provenance::assumed;
  std::string source;          ///< who says so
  std::string date;            ///< "2026", "2025-11" or empty
  std::string currency;        ///< for money
};

class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;

  virtual void number(const FieldInfo& info, double& value) = 0;
  virtual void number(const FieldInfo& info, std::optional<double>& value) = 0;
  virtual void integer(const FieldInfo& info, std::int64_t& value) = 0;
  virtual void integer(const FieldInfo& info, std::optional<std::int64_t>& value) = 0;
  virtual void boolean(const FieldInfo& info, bool& value) = 0;
  virtual void text(const FieldInfo& info, std::string& value) = 0;
  virtual void texts(const FieldInfo& info, std::vector<std::string>& values) = 0;
  virtual void numbers(const FieldInfo& info, std::vector<double>& values) = 0;
  virtual void figure(const FieldInfo& info, std::optional<Figure>& value) = 0;
  /// A number of the user's own, plain or with the range in which it may lie: "0.21 EUR/kWh" or
  /// {"value": "0.21 EUR/kWh", "low": "0.17 EUR/kWh", "high": "0.25 EUR/kWh"}. An empty value has
  /// no default. Visitors of no interest in ranges leave it as it is.
  virtual void ranged(const FieldInfo& info, std::optional<double>& value,
                      std::optional<Range>& range) = 0;
  /// One of `names`; `index` is its position.
  virtual void choice(const FieldInfo& info, const std::vector<std::string_view>& names,
                      int& index) = 0;

  using Describe = std::function<void(FieldVisitor&)>;
  /// A nested object; `present` is null for one that always exists, otherwise it tells (and is told)
  /// whether the object is there.
  virtual void nested(const FieldInfo& info, const Describe& describe_object, bool* present) = 0;

  /// Access to a vector of described structs without knowing its type.
  struct ListAccess {
    std::function<std::size_t()> size;
    std::function<void(std::size_t)> resize;
    std::function<void(FieldVisitor&, std::size_t)> describe_item;
  };
  virtual void list(const FieldInfo& info, const ListAccess& items) = 0;

  // Typed conveniences over the functions above.

  template <int T, int D, int W, int E, int M>
  void number(const FieldInfo& info, Quantity<T, D, W, E, M>& value) {
    double plain = value.value();
    number(info, plain);
    value = Quantity<T, D, W, E, M>(plain);
  }
  template <int T, int D, int W, int E, int M>
  void number(const FieldInfo& info, std::optional<Quantity<T, D, W, E, M>>& value) {
    std::optional<double> plain;
    if (value) plain = value->value();
    number(info, plain);
    value.reset();
    if (plain) value = Quantity<T, D, W, E, M>(*plain);
  }
  void ranged(const FieldInfo& info, double& value, std::optional<Range>& range) {
    std::optional<double> plain = value;
    ranged(info, plain, range);
    if (plain) value = *plain;
  }
  template <int T, int D, int W, int E, int M>
  void ranged(const FieldInfo& info, std::optional<Quantity<T, D, W, E, M>>& value,
              std::optional<Range>& range) {
    std::optional<double> plain;
    if (value) plain = value->value();
    ranged(info, plain, range);
    value.reset();
    if (plain) value = Quantity<T, D, W, E, M>(*plain);
  }
  template <class Enum>
  void choice(const FieldInfo& info, const std::vector<std::string_view>& names, Enum& value) {
    int index = static_cast<int>(value);
    choice(info, names, index);
    value = static_cast<Enum>(index);
  }
  template <class T>
  void object(const FieldInfo& info, T& value) {
    nested(info, [&value](FieldVisitor& v) { describe(v, value); }, nullptr);
  }
  template <class T>
  void object(const FieldInfo& info, std::optional<T>& value) {
    bool present = value.has_value();
    T item = value.value_or(T{});
    nested(info, [&item](FieldVisitor& v) { describe(v, item); }, &present);
    if (present) value.emplace(std::move(item));
    else value.reset();
  }
  template <class T>
  void objects(const FieldInfo& info, std::vector<T>& items) {
    list(info, {.size = [&items] { return items.size(); },
                .resize = [&items](std::size_t n) { items.resize(n); },
                .describe_item =
                    [&items](FieldVisitor& v, std::size_t i) {
                      // The schema visitor asks for item 0 of an empty list to learn its shape.
                      if (i < items.size()) return describe(v, items[i]);
                      T blank{};
                      describe(v, blank);
                    }});
  }
};

/// The members of a ranged number that comes with its range: "value", "low", "high".
inline void describe_ranged(FieldVisitor& v, const FieldInfo& info, double& value, Range& range) {
  FieldInfo part = info;
  part.required = true;
  const auto describe_part = [&](std::string_view name, std::string_view label, double& number) {
    part.name = name;
    part.label = label;
    v.number(part, number);
  };
  describe_part("value", "Best estimate", value);
  describe_part("low", "Low end of its range", range.low);
  describe_part("high", "High end of its range", range.high);
}

/// A struct with a `describe(FieldVisitor&, T&)` function.
template <class T>
concept Described = requires(FieldVisitor& visitor, T& value) { describe(visitor, value); };

/// The description of a copy of `value`, for visitors that only look.
template <Described T>
FieldVisitor::Describe describing(T value) {
  return [value = std::move(value)](FieldVisitor& visitor) mutable { describe(visitor, value); };
}

}  // namespace microdc
