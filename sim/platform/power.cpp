#include "sim/platform/power.hpp"

namespace microdc {

ServerPowerModel make_server_power(const ServerType& server, const HardwareCatalog& catalog,
                                   bool cpu_serves) {
  ServerPowerModel model;
  const auto figure = [&](const std::optional<Figure>& f, const char* name) {
    if (!f) model.missing.emplace_back(name);
    return f ? f->value : 0.0;
  };
  model.base = Watts(figure(server.base_power, "base_power"));
  model.fan_full = Watts(figure(server.fan_power, "fan_power"));
  model.psu_efficiency = server.psu_efficiency ? server.psu_efficiency->value : 1.0;
  if (!server.psu_efficiency) model.missing.emplace_back("psu_efficiency");

  const auto sockets = static_cast<double>(server.sockets);
  const Cpu* cpu = catalog.cpu(server.cpu);
  const double tdp = cpu != nullptr ? figure(cpu->tdp, "cpu tdp") : 0;
  const double idle = cpu != nullptr ? figure(cpu->idle_power, "cpu idle_power") : 0;
  model.processors_full = Watts(sockets * tdp);
  if (!cpu_serves && cpu != nullptr && cpu->cores > 0) {
    model.host_idle = Watts(sockets * idle);
    model.host_per_core = Watts((tdp - idle) / static_cast<double>(cpu->cores));
  }
  if (const Accelerator* gpu = catalog.accelerator(server.accelerator); gpu != nullptr) {
    model.processors_full +=
        Watts(static_cast<double>(server.accelerators) * figure(gpu->tdp, "accelerator tdp"));
  }
  return model;
}

}  // namespace microdc
