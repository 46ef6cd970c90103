#include "hwprofiles/laws/figure_draw.hpp"

#include <algorithm>
#include <cmath>

#include "hwprofiles/laws/draws.hpp"

namespace microdc {
namespace {

/// 90 % quantile of the standard normal distribution.
constexpr double z_of_p90 = 1.2815515655446004;

class DrawVisitor final : public FieldVisitor {
 public:
  struct Settings {
    FigureDraw draw;
    std::optional<double> shared;  ///< standard normal number of all figures; empty: one for each
  };

  DrawVisitor(std::string key, const Settings& settings, bool is_list_item)
      : key_(std::move(key)), settings_(settings), is_list_item_(is_list_item) {}

  void figure(const FieldInfo& info, std::optional<Figure>& value) override {
    if (!info.drawn || !value || (!value->low && !value->high)) return;
    value->value = drawn(info, value->value, value->low, value->high);
    value->low.reset();
    value->high.reset();
  }
  void ranged(const FieldInfo& info, std::optional<double>& value,
              std::optional<Range>& range) override {
    if (!info.drawn || !value || !range) return;
    value = drawn(info, *value, range->low, range->high);
    range.reset();
  }
  void text(const FieldInfo& info, std::string& value) override {
    if (is_list_item_ && info.name == "name") key_ = parent_of(key_) + "/" + value;
  }
  void nested(const FieldInfo& info, const Describe& describe_object, bool* present) override {
    if (present != nullptr && !*present) return;
    DrawVisitor inner(key_of(info), settings_, false);
    describe_object(inner);
  }
  void list(const FieldInfo& info, const ListAccess& items) override {
    for (std::size_t i = 0; i < items.size(); ++i) {
      DrawVisitor inner(key_of(info) + "/" + std::to_string(i), settings_, true);
      items.describe_item(inner, i);
    }
  }

  void number(const FieldInfo&, double&) override {}
  void number(const FieldInfo&, std::optional<double>&) override {}
  void integer(const FieldInfo&, std::int64_t&) override {}
  void integer(const FieldInfo&, std::optional<std::int64_t>&) override {}
  void boolean(const FieldInfo&, bool&) override {}
  void texts(const FieldInfo&, std::vector<std::string>&) override {}
  void numbers(const FieldInfo&, std::vector<double>&) override {}
  void choice(const FieldInfo&, const std::vector<std::string_view>&, int&) override {}

 private:
  static std::string parent_of(const std::string& key) { return key.substr(0, key.rfind('/')); }
  [[nodiscard]] std::string key_of(const FieldInfo& info) const {
    return key_ + "/" + std::string(info.name);
  }
  [[nodiscard]] double drawn(const FieldInfo& info, double value, std::optional<double> low,
                             std::optional<double> high) const {
    const FigureDraw& draw = settings_.draw;
    const double z = settings_.shared ? *settings_.shared
                                      : paired_normal(draw.seed, key_of(info), draw.replication);
    return std::clamp(drawn_value(value, low, high, z), info.min, info.max);
  }

  std::string key_;
  const Settings& settings_;
  bool is_list_item_;
};

}  // namespace

double drawn_value(double value, std::optional<double> low, std::optional<double> high, double z) {
  const double distance = std::abs(z) / z_of_p90;
  if (z >= 0) return value + (high.value_or(value) - value) * distance;
  const double end = low.value_or(value);
  if (end > 0) return value * std::pow(end / value, distance);
  return value + (end - value) * distance;
}

void draw_figures(const FieldVisitor::Describe& describe_object, const std::string& key,
                  const FigureDraw& draw, Luck luck) {
  DrawVisitor::Settings settings{.draw = draw, .shared = std::nullopt};
  if (luck == Luck::shared) settings.shared = paired_normal(draw.seed, key, draw.replication);
  DrawVisitor visitor(key, settings, false);
  describe_object(visitor);
}

}  // namespace microdc
