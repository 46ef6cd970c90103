// What can be bought: accelerators, CPUs, links and server chassis, each figure with its source.
// Data: hwprofiles/catalog/{accelerators,cpus,links,servers}/*.json, one file per item.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"
#include "hwprofiles/work/operators.hpp"

namespace microdc {

/// A GPU, TPU or unified-memory machine that runs models.
struct Accelerator {
  std::string name;                  ///< id, also the file name: "h100-sxm-80gb"
  std::vector<std::string> aliases;  ///< other spellings: "NVIDIA H100 80GB HBM3", "h100_sxm"
  std::string label;                 ///< for people: "NVIDIA H100 SXM 80 GB"
  std::string vendor;
  std::string architecture;                ///< "hopper"
  std::optional<Figure> memory;            ///< [byte]
  std::optional<Figure> memory_bandwidth;  ///< [B/s]
  std::optional<Figure> l2_cache;          ///< [byte]
  /// SMs, CUs or GPU cores over which attention is spread; empty where nothing corresponds (TPU).
  std::optional<std::int64_t> multiprocessors;
  /// Dense peaks [FLOP/s]; what a part does not have is empty.
  std::optional<Figure> peak_fp32, peak_bf16, peak_fp8, peak_int8, peak_fp4;
  std::optional<Figure> tdp;         ///< [W]
  std::optional<Figure> idle_power;  ///< [W]
  std::optional<Figure> price;       ///< [currency]
  std::optional<Figure> lead_time;   ///< [s] from order to delivery
  std::string scale_up_link;         ///< link to its peers: name in links/
  std::string host_link;             ///< link to the host: name in links/
  std::int64_t scale_up_size = 1;    ///< GPUs that one scale-up domain holds at most
  std::string relative;  ///< measured accelerator whose efficiencies it borrows when unmeasured
};

/// A CPU socket. As a host it sets the pace of the engine's per-step work; as a device it can
/// serve.
struct Cpu {
  std::string name;
  std::vector<std::string> aliases;
  std::string label;
  std::string vendor;
  std::string architecture;
  std::int64_t cores = 0;
  std::optional<Figure> memory_bandwidth;                 ///< [B/s] per socket
  std::optional<Figure> memory;                           ///< [byte] per socket as usually fitted
  std::optional<Figure> last_level_cache;                 ///< [byte]
  std::optional<Figure> peak_fp32, peak_bf16, peak_int8;  ///< [FLOP/s]
  std::optional<Figure> tdp, idle_power;                  ///< [W]
  std::optional<Figure> price;
  /// Single-thread speed relative to the hosts on which the engines' overheads were fitted.
  std::optional<Figure> single_thread_speed;
  std::string relative;
};

/// A connection; one direction.
struct LinkType {
  std::string name;
  std::string label;
  std::optional<Figure> bandwidth;  ///< [B/s] per direction and GPU (or port)
  std::optional<Figure> latency;    ///< [s]
};

/// A chassis: CPU-centric or GPU-centric.
struct ServerType {
  std::string name;
  std::string label;
  std::string cpu;  ///< name in cpus/
  std::int64_t sockets = 1;
  std::string accelerator;  ///< name in accelerators/; empty: CPU-only
  std::int64_t accelerators = 0;
  std::optional<Figure> memory;  ///< host DRAM [byte]
  std::string network_link;      ///< NIC: name in links/
  std::int64_t network_ports = 1;
  std::optional<Figure> storage_bandwidth;  ///< [B/s] model loading
  std::optional<Figure> base_power;      ///< [W] board, DRAM, NIC, drives without CPUs, GPUs, fans
  std::optional<Figure> fan_power;       ///< [W] at full load
  std::optional<Figure> psu_efficiency;  ///< fraction
  std::int64_t rack_units = 2;
  std::optional<Figure> price;  ///< whole server as configured; empty: the sum of its parts
  std::optional<Figure> price_without_processors;  ///< chassis, DRAM, NIC, drives
  std::optional<Figure> lead_time;  ///< [s] from order to delivery; its accelerator's counts too
};

void describe(FieldVisitor& visitor, Accelerator& accelerator);
void describe(FieldVisitor& visitor, Cpu& cpu);
void describe(FieldVisitor& visitor, LinkType& link);
void describe(FieldVisitor& visitor, ServerType& server);

/// Folders of measured hardware inside one that `microdc calibrate` wrote (--hardware).
inline constexpr std::array<const char*, 6> measured_folders{"cpus",  "accelerators", "servers",
                                                             "links", "profiles",     "engines"};

/// Everything in hwprofiles/catalog, checked for duplicate names and dangling references.
class HardwareCatalog {
 public:
  /// Reads all *.json files in `folder`/{accelerators,cpus,links,servers}. All mistakes of all
  /// files are reported in one pass: a missing folder; unreadable, unknown, missing or out-of-range
  /// fields; a name that is not the file's; a name or alias used twice; a reference to nothing; a
  /// figure without source or outside its own range; a circle of relatives. `more` are folders of
  /// the same form in which kinds may be missing (devices that a user measured), but not all.
  static Result<HardwareCatalog> load(const std::filesystem::path& folder,
                                      const std::vector<std::filesystem::path>& more = {});

  // Look-ups accept a name or an alias, ignoring case, '-', '_' and blanks. Null if unknown.
  [[nodiscard]] const Accelerator* accelerator(std::string_view name) const;
  [[nodiscard]] const Cpu* cpu(std::string_view name) const;
  [[nodiscard]] const LinkType* link(std::string_view name) const;
  /// Also "TYPE@CPU": a server with accelerators as it would be with as many other host CPUs. Null
  /// if either is unknown, or the CPU cannot be chosen: there are no accelerators, they are one
  /// with it (no PCIe between them), or the whole server has one price.
  [[nodiscard]] const ServerType* server(std::string_view name) const;

  /// Adds or replaces what no file describes: a server as a published run says it was, a device
  /// that has just been measured.
  void add(ServerType server);
  void add(Cpu cpu);
  void add(Accelerator accelerator);

  /// Shows every item under a key of its own ("servers/hgx-h100-8") to `visit`, which may change
  /// figures.
  void visit_items(
      const std::function<void(const std::string& key, const FieldVisitor::Describe&)>& visit);

  [[nodiscard]] const std::map<std::string, Accelerator>& accelerators() const {
    return accelerators_;
  }
  [[nodiscard]] const std::map<std::string, Cpu>& cpus() const { return cpus_; }
  [[nodiscard]] const std::map<std::string, LinkType>& links() const { return links_; }
  [[nodiscard]] const std::map<std::string, ServerType>& servers() const { return servers_; }

 private:
  std::map<std::string, Accelerator> accelerators_;
  std::map<std::string, Cpu> cpus_;
  std::map<std::string, LinkType> links_;
  std::map<std::string, ServerType> servers_;
  /// Names and aliases in the form of name_key, to the name.
  struct Index {
    std::map<std::string, std::string> accelerators, cpus, links, servers;
  } index_;
  /// Servers with other hosts that were asked for; made anew when an item changes.
  mutable std::map<std::string, ServerType> rehosted_;

  friend class CatalogLoader;
};

}  // namespace microdc
