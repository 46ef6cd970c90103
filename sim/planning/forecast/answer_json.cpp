#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "sim/planning/forecast/answer.hpp"
#include "sim/report/json_money.hpp"
#include "sim/report/json_values.hpp"

namespace microdc {
namespace {

struct YearFigure {
  const char* name;
  const char* unit;  ///< "currency": the scenario's
  FutureBand ForecastYear::*band;
};
constexpr std::array<YearFigure, 9> year_figures{
    YearFigure{"demand", "", &ForecastYear::demand},
    YearFigure{"model_size", "", &ForecastYear::model_size},
    YearFigure{"within_targets", "", &ForecastYear::within},
    YearFigure{"ttft_s", "s", &ForecastYear::ttft},
    YearFigure{"tpot_s", "s", &ForecastYear::tpot},
    YearFigure{"energy_kwh", "kWh", &ForecastYear::energy},
    YearFigure{"carbon_t", "t", &ForecastYear::carbon},
    YearFigure{"running_cost", "currency", &ForecastYear::running_cost},
    YearFigure{"cost_to_date", "currency", &ForecastYear::cost_to_date}};

OrderedJson json_of(const FutureBand& band) {
  return {{"p10", or_null(band.p10)}, {"p50", or_null(band.p50)}, {"p90", or_null(band.p90)}};
}
OrderedJson json_of(const std::vector<FutureBand>& years) {
  OrderedJson list = OrderedJson::array();
  for (const FutureBand& year : years) list.push_back(json_of(year));
  return list;
}
OrderedJson json_of(const EventForecast& event) {
  return {{"probability", event.probability}, {"year", json_of(event.year)}};
}

OrderedJson json_of(const StrategyForecast& strategy) {
  OrderedJson years = OrderedJson::array();
  for (std::size_t y = 0; y < strategy.years.size(); ++y) {
    const ForecastYear& year = strategy.years[y];
    OrderedJson item{{"year", y + 1}};
    for (const YearFigure& figure : year_figures) item[figure.name] = json_of(year.*figure.band);
    item["need_met"] = year.adequate;
    years.push_back(std::move(item));
  }
  return {{"name", name_of(strategy.strategy)},
          {"description", text_of(strategy.strategy)},
          {"cheapest", strategy.cheapest},
          {"need_met", strategy.adequate},
          {"cost_per_year", json_of(strategy.per_year)},
          {"years", std::move(years)}};
}

OrderedJson json_of(const Trends& trends) {
  OrderedJson object = OrderedJson::object();
  for (const Trend& trend : trends.trends) {
    const Figure& figure = *trend.per_year;
    object[trend.name] = {{"per_year", figure.value},
                          {"p10", figure.low.value_or(figure.value)},
                          {"p90", figure.high.value_or(figure.value)},
                          {"source", figure.source}};
  }
  return object;
}

OrderedJson json_of(const QualityForecast& quality) {
  return {{"model", quality.model},
          {"premium", quality.premium},
          {"premium_today", quality.premium_today},
          {"reachable", json_of(quality.reachable)},
          {"frontier", json_of(quality.frontier)},
          {"gap_closed", json_of(quality.gap_closed)}};
}

OrderedJson cloud_json(const Forecast& forecast) {
  if (!forecast.cloud) return nullptr;
  const ForecastCloud& cloud = *forecast.cloud;
  return {
      {"offer", cloud.label},
      {"lawful", cloud.lawful ? OrderedJson(*cloud.lawful) : OrderedJson()},
      {"standing", standing_json(cloud.lawful, cloud.forbidden)},
      {"needs", cloud.needs},
      {"bill", json_of(cloud.bill)},
      {"local_beats_cloud", forecast.has_cloud() ? json_of(forecast.beats_cloud) : OrderedJson()}};
}

std::string band_cell(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : std::string();
}
std::string line(const std::string& strategy, std::size_t year, std::string_view figure,
                 std::string_view unit, const FutureBand& band) {
  return fmt::format("{},{},{},{},{},{},{}\n", strategy, year, figure, unit, band_cell(band.p10),
                     band_cell(band.p50), band_cell(band.p90));
}

}  // namespace

OrderedJson forecast_json(const Forecast& forecast, const Scenario& scenario,
                          const std::string& inputs_sha256) {
  OrderedJson strategies = OrderedJson::array();
  for (const StrategyForecast& strategy : forecast.strategies) {
    strategies.push_back(json_of(strategy));
  }
  OrderedJson refresh = OrderedJson::array();
  for (std::size_t i = 0; i < forecast.refresh_best.size(); ++i) {
    const bool keep = i + 1 == forecast.refresh_best.size();
    refresh.push_back({{"after_years", keep ? OrderedJson() : OrderedJson(i + 1)},
                       {"probability", forecast.refresh_best[i]}});
  }
  OrderedJson json{{"schema_version", forecast_schema_version},
                   {"scenario", scenario.name},
                   {"seed", scenario.seed},
                   {"inputs_sha256", inputs_sha256},
                   {"currency", scenario.economics.currency},
                   {"years", forecast.years},
                   {"futures", forecast.futures},
                   {"samples", forecast.samples},
                   {"interrupted", forecast.interrupted}};
  json["first_year"] = forecast.first_year ? OrderedJson(*forecast.first_year) : OrderedJson();
  json["strategies"] = std::move(strategies);
  json["outgrown"] = json_of(forecast.outgrown);
  json["refresh"] = std::move(refresh);
  json["cloud"] = cloud_json(forecast);
  json["quality"] = forecast.quality ? json_of(*forecast.quality) : OrderedJson();
  json["trends"] = json_of(forecast.trends);
  json["grid"] = {{"loads", forecast.axes.loads},
                  {"model_sizes", forecast.axes.sizes},
                  {"hardware_progress", forecast.axes.progress},
                  {"week_requests", forecast.requests}};
  return json;
}

std::string forecast_csv(const Forecast& forecast, const Scenario& scenario) {
  std::string text = "strategy,year,figure,unit,p10,p50,p90\n";
  const std::string& currency = scenario.economics.currency;
  for (const StrategyForecast& strategy : forecast.strategies) {
    const std::string name = name_of(strategy.strategy);
    for (std::size_t y = 0; y < strategy.years.size(); ++y) {
      for (const YearFigure& figure : year_figures) {
        std::string_view unit = figure.unit;
        if (unit == "currency") unit = currency;
        text += line(name, y + 1, figure.name, unit, strategy.years[y].*figure.band);
      }
    }
  }
  const auto bill = forecast.cloud ? forecast.cloud->bill : std::vector<FutureBand>{};
  for (std::size_t y = 0; y < bill.size(); ++y) {
    text += line("", y + 1, "cloud_bill", currency, bill[y]);
  }
  if (!forecast.quality) return text;
  for (std::size_t y = 0; y < forecast.quality->reachable.size(); ++y) {
    text += line("", y + 1, "reachable_quality", "", forecast.quality->reachable[y]);
    text += line("", y + 1, "frontier_quality", "", forecast.quality->frontier[y]);
  }
  return text;
}

}  // namespace microdc
