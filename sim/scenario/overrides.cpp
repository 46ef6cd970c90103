#include "sim/scenario/overrides.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <span>

namespace microdc {
namespace {

std::vector<std::string> split_path(std::string_view path) {
  const char separator = path.find('/') != std::string_view::npos ? '/' : '.';
  if (path.starts_with(separator)) path.remove_prefix(1);
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = path.find(separator);
    parts.emplace_back(path.substr(0, end));
    if (end == std::string_view::npos) return parts;
    path.remove_prefix(end + 1);
  }
}

/// Walks the description of the scenario and its document along one path and sets the value there.
class OverrideVisitor final : public FieldVisitor {
 public:
  struct Target {
    const Override& change;
    Diagnostics& findings;
  };

  OverrideVisitor(Target target, Json& object, std::span<const std::string> path)
      : target_(target), object_(object), path_(path) {}

  void number(const FieldInfo& info, double&) override { value(info); }
  void number(const FieldInfo& info, std::optional<double>&) override { value(info); }
  void integer(const FieldInfo& info, std::int64_t&) override { value(info); }
  void integer(const FieldInfo& info, std::optional<std::int64_t>&) override { value(info); }
  void boolean(const FieldInfo& info, bool&) override { value(info); }
  void text(const FieldInfo& info, std::string&) override { plain_text(info); }
  void texts(const FieldInfo& info, std::vector<std::string>&) override { value(info); }
  void numbers(const FieldInfo& info, std::vector<double>&) override { value(info); }
  void figure(const FieldInfo& info, std::optional<Figure>&) override { value(info); }
  void ranged(const FieldInfo& info, std::optional<double>&, std::optional<Range>&) override {
    if (!matches(info)) return;
    if (path_.size() == 1) return set(parsed_value());
    const auto at = object_.find(path_.front());
    if (at == object_.end() || !at->is_object()) {
      return report(target_, fmt::format("\"{}\" has no range here", info.name), {});
    }
    double number = 0;
    Range range;
    descend(target_, *at, path_.subspan(1),
            [&](FieldVisitor& v) { describe_ranged(v, info, number, range); });
  }
  void choice(const FieldInfo& info, const std::vector<std::string_view>&, int&) override {
    plain_text(info);
  }
  void nested(const FieldInfo& info, const Describe& describe_object, bool*) override {
    if (!matches(info)) return;
    if (path_.size() == 1) return set(parsed_value());
    Json& child = object_[path_.front()];
    if (child.is_null()) child = Json::object();
    descend(target_, child, path_.subspan(1), describe_object);
  }
  void list(const FieldInfo& info, const ListAccess& items) override {
    if (!matches(info)) return;
    if (path_.size() == 1) return set(parsed_value());
    Json& child = object_[path_.front()];
    Json* const item = find_item(child, path_[1]);
    if (item == nullptr) return;
    if (path_.size() == 2) {
      *item = parsed_value();
      return;
    }
    descend(target_, *item, path_.subspan(2),
            [&](FieldVisitor& v) { items.describe_item(v, items.size()); });
  }

  static void descend(Target target, Json& object, std::span<const std::string> path,
                      const Describe& describe_object) {
    if (!object.is_object()) {
      return report(target, fmt::format("there is no object that could hold \"{}\"", path.front()),
                    {});
    }
    OverrideVisitor visitor(target, object, path);
    describe_object(visitor);
    if (!visitor.matched_) {
      report(target, fmt::format("\"{}\" is not known here", path.front()), visitor.names_,
             path.front());
    }
  }

 private:
  static void report(Target target, std::string message, const std::vector<std::string>& allowed,
                     const std::string& word = "") {
    const auto near = nearest_match(word, allowed);
    target.findings.add({.place = "--set " + target.change.path,
                         .message = std::move(message),
                         .allowed = join_names(allowed, 40),
                         .fix = near ? fmt::format("did you mean \"{}\"?", *near) : ""});
  }

  bool matches(const FieldInfo& info) {
    names_.emplace_back(info.name);
    if (path_.front() != info.name) return false;
    matched_ = true;
    return true;
  }
  void value(const FieldInfo& info) {
    if (matches(info) && is_last(info)) set(parsed_value());
  }
  /// Texts need no quotes, even where they look like JSON ("2024", "true").
  void plain_text(const FieldInfo& info) {
    if (!matches(info) || !is_last(info)) return;
    Json parsed = parsed_value();
    set(parsed.is_string() || parsed.is_null() ? std::move(parsed) : Json(target_.change.value));
  }
  bool is_last(const FieldInfo& info) {
    if (path_.size() == 1) return true;
    report(target_, fmt::format("\"{}\" is a single value and has no \"{}\"", info.name, path_[1]),
           {});
    return false;
  }
  [[nodiscard]] Json parsed_value() const {
    const std::string& text = target_.change.value;
    const Result<Json> parsed = parse_json(text, "");
    return parsed ? *parsed : Json(text);
  }
  void set(Json new_value) {
    if (new_value.is_null())
      object_.erase(path_.front());
    else
      object_[path_.front()] = std::move(new_value);
  }

  /// The item with this index or name; reports if there is none.
  Json* find_item(Json& items, const std::string& key) {
    std::vector<std::string> names;
    if (items.is_array()) {
      std::size_t index = 0;
      const char* const end = key.data() + key.size();
      const auto [rest, error] = std::from_chars(key.data(), end, index);
      if (error == std::errc() && rest == end && index < items.size()) return &items[index];
      for (Json& item : items) {
        if (!item.is_object()) continue;
        const auto name = item.find("name");
        if (name == item.end() || !name->is_string()) continue;
        if (*name == key) return &item;
        names.push_back(name->get<std::string>());
      }
    }
    report(target_,
           fmt::format("\"{}\" has no item \"{}\" (it has {})", path_.front(), key,
                       items.is_array() ? items.size() : 0),
           names, key);
    return nullptr;
  }

  Target target_;
  Json& object_;
  std::span<const std::string> path_;
  std::vector<std::string> names_;
  bool matched_ = false;
};

}  // namespace

Result<Override> parse_override(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return Diagnostic{.place = "--set",
                      .message = "this is not a change",
                      .found = fmt::format("\"{}\"", text),
                      .allowed = "PATH=VALUE, for example pools/0/replicas=4"};
  }
  return Override{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

Diagnostics apply_overrides(Json& document, const std::vector<Override>& overrides) {
  Diagnostics findings;
  for (const Override& change : overrides) {
    // A fresh scenario has empty lists, whose blank items tell the shape.
    Scenario blank;
    const std::vector<std::string> path = split_path(change.path);
    OverrideVisitor::descend({change, findings}, document, path,
                             [&](FieldVisitor& v) { describe(v, blank); });
  }
  return findings;
}

}  // namespace microdc
