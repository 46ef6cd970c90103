// Fits one law to measured points: parameters, covariance, errors in sample and held out.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "calibrate/kernel_table.hpp"
#include "calibrate/least_squares.hpp"
#include "hwprofiles/laws/device_numbers.hpp"
#include "hwprofiles/laws/profile.hpp"

namespace microdc {

/// One measured point as the fitter sees it.
struct FitPoint {
  double seconds = 0;
  double roofline = 0;  ///< datasheet max(F/P, B/W) [s]; 0: none
  /// Points with the same key are never split between fitting and testing ("4096/11008").
  std::string key;
  std::string regime;
  std::vector<double> shape;  ///< values of LawFit::shape_names
};

/// Predicts point `i` with parameters fixed beforehand.
using PointPredictor = std::function<double(std::size_t)>;

/// Everything a law brings to the fitter.
struct LawFit {
  LawKind kind = LawKind::gemm;
  std::vector<FitParameter> parameters;  ///< of law_parameters(kind), in its order
  /// Which of law_parameters(kind) they are; empty: the first ones.
  std::vector<std::size_t> places;
  std::vector<std::string> shape_names;
  std::vector<std::string> regimes;  ///< in the order in which they are reported
  std::vector<FitPoint> points;
  /// Of all of law_parameters(kind).
  std::function<PointPredictor(std::span<const double>)> law;
};

/// The first parameters of a law, with its bounds and these starts. A CPU's bandwidth is what was
/// measured in another moment of the same run, no datasheet's limit: kernels may exceed it.
std::vector<FitParameter> starting_at(LawKind kind, const DeviceNumbers& device,
                                      const std::vector<double>& starts);

/// Fits on all points for the stored parameters, and on each half of the keys for the held-out
/// errors of the other half. Needs at least two keys.
FittedLaw fit_law(const LawFit& fit);

/// 0 or 1 for each key: halves of the distinct keys in an order that depends on nothing but them.
std::vector<int> halves_of(const std::vector<FitPoint>& points);

// The laws. Rows that a law cannot use are counted in `dropped`. Nullopt: too few rows are left.

/// `half`: the law of the 16-bit kernels of this device and source, or null. It bounds launch and
/// depth of quantised ones, whose measurements include a separate quantisation kernel.
std::optional<FittedLaw> fit_gemm(const std::vector<KernelRow>& rows, const DeviceNumbers& device,
                                  NumberFormat format, const FittedLaw* half, DroppedRows& dropped);
std::optional<FittedLaw> fit_decode_attention(const std::vector<KernelRow>& rows,
                                              const DeviceNumbers& device, NumberFormat kv_format,
                                              DroppedRows& dropped);
std::optional<FittedLaw> fit_prefill_attention(const std::vector<KernelRow>& rows,
                                               const DeviceNumbers& device, NumberFormat kv_format,
                                               DroppedRows& dropped);
std::optional<FittedLaw> fit_elementwise(const std::vector<KernelRow>& rows,
                                         const DeviceNumbers& device, DroppedRows& dropped);
/// All rows of one group size.
std::optional<FittedLaw> fit_all_reduce(const std::vector<KernelRow>& rows,
                                        const DeviceNumbers& device, DroppedRows& dropped);

// Regimes by which held-out errors are told apart; `cache` is the last-level cache [byte].
std::string gemm_regime(double m);                         ///< "decode", "mid", "prefill"
std::string decode_regime(double kv_bytes, double cache);  ///< "cached", "cold"
std::string prefill_regime(double queries);                ///< "short", "long"
std::string all_reduce_regime(double message);             ///< "small", "large"

/// Reason under which the rows of a law that is not fitted are counted.
inline constexpr const char* too_few_rows = "too few rows for a law";
/// Fewest rows for which a law is fitted; below, the prior would decide.
inline constexpr std::size_t min_fit_points = 16;

}  // namespace microdc
