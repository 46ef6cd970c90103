#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "hwprofiles/laws/coefficients.hpp"
#include "hwprofiles/laws/device_laws.hpp"
#include "hwprofiles/laws/device_numbers.hpp"
#include "hwprofiles/laws/law_choice.hpp"
#include "hwprofiles/laws/law_draw.hpp"
#include "hwprofiles/laws/power_choice.hpp"
#include "hwprofiles/laws/profile_chain.hpp"

namespace microdc {
namespace {

/// Median held-out error above which a user is told.
constexpr double poor_fit = 0.15;
/// So are they of a regime half of whose points are off by more than this, in the logarithm.
constexpr double poor_regime_log = 0.5;

const RegimeError* worst_regime(const FittedLaw& law) {
  const auto worst =
      std::max_element(law.regimes.begin(), law.regimes.end(),
                       [](const RegimeError& a, const RegimeError& b) { return a.q50 < b.q50; });
  return worst == law.regimes.end() ? nullptr : &*worst;
}

}  // namespace

/// Fills a DeviceLaws from the catalog, the profiles and, if wanted, a draw.
class DeviceLawsBuilder {
 public:
  DeviceLawsBuilder(DeviceNumbers numbers, std::vector<ProfileLink> chain, std::string source,
                    const ProfileStore& profiles, std::optional<LawDraw> draw)
      : numbers_(std::move(numbers)),
        chain_(std::move(chain)),
        source_(std::move(source)),
        draw_(draw),
        sampler_(numbers_, profiles.spread(), draw) {}

  Result<DeviceLaws> build(const ProfileStore& profiles) {
    laws_.peak_ = numbers_.peak;
    laws_.bandwidth_ = numbers_.bandwidth;
    laws_.memory_ = numbers_.memory;
    add_origin_caveats();
    for (int i = 0; i < number_format_count; ++i) {
      const auto format = static_cast<NumberFormat>(i);
      add_gemm(format);
      add_decode(format);
      add_prefill(format);
    }
    add_elementwise();
    add_collectives();
    laws_.power_ = power_coefficients(numbers_, chain_, profiles, draw_, laws_.caveats_);
    if (missing_.empty()) return std::move(laws_);
    Diagnostic error{.message = "neither the device nor its relatives have all laws",
                     .found = fmt::format("{}: no {} law", numbers_.name, *missing_.begin()),
                     .fix =
                         "name a measured relative in its catalog file, or run "
                         "`microdc calibrate`"};
    return error;
  }

 private:
  void add_caveat(std::vector<std::string>& caveats, std::string caveat) {
    if (std::find(caveats.begin(), caveats.end(), caveat) == caveats.end()) {
      caveats.push_back(std::move(caveat));
    }
  }

  void add_origin_caveats() {
    const ProfileLink& first = chain_.front();
    if (first.borrowed) {
      add_caveat(laws_.caveats_, fmt::format("{}: kernel efficiencies borrowed from {}",
                                             numbers_.name, first.profile->device));
    }
    for (const FittedLaw& law : first.profile->laws) {
      if (law.origin == Provenance::assumed) {
        add_caveat(laws_.caveats_,
                   fmt::format("{}: kernel efficiencies are assumed, not measured", numbers_.name));
        break;
      }
    }
  }

  /// What a user should know of the choice; `work` names the operator.
  std::vector<std::string> caveats_of(const LawChoice& choice, std::string_view work,
                                      NumberFormat format) {
    std::vector<std::string> caveats;
    const std::string kernel = fmt::format("{} {}", name_of(format), work);
    if (choice.link != &chain_.front()) {
      caveats.push_back(fmt::format("{}: no {} kernels measured, borrowed from {}", numbers_.name,
                                    kernel, choice.link->profile->device));
    }
    if (choice.law->origin == Provenance::assumed) return caveats;
    const RegimeError* worst = worst_regime(*choice.law);
    const bool poor_regime = worst && worst->q50 > poor_regime_log;
    if (choice.law->held_out && (choice.law->held_out->median > poor_fit || poor_regime)) {
      caveats.push_back(fmt::format("{}: the {} law is uncertain, median error {:.0f} %{}",
                                    numbers_.name, kernel, 100 * choice.law->held_out->median,
                                    poor_regime ? fmt::format(" (a factor of {:.1f} for {})",
                                                              std::exp(worst->q50), worst->name)
                                                : ""));
    }
    if (choice.other_format) {
      caveats.push_back(fmt::format("{}: no {} kernels measured, efficiency of {} taken",
                                    numbers_.name, kernel, name_of(choice.law->format)));
    }
    if (choice.other_source) {
      caveats.push_back(fmt::format("{}: no {} kernels of {} measured, those of {} taken",
                                    numbers_.name, kernel, source_, choice.law->kernel_source));
    }
    return caveats;
  }

  static DeviceLaws::Range range_of(const FittedLaw& law, std::string_view name) {
    for (const DomainRange& range : law.domain) {
      if (range.name == name) return {range.low, range.high};
    }
    return {};
  }

  LawChoice choose(LawKind kind, const std::vector<NumberFormat>& formats) {
    const LawChoice choice = choose_law(chain_, kind, formats, source_);
    if (!choice.law) {
      missing_.insert(std::string(law_kind_names()[static_cast<std::size_t>(kind)]));
    }
    return choice;
  }

  void add_gemm(NumberFormat format) {
    const bool native = numbers_.is_native(format);
    const auto choice = choose(LawKind::gemm, gemm_stand_ins(format, native));
    if (!choice.law) return;
    const LawValues values = sampler_.values_of(choice);
    if (format == NumberFormat::bf16 && choice.link != &chain_.front()) {
      add_caveat(laws_.caveats_, fmt::format("{}: kernel efficiencies borrowed from {}",
                                             numbers_.name, choice.link->profile->device));
    }
    auto& law = laws_.gemm_[static_cast<std::size_t>(format)];
    law.coefficients = gemm_coefficients(values.theta, numbers_, format);
    law.coefficients.factor = values.factor;
    // On a CPU a format that no kernels were measured of is computed as the one that stands in.
    if (numbers_.is_cpu && choice.other_format) {
      law.coefficients.seconds_per_flop *=
          numbers_.peak_of(format) / numbers_.peak_of(choice.law->format);
    }
    // Tiles of grouped GEMM kernels; block-scaled fp8 kernels use 64 rows at least (docs/laws.md).
    law.row_padding = format == NumberFormat::fp8_block && native ? 64 : 16;
    law.m = range_of(*choice.law, "m");
    law.n = range_of(*choice.law, "n");
    law.k = range_of(*choice.law, "k");
    law.caveats = caveats_of(choice, "GEMM", format);
    const bool quantised = bytes_per_element(format) < 2;
    if (!native && quantised && compute_format(format) == format) {
      law.caveats.push_back(fmt::format("{}: no {} arithmetic, weights are expanded to 16 bits",
                                        numbers_.name, name_of(format)));
    }
  }

  void add_decode(NumberFormat format) {
    const auto choice = choose(LawKind::decode_attention, attention_stand_ins(format));
    if (!choice.law) return;
    const LawValues values = sampler_.values_of(choice);
    auto& law = laws_.decode_[static_cast<std::size_t>(format)];
    law.coefficients = decode_coefficients(values.theta, sized(choice));
    law.coefficients.residency = 0;
    law.coefficients.factor = values.factor;
    law.sequences = range_of(*choice.law, "sequences");
    law.context = range_of(*choice.law, "context");
    law.caveats = caveats_of(choice, "decode attention", format);
  }

  void add_prefill(NumberFormat format) {
    const auto choice = choose(LawKind::prefill_attention, attention_stand_ins(format));
    if (!choice.law) return;
    const LawValues values = sampler_.values_of(choice);
    auto& law = laws_.prefill_[static_cast<std::size_t>(format)];
    law.coefficients = prefill_coefficients(values.theta, sized(choice));
    law.coefficients.factor = values.factor;
    law.queries = range_of(*choice.law, "queries");
    law.context = range_of(*choice.law, "context");
    law.caveats = caveats_of(choice, "prefill attention", format);
  }

  /// Own numbers; an unknown multiprocessor count or cache size is taken from the relative.
  DeviceNumbers sized(const LawChoice& choice) const {
    DeviceNumbers numbers = numbers_;
    if (!(numbers.multiprocessors > 0)) {
      numbers.multiprocessors = choice.link->numbers.multiprocessors;
    }
    if (!(numbers.cache > 0)) numbers.cache = choice.link->numbers.cache;
    return numbers;
  }

  void add_elementwise() {
    const auto choice = choose(LawKind::elementwise, {NumberFormat::bf16});
    if (!choice.law) return;
    const LawValues values = sampler_.values_of(choice);
    laws_.elementwise_ = elementwise_coefficients(values.theta, numbers_);
    laws_.elementwise_.factor = values.factor;
    if (choice.link != &chain_.front()) {
      add_caveat(laws_.caveats_,
                 fmt::format("{}: no elementwise kernels measured, borrowed from {}", numbers_.name,
                             choice.link->profile->device));
    }
  }

  void add_collectives() {
    const auto has_one = [](const ProfileLink& link) {
      return std::any_of(link.profile->laws.begin(), link.profile->laws.end(),
                         [](const FittedLaw& law) { return law.kind == LawKind::all_reduce; });
    };
    const auto link = std::find_if(chain_.begin(), chain_.end(), has_one);
    if (link == chain_.end()) {
      missing_.insert("all_reduce");
      return;
    }
    std::map<std::string, std::vector<const FittedLaw*>> libraries;
    for (const FittedLaw& law : link->profile->laws) {
      if (law.kind == LawKind::all_reduce) libraries[law.kernel_source].push_back(&law);
    }
    for (auto& [name, laws] : libraries) laws_.collectives_.push_back(library_of(*link, laws));
    // Descending: the first covers the largest messages and is used beyond all measured ones.
    std::stable_sort(
        laws_.collectives_.begin(), laws_.collectives_.end(),
        [](const auto& a, const auto& b) { return a.largest_message > b.largest_message; });
    laws_.collectives_.front().largest_message = 1e300;
    if (link != chain_.begin()) {
      add_caveat(laws_.caveats_,
                 fmt::format("{}: no collectives measured, those of {} scaled by link bandwidth",
                             numbers_.name, link->profile->device));
    }
    add_caveat(
        laws_.caveats_,
        "all-gather, all-to-all and point-to-point times are derived from the all-reduce law");
  }

  DeviceLaws::CollectiveLibrary library_of(const ProfileLink& link,
                                           std::vector<const FittedLaw*> laws) {
    std::sort(laws.begin(), laws.end(),
              [](const FittedLaw* a, const FittedLaw* b) { return a->group < b->group; });
    const bool scaled = &link != &chain_.front() || link.borrowed;
    const double own = numbers_.link_bandwidth;
    const double theirs = link.numbers.link_bandwidth;
    const double slower = scaled && own > 0 && theirs > 0 ? theirs / own : 1;
    DeviceLaws::CollectiveLibrary library;
    library.largest_message = 0;
    for (const FittedLaw* law : laws) {
      const LawValues values = sampler_.values_of({.law = law, .link = &link});
      DeviceLaws::GroupLaw group{.group = static_cast<double>(law->group),
                                 .coefficients = all_reduce_coefficients(values.theta)};
      group.coefficients.seconds_per_byte *= slower;
      group.coefficients.ramp *= slower;
      library.groups.push_back(group);
      library.factor = values.factor;
      library.largest_message = std::max(library.largest_message, range_of(*law, "message").high);
    }
    return library;
  }

  DeviceNumbers numbers_;
  std::vector<ProfileLink> chain_;
  std::string source_;
  std::optional<LawDraw> draw_;
  LawSampler sampler_;
  DeviceLaws laws_;
  std::set<std::string> missing_;
};

Result<DeviceLaws> make_device_laws(const HardwareCatalog& catalog, const ProfileStore& profiles,
                                    const std::string& device, const std::string& kernel_source,
                                    std::optional<LawDraw> draw) {
  auto numbers = device_numbers(catalog, device);
  if (!numbers) return numbers.diagnostics();
  auto chain = profile_chain(catalog, profiles, *numbers);
  if (chain.empty()) {
    std::vector<std::string> measured;
    for (const auto& [name, profile] : profiles.profiles()) measured.push_back(name);
    return Diagnostic{.message = "the device has no profile and no relative with one",
                      .found = numbers->name,
                      .allowed = join_names(measured),
                      .fix =
                          "name one of these as \"relative\" in its catalog file, or run "
                          "`microdc calibrate`"};
  }
  return DeviceLawsBuilder(std::move(*numbers), std::move(chain), kernel_source, profiles, draw)
      .build(profiles);
}

}  // namespace microdc
