// A model of another size and the same family: what a forecast lets shrink.
#pragma once

#include "models/model_card.hpp"

namespace microdc {

/// The card with about `size` times its parameters (parameter_count tells how many exactly): depth
/// and the widths of hidden state, MLP and experts shrink or grow alike, so that parameters go with
/// the cube of that ratio. KV heads, head size, number of experts, vocabulary, context and formats
/// stay, as they do within published families (Qwen3 from 0.6B to 32B: 8 KV heads of 128). Hidden
/// states are multiples of 64 wide, MLPs and experts of 16, query heads are multiples of the KV
/// heads. Named "NAME@SIZE"; without aliases. `size` 1 changes nothing but the name. What cannot
/// shrink (the embeddings of a large vocabulary) keeps the smallest models larger than asked.
ModelCard scaled_card(const ModelCard& card, double size);

}  // namespace microdc
