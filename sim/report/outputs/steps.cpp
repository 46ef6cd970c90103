// steps.json: what each replica's engine did when, for the viewers of Chrome traces (Perfetto,
// chrome://tracing). Format: "Trace Event Format", Google, complete events ("ph": "X") with times
// in microseconds.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/report/outputs/atomic_stream.hpp"
#include "sim/report/outputs/run_output.hpp"

namespace microdc {
namespace {

/// Microseconds with all their digits.
std::string microseconds(Nanoseconds time) {
  return fmt::format("{}.{:03}", time / 1000, time % 1000);
}

std::string_view name_of(const StepRecord& record) {
  if (record.prefill_sequences == 0) return "decode";
  return record.decode_sequences == 0 ? "prefill" : "prefill and decode";
}

class StepsOutput final : public RunOutput {
 public:
  StepsOutput(std::shared_ptr<AtomicStream> stream, const OutputSettings& settings)
      : stream_(std::move(stream)), limit_(settings.steps_limit) {
    stream_->write("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
    event(nlohmann::json{{"ph", "M"},
                         {"name", "process_name"},
                         {"pid", 1},
                         {"args", {{"name", settings.scenario.name}}}}
              .dump());
    std::int64_t replica = 0;
    for (const PoolSpec& pool : settings.scenario.pools) {
      for (std::int64_t i = 0; i < pool.replicas; ++i, ++replica) {
        event(nlohmann::json{{"ph", "M"},
                             {"name", "thread_name"},
                             {"pid", 1},
                             {"tid", replica},
                             {"args", {{"name", fmt::format("{} #{}", pool.name, i + 1)}}}}
                  .dump());
      }
    }
  }

  void on_step_end(const Replica& replica, const StepRecord& r) override {
    if (records_ >= limit_) {
      if (left_out_++ == 0) cut_at_ = r.begin;
      return;
    }
    ++records_;
    event(fmt::format(R"({{"ph":"X","name":"{}","pid":1,"tid":{},"ts":{},"dur":{},"args":{{)"
                      R"("steps":{},"decode_sequences":{},"prefill_sequences":{},)"
                      R"("prefill_tokens":{},"kv_tokens":{},"waiting":{},"power_w":{:.1f}}}}})",
                      name_of(r), replica.index(), microseconds(r.begin),
                      microseconds(r.end - r.begin), r.steps, r.decode_sequences,
                      r.prefill_sequences, r.prefill_tokens, r.kv_tokens, r.waiting, r.power));
  }

  Diagnostics finish() override {
    stream_->write(fmt::format("\n],\"otherData\":{{\"records\":{},\"records_left_out\":{}}}}}\n",
                               records_, left_out_));
    Diagnostics findings = stream_->commit();
    if (left_out_ > 0) {
      findings.add(
          {.severity = Severity::warning,
           .file = "steps.json",
           .message = fmt::format("cut after {} records, at {} s of simulated time; {} more "
                                  "are left out",
                                  records_, exact_seconds(cut_at_), left_out_),
           .fix = "raise --steps-limit, or simulate a shorter time"});
    }
    return findings;
  }

 private:
  void event(const std::string& text) {
    if (!first_) stream_->write(",\n");
    first_ = false;
    stream_->write(text);
  }

  std::shared_ptr<AtomicStream> stream_;
  std::int64_t limit_;
  std::int64_t records_ = 0;
  std::int64_t left_out_ = 0;
  Nanoseconds cut_at_ = 0;
  bool first_ = true;
};

}  // namespace

RunOutputKind steps_output() {
  return {"steps", "steps.json", "the engines' steps, for Perfetto and chrome://tracing",
          [](const OutputSettings& settings) -> Result<std::shared_ptr<RunOutput>> {
            const auto stream = AtomicStream::open(settings.folder / "steps.json");
            if (!stream) return stream.diagnostics();
            return std::shared_ptr<RunOutput>(std::make_shared<StepsOutput>(*stream, settings));
          }};
}

}  // namespace microdc
