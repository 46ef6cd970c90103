// Reading described structs from JSON.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/provenance.hpp"

namespace microdc {
namespace {

constexpr std::size_t max_list_items = 1u << 20;

/// A value as it would stand in the file, cut to a readable length.
std::string excerpt(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 60) {
    text.resize(57);
    text += "...";
  }
  return text;
}

std::string json_pointer_token(std::string_view key) {
  std::string token;
  for (const char c : key) {
    if (c == '~') token += "~0";
    else if (c == '/') token += "~1";
    else token += c;
  }
  return token;
}

std::string range_text(const FieldInfo& info) {
  const auto bound = [&](double value) { return format_quantity(value, info.dimension); };
  if (std::isfinite(info.min) && std::isfinite(info.max)) {
    return fmt::format("{} to {}", bound(info.min), bound(info.max));
  }
  if (std::isfinite(info.min)) return fmt::format("at least {}", bound(info.min));
  return fmt::format("at most {}", bound(info.max));
}

class ReadVisitor final : public FieldVisitor {
 public:
  ReadVisitor(const Json& json, const std::string& file, std::string place, Diagnostics& findings)
      : json_(json), file_(file), place_(std::move(place)), findings_(findings) {}

  void number(const FieldInfo& info, double& value) override {
    if (const Json* item = find(info)) {
      if (const auto read = quantity(*item, info, place_of(info))) value = read->value;
    }
  }
  void number(const FieldInfo& info, std::optional<double>& value) override {
    if (const Json* item = find(info); item != nullptr && !item->is_null()) {
      if (const auto read = quantity(*item, info, place_of(info))) value = read->value;
    }
  }
  void integer(const FieldInfo& info, std::int64_t& value) override {
    if (const Json* item = find(info)) {
      if (const auto read = whole_number(*item, info)) value = *read;
    }
  }
  void integer(const FieldInfo& info, std::optional<std::int64_t>& value) override {
    if (const Json* item = find(info); item != nullptr && !item->is_null()) {
      if (const auto read = whole_number(*item, info)) value = *read;
    }
  }
  void boolean(const FieldInfo& info, bool& value) override {
    if (const Json* item = find(info)) {
      if (item->is_boolean()) value = item->get<bool>();
      else wrong_type(*item, place_of(info), "true or false");
    }
  }
  void text(const FieldInfo& info, std::string& value) override {
    if (const Json* item = find(info)) {
      if (!item->is_string()) return wrong_type(*item, place_of(info), "a text in quotes");
      auto read = item->get<std::string>();
      if (check_choice(read, info, place_of(info))) value = std::move(read);
    }
  }
  void texts(const FieldInfo& info, std::vector<std::string>& values) override {
    const Json* items = find_list(info);
    if (items == nullptr) return;
    values.clear();
    for (std::size_t i = 0; i < items->size(); ++i) {
      const std::string place = fmt::format("{}/{}", place_of(info), i);
      if (!(*items)[i].is_string()) wrong_type((*items)[i], place, "a text in quotes");
      else if (check_choice((*items)[i].get<std::string>(), info, place))
        values.push_back((*items)[i].get<std::string>());
    }
  }
  void numbers(const FieldInfo& info, std::vector<double>& values) override {
    const Json* items = find_list(info);
    if (items == nullptr) return;
    values.clear();
    for (std::size_t i = 0; i < items->size(); ++i) {
      const auto read = quantity((*items)[i], info, fmt::format("{}/{}", place_of(info), i));
      if (read) values.push_back(read->value);
    }
  }
  void choice(const FieldInfo& info, const std::vector<std::string_view>& names,
              int& index) override {
    const Json* item = find(info);
    if (item == nullptr) return;
    const std::vector<std::string> known(names.begin(), names.end());
    if (!item->is_string()) {
      return wrong_type(*item, place_of(info), "one of: " + join_names(known));
    }
    const auto at = std::find(known.begin(), known.end(), item->get<std::string>());
    if (at != known.end()) index = static_cast<int>(at - known.begin());
    else unknown_name(item->get<std::string>(), known, place_of(info));
  }
  void figure(const FieldInfo& info, std::optional<Figure>& value) override {
    const Json* item = find(info);
    if (item == nullptr || item->is_null()) return;
    if (!item->is_object()) {
      return wrong_type(*item, place_of(info),
                        "an object {\"value\": …, \"kind\": …, \"source\": …}");
    }
    const std::size_t errors_before = findings_.items().size();
    Figure read;
    read_figure(info, *item, read);
    if (findings_.items().size() == errors_before) value = std::move(read);
  }
  void ranged(const FieldInfo& info, std::optional<double>& value,
              std::optional<Range>& range) override {
    const Json* item = find(info);
    if (item == nullptr || (item->is_null() && !value)) return;
    if (item->is_object()) return read_range(info, *item, value, range);
    if (const auto read = quantity(*item, info, place_of(info))) {
      value = read->value;
      range.reset();
    }
  }
  void nested(const FieldInfo& info, const Describe& describe_object, bool* present) override {
    const Json* item = find(info);
    if (item == nullptr || (item->is_null() && present != nullptr)) return;
    if (present != nullptr) *present = true;
    findings_.append(read_fields(describe_object, *item, file_, place_of(info)));
  }
  void list(const FieldInfo& info, const ListAccess& items) override {
    const Json* found = find_list(info);
    if (found == nullptr) return;
    items.resize(found->size());
    for (std::size_t i = 0; i < found->size(); ++i) {
      findings_.append(read_fields([&](FieldVisitor& v) { items.describe_item(v, i); },
                                   (*found)[i], file_, fmt::format("{}/{}", place_of(info), i)));
    }
  }

  /// After all fields were visited: what stands in the object that nobody asked for.
  void report_unknown_keys() {
    for (const auto& [key, value] : json_.items()) {
      if (known_.contains(key)) continue;
      const std::vector<std::string> names(known_.begin(), known_.end());
      const auto near = nearest_match(key, names);
      findings_.add({.file = file_,
                     .place = place_ + "/" + json_pointer_token(key),
                     .message = "this key is not known here",
                     .found = fmt::format("\"{}\"", key),
                     .allowed = join_names(names),
                     .fix = near ? fmt::format("did you mean \"{}\"?", *near) : "remove it"});
    }
  }

 private:
  [[nodiscard]] std::string place_of(const FieldInfo& info) const {
    return place_ + "/" + std::string(info.name);
  }

  const Json* find(const FieldInfo& info) {
    known_.insert(std::string(info.name));
    const auto at = json_.find(info.name);
    if (at != json_.end()) return &*at;
    if (info.required) {
      findings_.add({.file = file_,
                     .place = place_.empty() ? "/" : place_,
                     .message = fmt::format("\"{}\" is missing", info.name),
                     .allowed = std::string(info.help.empty() ? info.label : info.help),
                     .fix = fmt::format("add \"{}\"", info.name)});
    }
    return nullptr;
  }
  const Json* find_list(const FieldInfo& info) {
    const Json* items = find(info);
    if (items == nullptr) return nullptr;
    if (!items->is_array()) {
      wrong_type(*items, place_of(info), "a list in square brackets");
      return nullptr;
    }
    if (items->size() > max_list_items) {
      findings_.add({.file = file_, .place = place_of(info), .message = "the list is too long",
                     .found = fmt::format("{} items", items->size()),
                     .allowed = fmt::format("at most {}", max_list_items)});
      return nullptr;
    }
    return items;
  }

  void wrong_type(const Json& item, std::string place, std::string allowed) {
    findings_.add({.file = file_, .place = std::move(place), .message = "the value has the wrong type",
                   .found = excerpt(item), .allowed = std::move(allowed)});
  }
  void unknown_name(const std::string& name, const std::vector<std::string>& known,
                    std::string place) {
    const auto near = nearest_match(name, known);
    findings_.add({.file = file_, .place = std::move(place), .message = "this name is not known",
                   .found = fmt::format("\"{}\"", name), .allowed = join_names(known),
                   .fix = near ? fmt::format("did you mean \"{}\"?", *near) : ""});
  }
  bool check_choice(const std::string& name, const FieldInfo& info, std::string place) {
    if (!info.choices) return true;
    const std::vector<std::string> known = info.choices();
    if (std::find(known.begin(), known.end(), name) != known.end()) return true;
    unknown_name(name, known, std::move(place));
    return false;
  }

  std::optional<ParsedQuantity> quantity(const Json& item, const FieldInfo& info,
                                         const std::string& place) {
    ParsedQuantity read;
    if (item.is_string()) {
      auto parsed = parse_quantity(item.get<std::string>(), info.dimension);
      if (!parsed) {
        Diagnostic finding = parsed.diagnostics().items().front();
        finding.file = file_;
        finding.place = place;
        findings_.add(std::move(finding));
        return std::nullopt;
      }
      read = std::move(*parsed);
    } else if (item.is_number()) {
      read.value = item.get<double>();
      if (info.dimension != Dimension::none && read.value != 0) {
        findings_.add({.file = file_, .place = place, .message = "a bare number has no unit",
                       .found = excerpt(item),
                       .allowed = "a text with a unit: " + allowed_units(info.dimension),
                       .fix = fmt::format("write for example \"{} {}\"", excerpt(item),
                                          example_unit(info.dimension))});
        return std::nullopt;
      }
    } else {
      wrong_type(item, place, info.dimension == Dimension::none
                                  ? "a number"
                                  : "a text with a unit: " + allowed_units(info.dimension));
      return std::nullopt;
    }
    if (!(read.value >= info.min && read.value <= info.max)) {
      findings_.add({.file = file_, .place = place, .message = "the value is out of range",
                     .found = excerpt(item), .allowed = range_text(info)});
      return std::nullopt;
    }
    return read;
  }
  static std::string example_unit(Dimension dimension) {
    if (dimension == Dimension::money) return "EUR";
    if (dimension == Dimension::money_per_energy) return "EUR/kWh";
    if (dimension == Dimension::carbon_intensity) return "g/kWh";
    return std::string(base_unit(dimension));
  }

  std::optional<std::int64_t> whole_number(const Json& item, const FieldInfo& info) {
    double value = 0;
    if (item.is_number()) value = item.get<double>();
    if (!item.is_number() || value != std::floor(value) || std::abs(value) > 9e15) {
      wrong_type(item, place_of(info), "a whole number");
      return std::nullopt;
    }
    if (value < info.min || value > info.max) {
      findings_.add({.file = file_, .place = place_of(info), .message = "the value is out of range",
                     .found = excerpt(item), .allowed = range_text(info)});
      return std::nullopt;
    }
    return static_cast<std::int64_t>(value);
  }

  void read_range(const FieldInfo& info, const Json& item, std::optional<double>& value,
                  std::optional<Range>& range) {
    double best = 0;
    Range own;
    const Diagnostics findings = read_fields(
        [&](FieldVisitor& v) { describe_ranged(v, info, best, own); }, item, file_, place_of(info));
    findings_.append(findings);
    if (findings.has_errors()) return;
    if (best < own.low || best > own.high) {
      findings_.add({.file = file_,
                     .place = place_of(info),
                     .message = "the value lies outside its own range",
                     .found = format_quantity(best, info.dimension),
                     .allowed = fmt::format("{} to {}", format_quantity(own.low, info.dimension),
                                            format_quantity(own.high, info.dimension)),
                     .fix = "correct value, low or high"});
      return;
    }
    value = best;
    range = own;
  }

  void read_figure(const FieldInfo& info, const Json& item, Figure& figure) {
    const auto describe_figure = [&](FieldVisitor& v) {
      FieldInfo bound = info;
      bound.required = false;
      bound.name = "low";
      v.number(bound, figure.low);
      bound.name = "high";
      v.number(bound, figure.high);
      v.choice({.name = "kind", .label = "Kind of figure", .required = true}, provenance_names(),
               figure.kind);
      v.text({.name = "source", .label = "Who says so", .required = true}, figure.source);
      v.text({.name = "date", .label = "Date of the figure"}, figure.date);
      bound.name = "value";
      bound.required = true;
      v.number(bound, figure.value);
    };
    findings_.append(read_fields(describe_figure, item, file_, place_of(info)));
    const auto at = item.find("value");
    if (at == item.end() || !at->is_string()) return;
    if (const auto parsed = parse_quantity(at->get<std::string>(), info.dimension)) {
      figure.currency = parsed->currency;
    }
  }

  const Json& json_;
  const std::string& file_;
  std::string place_;
  Diagnostics& findings_;
  std::set<std::string> known_;
};

}  // namespace

Diagnostics read_fields(const FieldVisitor::Describe& describe_object, const Json& json,
                        const std::string& file, const std::string& place) {
  Diagnostics findings;
  if (!json.is_object()) {
    findings.add({.file = file, .place = place.empty() ? "/" : place,
                  .message = "the value has the wrong type", .found = excerpt(json),
                  .allowed = "an object in curly brackets"});
    return findings;
  }
  ReadVisitor visitor(json, file, place, findings);
  describe_object(visitor);
  visitor.report_unknown_keys();
  return findings;
}

}  // namespace microdc
