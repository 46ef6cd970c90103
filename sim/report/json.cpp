#include "sim/report/json.hpp"

#include <nlohmann/json.hpp>

#include "sim/report/json_money.hpp"
#include "sim/report/json_policy.hpp"
#include "sim/report/json_retrieval.hpp"
#include "sim/report/json_values.hpp"

namespace microdc {
namespace {

OrderedJson kwh(const std::optional<Joules>& value) {
  return value ? OrderedJson(value->value() / joules_per_kwh) : OrderedJson(nullptr);
}
OrderedJson watts(const std::optional<Watts>& value) {
  return value ? OrderedJson(value->value()) : OrderedJson(nullptr);
}
/// a / b; null if b is nothing.
OrderedJson ratio(double a, double b) { return b > 0 ? OrderedJson(a / b) : OrderedJson(nullptr); }

double seconds_of(Nanoseconds time) { return static_cast<double>(time) * 1e-9; }

/// `violations`: of rules on data; empty if none were checked.
OrderedJson requests(const RequestCounts& counts, bool has_slo,
                     std::optional<std::int64_t> violations) {
  return {{"offered", counts.offered},
          {"completed", counts.completed},
          {"rejected", counts.rejected},
          {"cloud", counts.cloud},
          {"local", counts.completed - counts.cloud},
          {"residency_violations", violations ? OrderedJson(*violations) : OrderedJson(nullptr)},
          {"timed_out", counts.timed_out},
          {"unfinished", counts.unfinished},
          {"retried", counts.retried},
          {"within_slo", has_slo ? OrderedJson(counts.within_slo) : OrderedJson(nullptr)},
          {"input_tokens", counts.input_tokens},
          {"output_tokens", counts.output_tokens}};
}

OrderedJson latency(const LatencyMetrics& metrics, bool with_itl) {
  OrderedJson object{{"ttft_s", distribution(metrics.ttft)},
                     {"tpot_s", distribution(metrics.tpot)}};
  if (with_itl) object["itl_s"] = distribution(metrics.itl);
  object["e2e_s"] = distribution(metrics.e2e);
  object["queue_s"] = distribution(metrics.queue);
  object["intake_s"] = distribution(metrics.intake);
  object["prefill_s"] = distribution(metrics.prefill);
  return object;
}

OrderedJson throughput(const RequestCounts& counts, double duration, bool has_slo) {
  return {
      {"requests_per_s", ratio(static_cast<double>(counts.completed), duration)},
      {"output_tokens_per_s", ratio(static_cast<double>(counts.output_tokens), duration)},
      {"goodput_requests_per_s",
       has_slo ? ratio(static_cast<double>(counts.within_slo), duration) : OrderedJson(nullptr)}};
}

/// Energy of the accelerators; empty if the power of a device is not known, which leaves it at
/// zero.
std::optional<Joules> accelerator_energy(const SimulationResult& result) {
  if (result.energy.accelerators.value() > 0) return result.energy.accelerators;
  return std::nullopt;
}

OrderedJson energy(const SimulationResult& result) {
  const std::optional<Joules> accelerators = accelerator_energy(result);
  OrderedJson carbon;
  if (result.energy.carbon_grams) carbon = *result.energy.carbon_grams / 1000;
  return {
      {"accelerator_kwh", kwh(accelerators)},
      {"it_kwh", kwh(result.energy.it)},
      {"facility_kwh", kwh(result.energy.facility)},
      {"accelerator_j_per_output_token",
       accelerators ? ratio(accelerators->value(), static_cast<double>(result.counts.output_tokens))
                    : OrderedJson(nullptr)},
      {"carbon_kg", carbon}};
}

OrderedJson power(const SimulationResult& result) {
  const EnergyResult& energy_result = result.energy;
  return {
      {"mean_w", energy_result.it ? ratio(energy_result.it->value(), seconds_of(result.duration))
                                  : OrderedJson(nullptr)},
      {"peak_w", watts(energy_result.it_peak)},
      {"idle_w", watts(energy_result.it_idle)}};
}

OrderedJson replica(const ReplicaResult& own, Nanoseconds duration) {
  const ReplicaCounters& counters = own.counters;
  return {{"pool", own.pool},
          {"model", own.model},
          {"device", own.device},
          {"servers", own.servers},
          {"accelerators", own.accelerators},
          {"busy_share", ratio(seconds_of(counters.busy), seconds_of(duration))},
          {"mean_batch", own.mean_batch},
          {"kv_capacity_tokens", own.kv_capacity_tokens},
          {"kv_peak_share",
           ratio(static_cast<double>(counters.peak_blocks), static_cast<double>(own.kv_blocks))},
          {"steps", counters.steps},
          {"preemptions", counters.preemptions},
          {"prefill_tokens", counters.prefill_tokens},
          {"cached_tokens", counters.cached_tokens}};
}

OrderedJson utilisation(const SimulationResult& result) {
  double accelerators = 0;
  double busy = 0;
  double batch = 0;
  std::int64_t cached = 0;
  std::int64_t prefill = 0;
  for (const ReplicaResult& own : result.replicas) {
    const double weight = own.accelerators * seconds_of(own.counters.busy);
    accelerators += own.accelerators;
    busy += weight;
    batch += own.mean_batch * weight;
    cached += own.counters.cached_tokens;
    prefill += own.counters.prefill_tokens;
  }
  return {{"busy_share", ratio(busy, accelerators * seconds_of(result.duration))},
          {"mean_batch", ratio(batch, busy)},
          {"cached_prompt_share",
           ratio(static_cast<double>(cached), static_cast<double>(cached + prefill))}};
}

OrderedJson streams(const SimulationResult& result) {
  OrderedJson list = OrderedJson::array();
  for (const StreamResult& stream : result.streams) {
    list.push_back(
        {{"name", stream.name},
         {"requests", requests(stream.counts, result.has_slo, std::nullopt)},
         {"latency", latency(stream.latency, false)},
         {"throughput", throughput(stream.counts, seconds_of(result.duration), result.has_slo)}});
  }
  return list;
}

OrderedJson engine(const SimulationResult& result) {
  const EngineResult& own = result.engine;
  return {
      {"steps", own.steps},
      {"macro_steps", own.macro_steps},
      {"events", own.events},
      {"cpu_s", own.cpu_seconds},
      {"requests_per_cpu_s", ratio(static_cast<double>(result.counts.completed), own.cpu_seconds)},
      {"peak_rss_bytes", own.peak_rss_bytes}};
}

OrderedJson busiest_hour(const std::optional<BusyHour>& hour) {
  if (!hour) return nullptr;
  const double duration = seconds_of(hour->end - hour->begin);
  return {{"begin_s", seconds_of(hour->begin)},
          {"end_s", seconds_of(hour->end)},
          {"requests", hour->requests},
          {"requests_per_s", ratio(static_cast<double>(hour->requests), duration)},
          {"ttft_s",
           {{"p50", or_null(hour->ttft.percentile_seconds(0.50))},
            {"p95", or_null(hour->ttft.percentile_seconds(0.95))}}},
          {"mean_w",
           hour->it_energy ? ratio(hour->it_energy->value(), duration) : OrderedJson(nullptr)}};
}

OrderedJson objectives(const SloSpec& slo) {
  const auto limit = [](const std::optional<Seconds>& time) {
    return time ? OrderedJson(time->value()) : OrderedJson(nullptr);
  };
  return {{"ttft_s", limit(slo.ttft)}, {"tpot_s", limit(slo.tpot)}, {"e2e_s", limit(slo.e2e)}};
}

/// What describes the rack, in the order of the answer.
OrderedJson figures_json(const Report& report) {
  const SimulationResult& result = report.result;
  const double duration = seconds_of(result.duration);
  std::optional<std::int64_t> violations;
  if (report.residency) violations = report.residency->violations;
  OrderedJson object{{"duration_s", duration},
                     {"requests", requests(result.counts, result.has_slo, violations)},
                     {"latency", latency(result.latency, true)},
                     {"throughput", throughput(result.counts, duration, result.has_slo)},
                     {"energy", energy(result)},
                     {"power", power(result)},
                     {"cost", cost_json(report)},
                     {"utilisation", utilisation(result)},
                     {"busiest_hour", busiest_hour(result.busiest_hour)},
                     {"residency", residency_json(report.residency)},
                     {"routing", routing_json(report.routing)},
                     {"clouds", clouds_json(result)},
                     {"streams", streams(result)}};
  if (!result.knowledge_bases.empty()) object["retrieval"] = retrieval_json(result);
  OrderedJson& replicas = object["replicas"] = OrderedJson::array();
  for (const ReplicaResult& own : result.replicas) {
    replicas.push_back(replica(own, result.duration));
  }
  return object;
}

std::string below(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

void collect(const OrderedJson& value, const std::string& path,
             std::map<std::string, double>& figures) {
  if (value.is_number()) figures[path] = value.get<double>();
  if (value.is_object()) {
    for (const auto& [key, item] : value.items()) collect(item, below(path, key), figures);
  }
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      collect(value[i], below(path, std::to_string(i)), figures);
    }
  }
}

/// The same shape with {p10, p50, p90} for each number and null where there is no band; texts stay.
OrderedJson mirror(const OrderedJson& value, const std::string& path, const Bands& bands) {
  if (value.is_object()) {
    OrderedJson object = OrderedJson::object();
    for (const auto& [key, item] : value.items())
      object[key] = mirror(item, below(path, key), bands);
    return object;
  }
  if (value.is_array()) {
    OrderedJson list = OrderedJson::array();
    for (std::size_t i = 0; i < value.size(); ++i) {
      list.push_back(mirror(value[i], below(path, std::to_string(i)), bands));
    }
    return list;
  }
  if (value.is_string()) return value;
  const Band* band = bands.find(path);
  if (band == nullptr) return nullptr;
  return {{"p10", band->p10}, {"p50", band->p50}, {"p90", band->p90}};
}

OrderedJson measured_json(const MeasuredComparison& comparison, const std::optional<Bands>& bands) {
  OrderedJson list = OrderedJson::array();
  for (const ComparedMetric& metric : comparison.metrics) {
    list.push_back({{"metric", metric.measured.path},
                    {"measured_as", metric.measured.source_key},
                    {"measured", metric.measured.value},
                    {"predicted", or_null(metric.predicted)},
                    {"error", or_null(metric.error)}});
    const Band* band = bands ? bands->find(metric.measured.path) : nullptr;
    if (band == nullptr) continue;
    list.back()["p10"] = band->p10;
    list.back()["p90"] = band->p90;
  }
  return list;
}

}  // namespace

OrderedJson result_json(const Report& report) {
  OrderedJson object{{"schema_version", result_schema_version},
                     {"scenario", report.scenario.name},
                     {"seed", report.scenario.seed},
                     {"inputs_sha256", report.inputs_sha256},
                     {"interrupted", report.result.interrupted},
                     {"objectives", objectives(report.scenario.slo)}};
  const OrderedJson figures = figures_json(report);
  object.update(figures);
  object["caveats"] = caveats_of(report);
  object["missing"] = missing_of(report);
  if (report.bands) {
    object["samples"] = report.bands->samples;
    object["bands"] = mirror(figures, "", *report.bands);
  }
  if (report.measured) object["measured"] = measured_json(*report.measured, report.bands);
  object["engine"] = engine(report.result);
  return object;
}

std::map<std::string, double> result_figures(const Report& report) {
  std::map<std::string, double> figures;
  collect(figures_json(report), "", figures);
  return figures;
}

}  // namespace microdc
