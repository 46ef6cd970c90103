// What a model means for hardware: parameters, memory of weights and cache.
#pragma once

#include <string>

#include "hwprofiles/base/json_io.hpp"
#include "models/model_card.hpp"

namespace microdc::cli {

/// Parameters, KV cache bytes per token, and weights in each number format, on one device.
std::string model_summary_text(const ModelCard& card);
OrderedJson model_summary_json(const ModelCard& card);

}  // namespace microdc::cli
