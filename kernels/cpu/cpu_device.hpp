// The processor of this machine as a device that can be measured.
#pragma once

#include <memory>

#include "kernels/cpu/topology.hpp"
#include "kernels/kernel.hpp"

namespace microdc::kernels {

/// Kernels on `threads` pinned threads, the calling one among them: it stays pinned until the
/// device is destroyed, and only it may run kernels. 0: one thread per physical core that this
/// process may use. Never more threads than logical CPUs.
std::unique_ptr<Device> open_cpu(int threads = 0);
/// The same on a machine that is made up in part: another last-level cache, other memory nodes.
std::unique_ptr<Device> open_cpu(int threads, const Topology& topology);

}  // namespace microdc::kernels
