// requests.csv: one line per request, in the order in which they ended.
#include <fmt/format.h>

#include "sim/report/outputs/atomic_stream.hpp"
#include "sim/report/outputs/run_output.hpp"
#include "sim/scenario/targets.hpp"

namespace microdc {
namespace {

constexpr std::string_view requests_header =
    "stream,request,outcome,arrival_s,first_scheduled_s,first_token_s,finished_s,ttft_s,tpot_s,e2e_"
    "s,"
    "input_tokens,output_tokens,replica,attempts,target\n";

std::string_view name_of(RequestOutcome outcome) {
  switch (outcome) {
    case RequestOutcome::completed: return "completed";
    case RequestOutcome::rejected: return "rejected";
    case RequestOutcome::timed_out: break;
  }
  return "timed_out";
}

/// Empty for what did not happen.
std::string date(Nanoseconds time) { return time < 0 ? "" : exact_seconds(time); }

class RequestsOutput final : public RunOutput {
 public:
  RequestsOutput(std::shared_ptr<AtomicStream> stream, const Scenario& scenario)
      : stream_(std::move(stream)) {
    for (const WorkloadSpec& workload : scenario.workloads)
      names_.push_back(csv_cell(workload.name));
    for (std::size_t i = 0; i < target_count(scenario); ++i) {
      targets_.push_back(csv_cell(target_name(scenario, i)));
    }
    stream_->write(requests_header);
  }

  void on_request(const RequestRecord& r) override {
    const bool completed = r.outcome == RequestOutcome::completed;
    const bool started = r.first_token >= 0;
    const std::string ttft = started ? exact_seconds(r.first_token - r.arrival) : "";
    const std::string tpot =
        completed && r.output_tokens > 1
            ? exact_seconds((r.finished - r.first_token) / (r.output_tokens - 1))
            : "";
    const std::string e2e = completed ? exact_seconds(r.finished - r.arrival) : "";
    stream_->write(fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", names_[r.stream],
                               r.request, name_of(r.outcome), date(r.arrival),
                               date(r.first_scheduled), date(r.first_token), date(r.finished), ttft,
                               tpot, e2e, r.input_tokens, r.output_tokens,
                               r.first_scheduled < 0 ? "" : std::to_string(r.replica), r.attempts,
                               targets_.empty() ? "" : targets_[r.target]));
  }

  Diagnostics finish() override { return stream_->commit(); }

 private:
  std::shared_ptr<AtomicStream> stream_;
  std::vector<std::string> names_;
  std::vector<std::string> targets_;
};

}  // namespace

RunOutputKind requests_output() {
  return {"requests", "requests.csv", "one line per request: outcome, dates, latencies, replica",
          [](const OutputSettings& settings) -> Result<std::shared_ptr<RunOutput>> {
            const auto stream = AtomicStream::open(settings.folder / "requests.csv");
            if (!stream) return stream.diagnostics();
            return std::shared_ptr<RunOutput>(
                std::make_shared<RequestsOutput>(*stream, settings.scenario));
          }};
}

}  // namespace microdc
