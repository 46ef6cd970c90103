// The table of kernel families. Each adds its variants to the registry.
#pragma once

#include <span>

namespace microdc::kernels::cuda {

class Registry;

struct FamilyEntry {
  const char* name;
  void (*add_variants)(Registry&);
};

std::span<const FamilyEntry> families();

}  // namespace microdc::kernels::cuda
