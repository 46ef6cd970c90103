// GLM 4.5 and 4.6: ordinary attention, experts as in DeepSeek V3.
#include "models/import/families.hpp"

namespace microdc {

void import_glm_moe(ConfigReader& config, ModelCard& card) {
  read_common_shape(config, card);
  read_deepseek_experts(config, card);
  config.ignore({"partial_rotary_factor"});
}

}  // namespace microdc
