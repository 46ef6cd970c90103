// The points of an OperatingGrid, simulated in workers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "models/scaled_card.hpp"
#include "sim/economics/cost.hpp"
#include "sim/planning/forecast/grid.hpp"
#include "sim/planning/workers.hpp"
#include "sim/policy/residency.hpp"
#include "sim/serving/simulation.hpp"

namespace microdc {
namespace {

/// Below this share of the attainment a rack has broken down; more load makes it no better.
constexpr double broken_share = 0.5;

const std::vector<std::pair<const char*, std::optional<double> OperatingPoint::*>>& members() {
  static const std::vector<std::pair<const char*, std::optional<double> OperatingPoint::*>> all{
      {"ttft", &OperatingPoint::ttft},     {"tpot", &OperatingPoint::tpot},
      {"energy", &OperatingPoint::energy}, {"energy_cost", &OperatingPoint::energy_cost},
      {"carbon", &OperatingPoint::carbon}, {"cloud_cost", &OperatingPoint::cloud_cost}};
  return all;
}

/// Pools on models of another size.
Diagnostics resize_models(Scenario& scenario, Catalogs& catalogs, double size) {
  Diagnostics findings;
  if (size == 1) return findings;
  for (PoolSpec& pool : scenario.pools) {
    const ModelCard* card = catalogs.models.find(pool.model);
    if (card == nullptr) continue;  // the simulation says so
    ModelCard scaled = scaled_card(*card, size);
    findings.append(check_card(scaled, scaled.name));
    pool.model = scaled.name;
    pool.kv_cache_tokens.reset();  // was set for the larger weights
    catalogs.models.add(std::move(scaled));
  }
  return findings;
}

void take_result(const Scenario& scenario, const Catalogs& catalogs, const SimulationResult& result,
                 OperatingPoint& point) {
  const double attainment = scenario.needs.attainment;
  const auto offered = static_cast<double>(result.counts.offered);
  point.within = offered > 0 ? static_cast<double>(result.counts.within_slo) / offered : 1;
  point.ttft = result.latency.ttft.percentile_seconds(attainment);
  point.tpot = result.latency.tpot.percentile_seconds(attainment);
  const RunCost cost = cost_of_run(scenario, catalogs.hardware, result);
  if (!cost.year_known) return;
  point.requests = cost.year.requests;
  point.input_tokens = cost.year.input_tokens;
  point.output_tokens = cost.year.output_tokens;
  if (cost.year.facility) point.energy = cost.year.facility->value() / joules_per_kwh;
  if (cost.year.energy) point.energy_cost = cost.year.energy->value();
  if (cost.year.carbon_grams) point.carbon = *cost.year.carbon_grams * 1e-6;
  if (cost.year.clouds) point.cloud_cost = cost.year.clouds->value();
}

/// Simulates a grid layer by layer.
class GridRun {
 public:
  GridRun(const Demand& week, const Catalogs& catalogs, const GridAxes& axes, double attainment,
          RunStore& store, const GridSettings& settings)
      : week_(week),
        catalogs_(catalogs),
        axes_(axes),
        attainment_(attainment),
        store_(store),
        settings_(settings),
        points_(axes.loads.size() * layer()),
        drawn_(axes.loads.size() * axes.draws) {}

  /// False if interrupted, or if a worker died.
  bool run() {
    double total = 0;
    for (const double load : axes_.loads) total += load;
    double done = 0;
    for (std::size_t load = 0; load < axes_.loads.size(); ++load) {
      if (!run_layer(load, done / total, axes_.loads[load] / total)) return false;
      done += axes_.loads[load];
    }
    return true;
  }

  /// How the first worker died; empty if none did.
  [[nodiscard]] const std::string& death() const { return death_; }
  std::vector<OperatingPoint> points() { return std::move(points_); }
  std::vector<OperatingPoint> drawn() { return std::move(drawn_); }
  [[nodiscard]] std::size_t simulated() const { return simulated_; }
  [[nodiscard]] std::size_t remembered() const { return remembered_; }

 private:
  /// Cells of a load: sizes and hardware, then the draws of the present rack.
  [[nodiscard]] std::size_t layer() const { return axes_.sizes.size() * axes_.hardware.size(); }
  [[nodiscard]] std::size_t present() const {
    return index_of_today(axes_.sizes) * axes_.hardware.size();
  }
  [[nodiscard]] std::size_t draw_of(std::size_t cell) const {
    return cell < layer() ? 0 : cell - layer() + 1;
  }
  [[nodiscard]] std::size_t plain(std::size_t cell) const {
    return cell < layer() ? cell : present();
  }
  [[nodiscard]] double size_of(std::size_t cell) const {
    return axes_.sizes[plain(cell) / axes_.hardware.size()];
  }
  [[nodiscard]] const HardwareFactors& hardware_of(std::size_t cell) const {
    return axes_.hardware[plain(cell) % axes_.hardware.size()];
  }
  OperatingPoint& point(std::size_t load, std::size_t cell) {
    if (cell < layer()) return points_[load * layer() + cell];
    return drawn_[(cell - layer()) * axes_.loads.size() + load];
  }
  [[nodiscard]] std::string key(std::size_t load, std::size_t cell) const {
    if (draw_of(cell) > 0) {
      return fmt::format("forecast load {} draw {}", axes_.loads[load], draw_of(cell));
    }
    const HardwareFactors& h = hardware_of(cell);
    return fmt::format("forecast load {} size {} hardware {} {} {}", axes_.loads[load],
                       size_of(cell), h.compute, h.bandwidth, h.memory);
  }

  /// Why a cell is not simulated under this load; empty if it is.
  [[nodiscard]] std::string skipped(std::size_t load, std::size_t cell) {
    if (size_of(cell) > 1 && plain(cell) % axes_.hardware.size() > 0) {
      return "larger models are simulated on the present rack only";
    }
    if (load == 0) return "";
    // Where the best estimate is not simulated, there is nothing that a draw could change.
    if (draw_of(cell) > 0 && !skipped(load, present()).empty()) return skipped(load, present());
    const OperatingPoint& before = point(load - 1, cell);
    if (!before.failure.empty()) return before.failure;
    return before.within < broken_share * attainment_ ? "broken down" : "";
  }

  bool run_layer(std::size_t load, double done, double share) {
    std::vector<std::size_t> cells;
    for (std::size_t cell = 0; cell < layer() + axes_.draws; ++cell) {
      OperatingPoint& own = point(load, cell);
      const std::string reason = skipped(load, cell);
      if (!reason.empty()) {
        if (reason != "broken down") own.failure = reason;
        continue;
      }
      const std::string* known = store_.find(key(load, cell));
      const auto read = known != nullptr ? operating_point_of_line(*known) : std::nullopt;
      if (read) {
        own = *read;
        ++remembered_;
      } else {
        cells.push_back(cell);
      }
    }
    const auto task = [&](std::size_t i) {
      return to_line(operate(week_, catalogs_, axes_.loads[load], size_of(cells[i]),
                             hardware_of(cells[i]), settings_.base_folder, draw_of(cells[i])));
    };
    const auto take = [&](std::size_t i, const WorkerAnswer& answer) {
      OperatingPoint& own = point(load, cells[i]);
      const auto read = answer.finished ? operating_point_of_line(answer.text) : std::nullopt;
      if (!read) {
        if (death_.empty()) death_ = answer.text;
        return;
      }
      own = *read;
      ++simulated_;
      store_.add(key(load, cells[i]), answer.text);
    };
    const auto progress = [&](std::size_t finished) {
      if (!settings_.progress || cells.empty()) return;
      settings_.progress(done +
                         share * static_cast<double>(finished) / static_cast<double>(cells.size()));
    };
    run_in_workers(cells.size(), settings_.jobs, task,
                   {.progress = progress,
                    .on_answer = take,
                    .interrupt = settings_.interrupt,
                    .end_with_the_first_dead = true});
    if (!death_.empty()) return false;
    return settings_.interrupt == nullptr || !settings_.interrupt->load();
  }

  const Demand& week_;
  const Catalogs& catalogs_;
  const GridAxes& axes_;
  double attainment_;
  RunStore& store_;
  const GridSettings& settings_;
  std::vector<OperatingPoint> points_;
  std::vector<OperatingPoint> drawn_;
  std::size_t simulated_ = 0;
  std::size_t remembered_ = 0;
  std::string death_;
};

/// Today's models under today's load have to work at all.
Diagnostics check_today(const GridAxes& axes, const OperatingGrid& grid) {
  Diagnostics findings;
  const std::string& failure =
      grid.point(index_of_today(axes.loads), index_of_today(axes.sizes), 0).failure;
  if (!failure.empty()) {
    findings.add({.problem = Problem::infeasible,
                  .message = "the rack of the scenario cannot serve its models",
                  .found = failure,
                  .fix = "`microdc simulate` and `microdc plan` tell what would do"});
  }
  return findings;
}

}  // namespace

std::string to_line(const OperatingPoint& point) {
  OrderedJson json{{"failure", point.failure},
                   {"within", point.within},
                   {"requests", point.requests},
                   {"input_tokens", point.input_tokens},
                   {"output_tokens", point.output_tokens}};
  for (const auto& [name, member] : members()) {
    if (point.*member) json[name] = *(point.*member);
  }
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::optional<OperatingPoint> operating_point_of_line(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("within")) return std::nullopt;
  OperatingPoint point;
  point.failure = json.value("failure", "");
  point.within = json.value("within", 0.0);
  point.requests = json.value("requests", 0.0);
  point.input_tokens = json.value("input_tokens", 0.0);
  point.output_tokens = json.value("output_tokens", 0.0);
  for (const auto& [name, member] : members()) {
    if (json.contains(name) && json[name].is_number()) point.*member = json[name].get<double>();
  }
  return point;
}

OperatingPoint operate(const Demand& week, const Catalogs& catalogs, double load, double size,
                       const HardwareFactors& factors, const std::filesystem::path& base_folder,
                       std::uint64_t draw) {
  OperatingPoint point;
  Catalogs own = catalogs;
  Scenario scenario = on_next_rack(grown(week.scenario, load), factors, own);
  Diagnostics findings = resize_models(scenario, own, size);
  SimulationOptions options;
  if (draw > 0) {
    const FigureDraw luck{static_cast<std::uint64_t>(scenario.seed), draw};
    draw_figures(scenario, own, luck);
    options.draw = LawDraw{draw};
  }
  Scenario luck = scenario;
  luck.seed = week.week_seed;
  auto streams = make_streams(luck, base_folder);
  findings.append(streams.diagnostics());
  if (findings.has_errors()) {
    point.failure = findings.items().front().message;
    return point;
  }
  options.base_folder = base_folder;
  options.placements = lawful_placements(scenario);
  const auto result = simulate(scenario, own, std::move(*streams), options);
  if (!result) {
    point.failure = result.diagnostics().items().front().message;
    return point;
  }
  take_result(scenario, own, *result, point);
  return point;
}

Result<std::optional<OperatingGrid>> OperatingGrid::simulate(const Demand& week,
                                                             const Catalogs& catalogs,
                                                             GridAxes axes, double attainment,
                                                             RunStore& store,
                                                             const GridSettings& settings) {
  GridRun run(week, catalogs, axes, attainment, store, settings);
  const bool whole = run.run();
  if (!run.death().empty()) return early_end(run.death());
  if (!whole) return std::optional<OperatingGrid>();
  OperatingGrid grid(axes, attainment, run.points(), run.drawn());
  grid.simulated_ = run.simulated();
  grid.remembered_ = run.remembered();
  const Diagnostics findings = check_today(axes, grid);
  if (findings.has_errors()) return findings;
  return std::optional<OperatingGrid>(std::move(grid));
}

}  // namespace microdc
