// ServeGen: not a list of requests but the statistics of clients, from which requests are drawn.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string>

#include "sim/workload/formats/formats.hpp"
#include "sim/workload/formats/servegen_data.hpp"
#include "sim/workload/formats/tar_reader.hpp"
#include "hwprofiles/base/random.hpp"

namespace microdc {
namespace {

constexpr std::uint64_t largest_member = 256u << 20;
/// Length of the last window; the others end where the next begins.
constexpr double window_seconds = 600;

/// "chunk-12-trace.csv" in any folder: 12, if it ends in `ending`.
std::optional<std::uint32_t> client_number(std::string_view name, std::string_view ending) {
  name = name.substr(name.find_last_of('/') + 1);
  if (!name.starts_with("chunk-") || !name.ends_with(ending)) return std::nullopt;
  name.remove_prefix(6);
  std::uint32_t number = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr + ending.size() != name.data() + name.size()) {
    return std::nullopt;
  }
  return number;
}

using Clients = std::map<std::uint32_t, ServegenClient>;

Clients read_clients(InputBytes& input, TraceBuilder& builder) {
  Clients clients;
  TarReader archive(input);
  while (const auto name = archive.next()) {
    if (builder.stopped()) break;
    if (const auto trace = client_number(*name, "-trace.csv")) {
      const std::string text = archive.content(largest_member);
      parse_servegen_windows(text, input.name(), *name, clients[*trace], builder);
    } else if (const auto dataset = client_number(*name, "-dataset.json")) {
      const std::string text = archive.content(largest_member);
      if (!archive.error()) {
        parse_servegen_lengths(text, input.name(), *name, clients[*dataset], builder);
      }
    }
  }
  if (archive.error()) builder.error(*archive.error());
  return clients;
}

/// Draws the requests of one client.
class ClientDraw {
 public:
  ClientDraw(std::uint32_t number, const ServegenClient& client, const TraceReadOptions& options,
             TraceBuilder& builder)
      : client_(client),
        builder_(builder),
        arrivals_(options.seed, RandomPurpose::trace_clients, number),
        lengths_(options.seed, RandomPurpose::input_tokens, number),
        class_(builder.client(fmt::format("chunk-{}", number))),
        begin_(options.start.value()),
        end_(options.duration.value() > 0 ? begin_ + options.duration.value() : 1e18) {}

  /// Gaps have mean 1 in the time of the cumulated rate, in which a window of rate r and length T
  /// is r·T long; so that a change of rate between windows neither loses nor adds requests.
  void run() {
    double target = -1;
    double passed = 0;
    for (std::size_t i = 0; i < client_.windows.size() && !builder_.stopped(); ++i) {
      const ServegenWindow& window = client_.windows[i];
      if (window.start >= end_) return;
      if (window.rate <= 0) continue;
      const double length = (i + 1 < client_.windows.size() ? client_.windows[i + 1].start
                                                            : window.start + window_seconds) -
                            window.start;
      if (target < 0) target = first_gap(window);
      const double span = window.rate * length;
      for (; target < passed + span && !builder_.stopped(); target += gap(window)) {
        emit(window.start + (target - passed) / window.rate);
      }
      passed += span;
    }
  }

 private:
  double gap(const ServegenWindow& window) {
    switch (window.gaps) {
      case ServegenWindow::Gaps::gamma: return arrivals_.gamma(window.shape) / window.shape;
      case ServegenWindow::Gaps::weibull:
        return arrivals_.weibull(window.shape) / std::tgamma(1 + 1 / window.shape);
      case ServegenWindow::Gaps::exponential: break;
    }
    return arrivals_.exponential();
  }

  /// What is left of a gap that began before the observation: U times a gap drawn in proportion to
  /// its length. For Weibull, (gap/scale)^k is then gamma-distributed with shape 1 + 1/k.
  double first_gap(const ServegenWindow& window) {
    const double position = arrivals_.uniform();
    const double k = window.shape;
    switch (window.gaps) {
      case ServegenWindow::Gaps::gamma: return position * arrivals_.gamma(k + 1) / k;
      case ServegenWindow::Gaps::weibull:
        return position * std::pow(arrivals_.gamma(1 + 1 / k), 1 / k) / std::tgamma(1 + 1 / k);
      case ServegenWindow::Gaps::exponential: break;
    }
    return arrivals_.exponential();
  }

  double draw(const ServegenLengths& lengths, ServegenField field) {
    const ServegenPdf& pdf = lengths.of(field);
    return pdf.empty() ? 0 : pdf.at(lengths_.uniform());
  }

  /// A prompt's tokens: as published, or text and the tokens of each attached image, sound or film.
  double draw_input(const ServegenLengths& lengths) {
    if (!lengths.of(ServegenField::input).empty()) return draw(lengths, ServegenField::input);
    double tokens = draw(lengths, ServegenField::text);
    tokens +=
        draw(lengths, ServegenField::image_count) * draw(lengths, ServegenField::image_tokens);
    tokens +=
        draw(lengths, ServegenField::audio_count) * draw(lengths, ServegenField::audio_tokens);
    tokens +=
        draw(lengths, ServegenField::video_count) * draw(lengths, ServegenField::video_tokens);
    return tokens;
  }

  void emit(double time) {
    const auto later = std::upper_bound(
        client_.lengths.begin(), client_.lengths.end(), time,
        [](double at, const ServegenLengths& lengths) { return at < lengths.start; });
    const ServegenLengths& lengths = later == client_.lengths.begin() ? *later : *(later - 1);
    const double input = std::round(draw_input(lengths));
    const double output = std::round(draw(lengths, ServegenField::output));
    if (time < begin_ || time >= end_) return;
    builder_.add({.time = static_cast<Nanoseconds>(time * 1e9),
                  .input_tokens = static_cast<std::int64_t>(std::min(input, 1e15)),
                  .output_tokens = static_cast<std::int64_t>(std::min(output, 1e15)),
                  .client = class_});
  }

  const ServegenClient& client_;
  TraceBuilder& builder_;
  RandomStream arrivals_;
  RandomStream lengths_;
  std::uint16_t class_;
  double begin_;
  double end_;
};

/// Requests to be expected of a client in the window of time that is asked for.
double expected_requests(const ServegenClient& client, const TraceReadOptions& options) {
  double expected = 0;
  const double begin = options.start.value();
  const double end = options.duration.value() > 0 ? begin + options.duration.value() : 1e18;
  for (std::size_t i = 0; i < client.windows.size(); ++i) {
    const double from = client.windows[i].start;
    const double to =
        i + 1 < client.windows.size() ? client.windows[i + 1].start : from + window_seconds;
    expected += client.windows[i].rate * std::max(0.0, std::min(to, end) - std::max(from, begin));
  }
  return expected;
}

bool check_amount(const Clients& clients, const TraceReadOptions& options, const std::string& file,
                  TraceBuilder& builder) {
  double expected = 0;
  for (const auto& [number, client] : clients) expected += expected_requests(client, options);
  if (expected <= static_cast<double>(options.max_requests)) return true;
  builder.error({.file = file,
                 .message = "the clients send more requests than the limit",
                 .found = fmt::format("about {:.3g}", expected),
                 .allowed = fmt::format("at most {}", options.max_requests),
                 .fix = "read a part of the time (start and duration)"});
  return false;
}

Result<ReadTrace> read_servegen(InputBytes& input, const TraceReadOptions& options) {
  TraceBuilder builder(input, "servegen", options);
  const Clients clients = read_clients(input, builder);
  if (clients.empty() && !builder.has_errors()) {
    builder.error({.file = input.name(),
                   .message = "the archive holds no ServeGen client",
                   .allowed = "files chunk-N-trace.csv and chunk-N-dataset.json",
                   .fix = "check that this is the right archive"});
  }
  Nanoseconds duration = 0;
  if (!builder.has_errors() && check_amount(clients, options, input.name(), builder)) {
    std::size_t drawn = 0;
    for (const auto& [number, client] : clients) {
      if (client.windows.empty()) continue;
      duration = std::max(
          duration, static_cast<Nanoseconds>((client.windows.back().start + window_seconds) * 1e9));
      if (client.lengths.empty()) {
        for (const ServegenWindow& window : client.windows) {
          if (window.rate > 0)
            builder.drop(0, "a window of a client without distributions of lengths");
        }
        continue;
      }
      ++drawn;
      ClientDraw(number, client, options, builder).run();
    }
    builder.remark(
        fmt::format("requests drawn from the statistics of {} clients with seed {}; a row is "
                    "a client's window of {:.0f} s",
                    drawn, options.seed, window_seconds));
  }
  return builder.finish(nullptr, {.duration = duration});
}

}  // namespace

TraceFormat servegen_format() {
  return {
      "servegen",
      "ServeGen archive (tar.gz of chunk-N-trace.csv, chunk-N-dataset.json): requests are drawn",
      [](std::string_view head) { return head.size() >= 262 && head.substr(257, 5) == "ustar"; },
      read_servegen};
}

}  // namespace microdc
