// The equations of the laws (docs/laws.md), used both to fit them and to evaluate them.
// Coefficients are those of one device: efficiencies are already multiplied with its datasheet
// peaks.
#pragma once

#include <algorithm>
#include <cmath>

namespace microdc {

/// Smooth maximum (a^p + b^p)^(1/p): a + b for p = 1, max(a, b) for p to infinity.
/// Both arguments >= 0; `inverse_p` = 1/p.
inline double p_norm(double a, double b, double p, double inverse_p) {
  const double high = std::max(a, b);
  const double low = std::min(a, b);
  if (!(low > 0)) return high;
  const double exponent = p * std::log(low / high);
  // Below this the smaller one adds less than double precision resolves.
  if (exponent < -37) return high;
  return high * std::exp(std::log1p(std::exp(exponent)) * inverse_p);
}

/// GEMM, R7 with the cost of dynamic quantisation:
/// t = t0 + cK sqrt(k/4096) + pn(tc (1 + d tc/(tc + 1 ms)), (B + r n)/(eW W)) + q 3 m k/W,
/// tc = F/(eP P). r is the traffic in which time a CPU begins and ends a row of the weights.
struct GemmCoefficients {
  double launch = 0;             ///< t0 [s]
  double depth = 0;              ///< cK/64 [s]: times sqrt(k)
  double seconds_per_flop = 0;   ///< 1/(eP P)
  double seconds_per_byte = 0;   ///< 1/(eW W)
  double sharpness = 1;          ///< p
  double inverse_sharpness = 1;  ///< 1/p
  double throttle = 0;           ///< d: long kernels run into the power cap
  double quantisation = 0;       ///< 3 q/W [s] per activation element
  double weight_bytes = 2;       ///< per element
  double input_bytes = 2;        ///< per activation element
  double output_bytes = 2;       ///< per output element
  double row_bytes = 0;          ///< r: per row of the weights
  double factor = 1;             ///< common factor of a draw
};

/// tc (1 + d tc/(tc + 1 ms)) of `flop`.
inline double throttled_seconds(const GemmCoefficients& c, double flop) {
  const double compute = flop * c.seconds_per_flop;
  return compute * (1 + c.throttle * compute / (compute + 1e-3));
}

inline double gemm_seconds(const GemmCoefficients& c, double m, double n, double k) {
  const double throttled = throttled_seconds(c, 2.0 * m * n * k);
  const double bytes =
      m * k * c.input_bytes + n * (k * c.weight_bytes + c.row_bytes) + m * n * c.output_bytes;
  return c.factor *
         (c.launch + c.depth * std::sqrt(k) +
          p_norm(throttled, bytes * c.seconds_per_byte, c.sharpness, c.inverse_sharpness) +
          c.quantisation * m * k);
}

/// Decode attention, D5:
/// t = t0 + cr sequences kv_heads/SM + pn(F/(eP P), B/(eW W (1 + r/(1 + (B/(0.6 L2))^3)))).
/// r is the extra bandwidth of a cache-resident KV; evaluation sets it to zero, serving reads it
/// cold.
struct DecodeCoefficients {
  double launch = 0;    ///< t0 [s]
  double per_item = 0;  ///< cr/SM [s] per sequence and KV head
  double seconds_per_flop = 0;
  double seconds_per_byte = 0;
  double sharpness = 1;
  double inverse_sharpness = 1;
  double residency = 0;    ///< r
  double cache_bytes = 1;  ///< 0.6 L2
  double factor = 1;
};

/// `flop` and `bytes` as flop_of and bytes_of define them, `items` = sequences * KV heads.
inline double decode_seconds(const DecodeCoefficients& c, double flop, double bytes, double items) {
  double memory = bytes * c.seconds_per_byte;
  if (c.residency > 0) {
    const double fill = bytes / c.cache_bytes;
    memory /= 1 + c.residency / (1 + fill * fill * fill);
  }
  return c.factor * (c.launch + c.per_item * items +
                     p_norm(flop * c.seconds_per_flop, memory, c.sharpness, c.inverse_sharpness));
}

/// Queries that one thread block of a prefill attention kernel handles.
inline constexpr double attention_tile = 128;

/// What a prefill attention kernel has to do, of all sequences.
struct PrefillWork {
  double flop = 0;  ///< F: 2 (qk_dim + v_dim) per pair of query and key that causality allows
  double bytes = 0;
  double queries = 0;    ///< of all query heads
  double head_dims = 1;  ///< qk_dim + v_dim
  double tiles = 0;      ///< sequences * query heads * ceil(queries/128)
  double tile_flop = 0;  ///< L = 2 head_dims 128 keys: of the longest tile, which one SM does alone
};

/// Prefill attention, P5:
/// t = t0 + cw ceil(tiles/SM) + pn_p(pn_r(F'/(eP P), h L/(eP P/SM)), B/(eW W)),
/// F' = (F + 2 head_dims g queries) (1 + x/(2 head_dims)). g are the keys per query that a CPU's
/// kernel computes in its blocks on the diagonal and throws away, x is the cost of the softmax.
struct PrefillCoefficients {
  double launch = 0;    ///< t0 [s]
  double per_wave = 0;  ///< cw [s]
  double seconds_per_flop = 0;
  double longest_tile = 0;  ///< h SM/(eP P) [s/FLOP]
  double seconds_per_byte = 0;
  double sharpness = 1;  ///< p
  double inverse_sharpness = 1;
  double path_sharpness = 1;  ///< r
  double inverse_path_sharpness = 1;
  double multiprocessors = 1;
  double diagonal = 0;  ///< g [keys per query]
  double softmax = 0;   ///< x [FLOP per pair of query and key]
  double factor = 1;
};

inline double prefill_seconds(const PrefillCoefficients& c, const PrefillWork& work) {
  const double flop = (work.flop + 2 * work.head_dims * c.diagonal * work.queries) *
                      (1 + c.softmax / (2 * work.head_dims));
  const double compute = p_norm(flop * c.seconds_per_flop, work.tile_flop * c.longest_tile,
                                c.path_sharpness, c.inverse_path_sharpness);
  return c.factor *
         (c.launch + c.per_wave * std::ceil(work.tiles / c.multiprocessors) +
          p_norm(compute, work.bytes * c.seconds_per_byte, c.sharpness, c.inverse_sharpness));
}

/// Norms, activations, residual adds: t = t0 + B/(f W).
struct ElementwiseCoefficients {
  double launch = 0;
  double seconds_per_byte = 0;
  double factor = 1;
};

inline double elementwise_seconds(const ElementwiseCoefficients& c, double bytes) {
  return c.factor * (c.launch + bytes * c.seconds_per_byte);
}

/// All-reduce of one group: t = alpha + gamma sqrt(S) + 2 (n-1)/n S/beta.
struct AllReduceCoefficients {
  double latency = 0;           ///< alpha [s]
  double ramp = 0;              ///< gamma [s/B^0.5]
  double seconds_per_byte = 0;  ///< 1/beta, of the bus bandwidth
};

/// `share` of the traffic and ramp of an all-reduce that the collective needs (all-gather: 1/2).
inline double all_reduce_seconds(const AllReduceCoefficients& c, double message, double group,
                                 double share = 1) {
  return c.latency + share * (c.ramp * std::sqrt(message) +
                              2 * (group - 1) / group * message * c.seconds_per_byte);
}

/// Experts, product law of the step model: imbalance * sqrt(tc^2 + tb^2).
inline double expert_seconds(double compute, double memory, double imbalance) {
  return imbalance * std::sqrt(compute * compute + memory * memory);
}

/// Power: P/TDP = p0 + (1 - p0) (1 - exp(-(a u_mem + b u_comp + s u_slow))).
struct PowerCoefficients {
  double tdp = 0;         ///< [W]
  double idle = 0;        ///< [W]
  double floor = 0;       ///< p0
  double memory = 0;      ///< a
  double arithmetic = 0;  ///< b
  double slow = 0;        ///< s
  double factor = 1;      ///< of a draw
};

inline double power_watts(const PowerCoefficients& c, double memory, double arithmetic,
                          double slow) {
  const double work = c.memory * memory + c.arithmetic * arithmetic + c.slow * slow;
  const double share = c.floor + (1 - c.floor) * -std::expm1(-work);
  return c.tdp * std::min(1.0, share * c.factor);
}

}  // namespace microdc
