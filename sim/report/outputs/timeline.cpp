// timeline.csv: the state of the rack at regular dates.
#include <fmt/format.h>

#include "sim/report/outputs/atomic_stream.hpp"
#include "sim/report/outputs/run_output.hpp"

namespace microdc {
namespace {

constexpr std::string_view timeline_header =
    "time_s,running,waiting,completed,replicas_online,kv_use,accelerator_w,it_w\n";

class TimelineOutput final : public RunOutput {
 public:
  TimelineOutput(std::shared_ptr<AtomicStream> stream, const OutputSettings& settings)
      : stream_(std::move(stream)),
        it_power_known_(settings.it_power_known),
        limit_(settings.timeline_limit) {
    stream_->write(timeline_header);
  }

  void on_sample(const TimelineSample& s) override {
    ++rows_;
    last_ = s.time;
    stream_->write(fmt::format("{},{},{},{},{},{:.6f},{:.3f},{}\n", exact_seconds(s.time),
                               s.running, s.waiting, s.completed, s.replicas_online, s.kv_use,
                               s.accelerator_power.value(),
                               it_power_known_ ? fmt::format("{:.3f}", s.it_power.value()) : ""));
  }

  Diagnostics finish() override {
    Diagnostics findings = stream_->commit();
    if (rows_ < limit_) return findings;
    findings.add(
        {.severity = Severity::warning,
         .file = "timeline.csv",
         .message = fmt::format("it ends at {} s, with its line {}", exact_seconds(last_), rows_),
         .fix = "choose a longer time between samples"});
    return findings;
  }

 private:
  std::shared_ptr<AtomicStream> stream_;
  bool it_power_known_;
  std::int64_t limit_;
  std::int64_t rows_ = 0;
  Nanoseconds last_ = 0;
};

}  // namespace

RunOutputKind timeline_output() {
  return {"timeline", "timeline.csv", "the state of the rack at regular dates",
          [](const OutputSettings& settings) -> Result<std::shared_ptr<RunOutput>> {
            const auto stream = AtomicStream::open(settings.folder / "timeline.csv");
            if (!stream) return stream.diagnostics();
            return std::shared_ptr<RunOutput>(std::make_shared<TimelineOutput>(*stream, settings));
          }};
}

}  // namespace microdc
