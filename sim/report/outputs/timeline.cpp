// timeline.csv: the state of the rack at regular dates.
#include <fmt/format.h>

#include "sim/report/outputs/atomic_stream.hpp"
#include "sim/report/outputs/run_output.hpp"

namespace microdc {
namespace {

constexpr std::string_view header =
    "time_s,running,waiting,completed,replicas_online,kv_use,accelerator_w,it_w\n";

class TimelineOutput final : public RunOutput {
 public:
  TimelineOutput(std::shared_ptr<AtomicStream> stream, bool it_power_known)
      : stream_(std::move(stream)), it_power_known_(it_power_known) {
    stream_->write(header);
  }

  void on_sample(const TimelineSample& s) override {
    stream_->write(fmt::format("{},{},{},{},{},{:.6f},{:.3f},{}\n", exact_seconds(s.time),
                               s.running, s.waiting, s.completed, s.replicas_online, s.kv_use,
                               s.accelerator_power.value(),
                               it_power_known_ ? fmt::format("{:.3f}", s.it_power.value()) : ""));
  }

  Diagnostics finish() override { return stream_->commit(); }

 private:
  std::shared_ptr<AtomicStream> stream_;
  bool it_power_known_;
};

}  // namespace

RunOutputKind timeline_output() {
  return {"timeline", "timeline.csv", "the state of the rack at regular dates",
          [](const OutputSettings& settings) -> Result<std::shared_ptr<RunOutput>> {
            const auto stream = AtomicStream::open(settings.folder / "timeline.csv");
            if (!stream) return stream.diagnostics();
            return std::shared_ptr<RunOutput>(
                std::make_shared<TimelineOutput>(*stream, settings.it_power_known));
          }};
}

}  // namespace microdc
