// The requests of a measured run.
#include <algorithm>
#include <cmath>
#include <regex>

#include "hwprofiles/base/random.hpp"
#include "sim/planning/validate/run_case.hpp"
#include "sim/workload/lengths.hpp"

namespace microdc {
namespace {

constexpr std::int32_t prefix_block = 16;

/// Points of an additive recurrence: evenly spread over (0, 1) for any number of them, so that few
/// requests have the right mean length already.
double spread_point(std::size_t index, double step) {
  const double x = 0.5 + step * static_cast<double>(index);
  return std::clamp(x - std::floor(x), 1e-9, 1 - 1e-9);
}
constexpr double golden = 0.6180339887498949;
constexpr double silver = 0.4142135623730951;

/// The distribution that a row's words describe.
LengthSpec length_of(double mean, const std::string& words, double natural_spread) {
  LengthSpec spec{.kind = LengthSpec::Kind::fixed, .mean = std::max(1.0, mean)};
  std::smatch match;
  static const std::regex uniform(R"(uniform ~?\[([0-9.]+), *([0-9.]+)\])");
  static const std::regex normal(R"(N\(([0-9.]+), *([0-9.]+)\))");
  static const std::regex median(R"(p50=([0-9.]+))");
  if (std::regex_search(words, match, uniform)) {
    const double low = std::stod(match[1]);
    const double high = std::stod(match[2]);
    if (high > 0 && high >= low) {
      spec.kind = LengthSpec::Kind::uniform;
      spec.mean = std::max(1.0, mean * (low + high) / 2);
      spec.spread = (high - low) / (high + low);
    }
  } else if (std::regex_search(words, match, normal)) {
    const double sigma = std::stod(match[2]);
    spec.kind = LengthSpec::Kind::uniform;  // of the same variance
    spec.spread = std::min(1.0, std::sqrt(3.0) * sigma / spec.mean);
  } else if (std::regex_search(words, match, median)) {
    const double ratio = spec.mean / std::max(1.0, std::stod(match[1]));
    spec.kind = LengthSpec::Kind::lognormal;
    spec.spread = ratio > 1 ? std::min(2.0, std::sqrt(2 * std::log(ratio))) : natural_spread / 2;
  } else if (words.find("natural") != std::string::npos ||
             words.find("actual") != std::string::npos) {
    spec.kind = LengthSpec::Kind::lognormal;
    spec.spread = natural_spread;
  }
  return spec;
}

/// A rate and for how many requests it lasts.
struct Stage {
  double rate = 0;  // [1/s]
  std::int64_t requests = 0;
};

/// Load stages from the row's rate, or from notes like "2 load stages [(8, 600), (20, 600)]" (rate,
/// seconds).
std::vector<Stage> stages_of(const MeasuredRun& run, std::int64_t count) {
  if (run.arrival_rate_rps && *run.arrival_rate_rps > 0) return {{*run.arrival_rate_rps, count}};
  std::vector<Stage> stages;
  const auto begin = run.notes.find("load stages");
  if (begin == std::string::npos) return stages;
  const std::string rest = run.notes.substr(begin);
  static const std::regex pair(R"(\(([0-9.]+), *([0-9.]+)\))");
  for (std::sregex_iterator it(rest.begin(), rest.end(), pair), end; it != end; ++it) {
    const double rate = std::stod((*it)[1]);
    const double seconds = std::stod((*it)[2]);
    stages.push_back({rate, static_cast<std::int64_t>(std::llround(rate * seconds))});
  }
  return stages;
}

class TrafficMaker {
 public:
  TrafficMaker(const MeasuredRun& run, const Conventions& conventions,
               const SourceConvention& source, const std::vector<TraceRequest>* requests,
               std::uint64_t seed)
      : run_(run), conventions_(conventions), source_(source), requests_(requests), seed_(seed) {
    const WorkloadConvention* workload = conventions.workload(run.workload_name);
    prompts_repeat_ = workload != nullptr && workload->prompts_repeat;
    const auto figure = [](const std::optional<Figure>& first,
                           const std::optional<Figure>& second) {
      return first ? first->value : second->value;
    };
    const double spread =
        figure(workload ? workload->output_spread : std::nullopt, conventions.natural_spread);
    const double input = run.input_tokens_mean.value_or(
        figure(workload ? workload->input_tokens : std::nullopt, conventions.input_tokens));
    input_ = length_of(input, run.input_tokens_mean ? run.input_dist : "natural", spread);
    output_ = length_of(run.output_tokens_mean.value_or(conventions.output_tokens->value),
                        run.output_tokens_mean ? run.output_dist : "natural", spread);
  }

  std::variant<RunTraffic, Skip> make() {
    const std::string& process = run_.arrival_process;
    if (process == "static_batch" || run_.serving_mode == "static_batch") return static_batch();
    if (process == "closed_loop") return closed_loop();
    if (process.starts_with("burst")) return burst();
    if (process == "constant") return open_loop(true);
    if (process.starts_with("poisson") || process.starts_with("trace")) return open_loop(false);
    if (process.empty() && run_.concurrency) return closed_loop();
    if (process.empty() && run_.arrival_rate_rps) return open_loop(false);
    if (process.empty()) return Skip{"no arrival process, concurrency or rate"};
    return Skip{"arrival process \"" + process + "\" is not known"};
  }

 private:
  std::variant<RunTraffic, Skip> static_batch() {
    const std::int64_t batch = run_.concurrency.value_or(run_.num_requests.value_or(0));
    if (batch < 1) return Skip{"static batch without a batch size"};
    RunTraffic traffic;
    fill(traffic, batch);
    traffic.max_num_seqs = batch;
    traffic.batch = batch;
    return traffic;
  }

  std::variant<RunTraffic, Skip> closed_loop() {
    const std::int64_t clients = run_.concurrency.value_or(0);
    if (clients < 1) return Skip{"closed loop without a concurrency"};
    const auto usual =
        static_cast<std::int64_t>(std::llround(conventions_.requests_per_slot->value)) * clients;
    RunTraffic traffic;
    fill(traffic, run_.num_requests.value_or(usual));
    traffic.stream.closed_loop = ClosedLoop{clients};
    return traffic;
  }

  std::variant<RunTraffic, Skip> burst() {
    RunTraffic traffic;
    traffic.max_num_seqs = run_.max_num_seqs;
    if (!source_.steady_state) {
      if (!run_.num_requests && requests_ == nullptr) {
        return Skip{"burst without a number of requests"};
      }
      fill(traffic, run_.num_requests.value_or(1));
      return traffic;
    }
    const std::int64_t batch = run_.max_num_seqs.value_or(run_.concurrency.value_or(0));
    if (batch < 1) return Skip{"burst without max_num_seqs"};
    traffic.steady_state = true;
    traffic.batch = batch;
    // A number of requests that the batch swallows at once cannot have been all there were.
    const auto usual = static_cast<std::int64_t>(conventions_.steady_generations->value *
                                                 static_cast<double>(batch)) +
                       32;
    const std::int64_t published = run_.num_requests.value_or(0);
    fill(traffic, published > batch + batch / 2 ? published : usual);
    return traffic;
  }

  std::variant<RunTraffic, Skip> open_loop(bool even) {
    RunTraffic traffic;
    if (requests_ != nullptr) {
      fill(traffic, static_cast<std::int64_t>(requests_->size()));
      auto& own = traffic.stream.trace.requests;
      for (std::size_t i = 0; i < own.size(); ++i) own[i].arrival = (*requests_)[i].arrival;
      return traffic;
    }
    const auto stages = stages_of(run_, run_.num_requests.value_or(default_open_requests));
    if (stages.empty()) return Skip{"arrival times are not known (no rate, no requests)"};
    std::int64_t count = 0;
    for (const Stage& stage : stages) count += stage.requests;
    fill(traffic, count);
    RandomStream gaps(seed_, RandomPurpose::arrivals, 0);
    auto next = traffic.stream.trace.requests.begin();
    double begin = 0;
    for (const Stage& stage : stages) {
      // Exponential gaps, scaled so that the stage's number of requests arrives in its time.
      std::vector<double> dates(static_cast<std::size_t>(stage.requests) + 1);
      double sum = 0;
      for (double& date : dates) date = sum += even ? 1.0 : gaps.exponential();
      const double length = static_cast<double>(stage.requests) / stage.rate;
      for (std::int64_t i = 0; i < stage.requests; ++i, ++next) {
        next->arrival =
            std::llround((begin + dates[static_cast<std::size_t>(i)] / sum * length) * 1e9);
      }
      begin += length;
    }
    return traffic;
  }

  void fill(RunTraffic& traffic, std::int64_t count) {
    Trace& trace = traffic.stream.trace;
    trace.source = run_.row_id;
    if (requests_ != nullptr) {
      trace.requests = *requests_;
      for (TraceRequest& request : trace.requests) request.arrival = 0;
    } else {
      count = std::clamp<std::int64_t>(count, 1, most_requests);
      const auto inputs = LengthSampler::make(input_, "/input");
      const auto outputs = LengthSampler::make(output_, "/output");
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        trace.requests.push_back({.arrival = 0,
                                  .input_tokens = inputs->at(spread_point(i, silver)),
                                  .output_tokens = outputs->at(spread_point(i, golden))});
      }
    }
    double input = 0;
    double output = 0;
    for (const TraceRequest& request : trace.requests) {
      input += request.input_tokens;
      output += request.output_tokens;
    }
    traffic.mean_input = input / static_cast<double>(trace.requests.size());
    traffic.mean_output = output / static_cast<double>(trace.requests.size());
    share_prefix(trace);
  }

  /// The prefix that all prompts share, as block ids.
  void share_prefix(Trace& trace) const {
    const double shared =
        prompts_repeat_ ? input_.mean : static_cast<double>(run_.shared_prefix_tokens.value_or(0));
    const auto blocks = static_cast<std::int64_t>(shared) / prefix_block;
    if (blocks < 1 || run_.prefix_caching == 0) return;
    trace.prefix_block_tokens = prefix_block;
    for (std::int64_t i = 0; i < std::min<std::int64_t>(blocks, 60000); ++i) {
      trace.prefix_hashes.push_back(static_cast<std::uint32_t>(i));
    }
    for (TraceRequest& request : trace.requests) {
      request.prefix_count = static_cast<std::uint16_t>(
          std::min<std::int64_t>(static_cast<std::int64_t>(trace.prefix_hashes.size()),
                                 request.input_tokens / prefix_block));
    }
  }

  static constexpr std::int64_t default_open_requests = 1000;
  static constexpr std::int64_t most_requests = 200000;

  const MeasuredRun& run_;
  const Conventions& conventions_;
  const SourceConvention& source_;
  const std::vector<TraceRequest>* requests_;
  std::uint64_t seed_;
  LengthSpec input_, output_;
  bool prompts_repeat_ = false;
};

}  // namespace

std::variant<RunTraffic, Skip> run_traffic(const MeasuredRun& run, const Conventions& conventions,
                                           const SourceConvention& source,
                                           const std::vector<TraceRequest>* requests,
                                           std::uint64_t seed) {
  return TrafficMaker(run, conventions, source, requests, seed).make();
}

}  // namespace microdc
