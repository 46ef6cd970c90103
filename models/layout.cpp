// Which parallel layouts a model can be served in.
#include <fmt/format.h>

#include "models/step_work.hpp"

namespace microdc {
namespace {

std::string divisors_up_to(std::int64_t value, std::int64_t limit) {
  std::vector<std::string> names;
  for (std::int64_t d = 1; d <= value && d <= limit; ++d) {
    if (value % d == 0) names.push_back(fmt::format("{}", d));
  }
  return join_names(names);
}

void check_sizes(const ParallelLayout& layout, Diagnostics& found) {
  const auto check = [&found](const char* place, int value) {
    if (value >= 1) return;
    found.add({.place = place,
               .message = "a parallel size must be at least 1",
               .found = fmt::format("{}", value),
               .allowed = "1, 2, 3, …",
               .fix = "use 1 for no parallelism of this kind"});
  };
  check("/tp", layout.tp);
  check("/pp", layout.pp);
  check("/dp", layout.dp);
  check("/ep", layout.ep);
}

void check_tensor_parallel(const ModelCard& card, int tp, Diagnostics& found) {
  if (card.heads % tp != 0) {
    found.add({.place = "/tp",
               .message = fmt::format("tensor parallelism must divide the {} query heads of {}",
                                      card.heads, card.name),
               .found = fmt::format("{}", tp),
               .allowed = divisors_up_to(card.heads, 64)});
  } else if (!card.latent && card.kv_heads % tp != 0 && tp % card.kv_heads != 0) {
    found.add(
        {.place = "/tp",
         .message = fmt::format("the {} KV heads of {} can neither be split nor copied evenly",
                                card.kv_heads, card.name),
         .found = fmt::format("{}", tp),
         .allowed = "a divisor or a multiple of the number of KV heads"});
  }
  const bool has_dense_mlp = dense_mlp_layers(card) > 0;
  if (has_dense_mlp && card.intermediate % tp != 0) {
    found.add({.place = "/tp",
               .message = fmt::format("tensor parallelism must divide the MLP width {} of {}",
                                      card.intermediate, card.name),
               .found = fmt::format("{}", tp),
               .allowed = divisors_up_to(card.intermediate, 64)});
  }
}

void check_expert_parallel(const ModelCard& card, const ParallelLayout& layout,
                           Diagnostics& found) {
  if (!card.moe) {
    if (layout.ep > 1) {
      found.add({.place = "/ep",
                 .message = fmt::format("{} has no experts to distribute", card.name),
                 .found = fmt::format("{}", layout.ep),
                 .allowed = "1"});
    }
    return;
  }
  const int ranks = layout.tp * layout.dp;
  if (ranks % layout.ep != 0) {
    found.add({.place = "/ep",
               .message = "expert parallelism must divide tp * dp",
               .found = fmt::format("ep {} with tp {} and dp {}", layout.ep, layout.tp, layout.dp),
               .allowed = divisors_up_to(ranks, ranks)});
    return;
  }
  if (layout.ep > card.moe->experts) {
    found.add({.place = "/ep",
               .message = fmt::format("more expert-parallel ranks than experts of {}", card.name),
               .found = fmt::format("{}", layout.ep),
               .allowed = fmt::format("at most {}", card.moe->experts)});
  } else if (card.moe->experts % layout.ep != 0) {
    found.add({.severity = Severity::warning,
               .place = "/ep",
               .message = fmt::format("the {} experts of {} do not spread evenly",
                                      card.moe->experts, card.name),
               .found = fmt::format("{}", layout.ep),
               .allowed = divisors_up_to(card.moe->experts, ranks)});
  }
  const int per_expert = ranks / layout.ep;
  if (card.moe->intermediate % per_expert != 0) {
    found.add({.place = "/ep",
               .message = fmt::format("an expert of width {} cannot be split over {} ranks",
                                      card.moe->intermediate, per_expert),
               .found = fmt::format("ep {} with tp {} and dp {}", layout.ep, layout.tp, layout.dp),
               .fix = "distribute whole experts: raise ep"});
  }
}

}  // namespace

Diagnostics check_layout(const ModelCard& card, const ParallelLayout& layout) {
  Diagnostics found;
  check_sizes(layout, found);
  // The relations below only make sense between sizes of at least 1.
  if (found.has_errors()) return found;
  check_tensor_parallel(card, layout.tp, found);
  check_expert_parallel(card, layout, found);
  if (layout.pp > card.layers) {
    found.add({.place = "/pp",
               .message = fmt::format("more pipeline stages than layers of {}", card.name),
               .found = fmt::format("{}", layout.pp),
               .allowed = fmt::format("at most {}", card.layers)});
  }
  if (layout.dp > 1 && !card.moe) {
    found.add(
        {.severity = Severity::warning,
         .place = "/dp",
         .message =
             fmt::format("{} has no experts to share between data-parallel ranks", card.name),
         .found = fmt::format("{}", layout.dp),
         .fix = "use as many replicas instead: the same work, and the router can balance them"});
  }
  return found;
}

}  // namespace microdc
