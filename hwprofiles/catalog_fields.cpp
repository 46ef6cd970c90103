// What the catalog's files hold: one record per field (fields.hpp).
#include "hwprofiles/catalog.hpp"

namespace microdc {
namespace {

// Ranges catch slips of unit (GB for TB, Gbit for GB), not unusual hardware.
constexpr double giga = 1e9;
constexpr double tera = 1e12;

void describe_identity(FieldVisitor& v, std::string& name, std::string& label) {
  v.text({.name = "name",
          .label = "Name",
          .help = "id, the same as the file's name",
          .required = true},
         name);
  v.text({.name = "label", .label = "Label", .help = "name for people", .required = true}, label);
}

void describe_maker(FieldVisitor& v, std::vector<std::string>& aliases, std::string& vendor,
                    std::string& architecture) {
  v.texts({.name = "aliases",
           .label = "Aliases",
           .help = "other spellings; case, '-', '_' and blanks do not matter"},
          aliases);
  v.text({.name = "vendor", .label = "Vendor", .required = true}, vendor);
  v.text({.name = "architecture", .label = "Architecture", .required = true}, architecture);
}

void describe_peak(FieldVisitor& v, std::string_view name, std::string_view label,
                   std::optional<Figure>& peak) {
  v.figure({.name = name,
            .label = label,
            .help = "dense, without structured sparsity",
            .dimension = Dimension::flop_per_second,
            .min = 1 * giga,
            .max = 1e5 * tera,
            .group = "Arithmetic"},
           peak);
}

void describe_watts(FieldVisitor& v, std::string_view name, std::string_view label,
                    std::string_view help, std::optional<Figure>& power) {
  v.figure({.name = name,
            .label = label,
            .help = help,
            .dimension = Dimension::power,
            .min = 0,
            .max = 5e5,
            .group = "Power",
            .drawn = true},
           power);
}

void describe_lead_time(FieldVisitor& v, std::optional<Figure>& lead_time) {
  v.figure({.name = "lead_time",
            .label = "Lead time",
            .help = "from order to delivery",
            .dimension = Dimension::time,
            .min = 0,
            .max = 5 * seconds_per_year},
           lead_time);
}

void describe_price(FieldVisitor& v, std::string_view name, std::string_view label,
                    std::string_view help, std::optional<Figure>& price) {
  v.figure({.name = name,
            .label = label,
            .help = help,
            .dimension = Dimension::money,
            .min = 1,
            .max = 1e8,
            .group = "Price",
            .drawn = true},
           price);
}

void describe_bytes(FieldVisitor& v, std::string_view name, std::string_view label, double min,
                    double max, std::optional<Figure>& bytes) {
  v.figure({.name = name,
            .label = label,
            .dimension = Dimension::bytes,
            .min = min,
            .max = max,
            .group = "Memory"},
           bytes);
}

void describe_bandwidth(FieldVisitor& v, std::string_view name, std::string_view label,
                        std::string_view help, std::optional<Figure>& bandwidth) {
  v.figure({.name = name,
            .label = label,
            .help = help,
            .dimension = Dimension::bytes_per_second,
            .min = 1e6,
            .max = 100 * tera,
            .group = "Memory"},
           bandwidth);
}

}  // namespace

void describe(FieldVisitor& v, Accelerator& accelerator) {
  describe_identity(v, accelerator.name, accelerator.label);
  describe_maker(v, accelerator.aliases, accelerator.vendor, accelerator.architecture);
  describe_bytes(v, "memory", "Memory", giga, 1e5 * giga, accelerator.memory);
  describe_bandwidth(v, "memory_bandwidth", "Memory bandwidth", "theoretical peak",
                     accelerator.memory_bandwidth);
  describe_bytes(v, "l2_cache", "Last-level cache", 1e5, giga, accelerator.l2_cache);
  v.integer({.name = "multiprocessors",
             .label = "Multiprocessors",
             .help = "SMs, CUs or GPU cores",
             .min = 1,
             .max = 10000,
             .group = "Arithmetic"},
            accelerator.multiprocessors);
  describe_peak(v, "peak_fp32", "Peak fp32", accelerator.peak_fp32);
  describe_peak(v, "peak_bf16", "Peak bf16 or fp16", accelerator.peak_bf16);
  describe_peak(v, "peak_fp8", "Peak fp8", accelerator.peak_fp8);
  describe_peak(v, "peak_int8", "Peak int8", accelerator.peak_int8);
  describe_peak(v, "peak_fp4", "Peak fp4", accelerator.peak_fp4);
  describe_watts(v, "tdp", "TDP", "board power limit", accelerator.tdp);
  describe_watts(v, "idle_power", "Idle power", "a model is loaded, no request runs",
                 accelerator.idle_power);
  describe_price(v, "price", "Price",
                 "one accelerator, or the whole machine where it is sold only so",
                 accelerator.price);
  describe_lead_time(v, accelerator.lead_time);
  v.text({.name = "scale_up_link",
          .label = "Scale-up link",
          .help = "link to its peers",
          .group = "Links"},
         accelerator.scale_up_link);
  v.text({.name = "host_link", .label = "Host link", .help = "link to the host", .group = "Links"},
         accelerator.host_link);
  v.integer({.name = "scale_up_size",
             .label = "Scale-up size",
             .help = "accelerators that one scale-up domain holds at most",
             .min = 1,
             .max = 100000,
             .group = "Links"},
            accelerator.scale_up_size);
  v.text({.name = "relative",
          .label = "Relative",
          .help = "measured accelerator whose efficiencies it borrows when unmeasured"},
         accelerator.relative);
}

void describe(FieldVisitor& v, Cpu& cpu) {
  describe_identity(v, cpu.name, cpu.label);
  describe_maker(v, cpu.aliases, cpu.vendor, cpu.architecture);
  v.integer({.name = "cores",
             .label = "Cores",
             .help = "physical, per socket",
             .min = 1,
             .max = 10000,
             .required = true,
             .group = "Arithmetic"},
            cpu.cores);
  describe_bandwidth(v, "memory_bandwidth", "Memory bandwidth", "theoretical peak of one socket",
                     cpu.memory_bandwidth);
  describe_bytes(v, "memory", "Memory", giga, 1e5 * giga, cpu.memory);
  describe_bytes(v, "last_level_cache", "Last-level cache", 1e5, 10 * giga, cpu.last_level_cache);
  describe_peak(v, "peak_fp32", "Peak fp32", cpu.peak_fp32);
  describe_peak(v, "peak_bf16", "Peak bf16", cpu.peak_bf16);
  describe_peak(v, "peak_int8", "Peak int8", cpu.peak_int8);
  describe_watts(v, "tdp", "TDP", "package power limit", cpu.tdp);
  describe_watts(v, "idle_power", "Idle power", "package, the operating system runs",
                 cpu.idle_power);
  describe_price(v, "price", "Price", "one socket", cpu.price);
  v.figure({.name = "single_thread_speed",
            .label = "Single-thread speed",
            .help = "relative to a Xeon Platinum 8480+ or EPYC 9654",
            .min = 0.1,
            .max = 10,
            .group = "Arithmetic",
            .drawn = true},
           cpu.single_thread_speed);
  v.text({.name = "relative",
          .label = "Relative",
          .help = "measured CPU whose efficiencies it borrows when unmeasured"},
         cpu.relative);
}

void describe(FieldVisitor& v, LinkType& link) {
  describe_identity(v, link.name, link.label);
  describe_bandwidth(v, "bandwidth", "Bandwidth", "one direction, per accelerator or port",
                     link.bandwidth);
  v.figure({.name = "latency",
            .label = "Latency",
            .help = "one way, small message",
            .dimension = Dimension::time,
            .min = 1e-9,
            .max = 10},
           link.latency);
}

void describe(FieldVisitor& v, ServerType& server) {
  describe_identity(v, server.name, server.label);
  v.text({.name = "cpu", .label = "CPU", .required = true, .group = "Parts"}, server.cpu);
  v.integer({.name = "sockets", .label = "Sockets", .min = 1, .max = 1024, .group = "Parts"},
            server.sockets);
  v.text({.name = "accelerator",
          .label = "Accelerator",
          .help = "left out: CPU only",
          .group = "Parts"},
         server.accelerator);
  v.integer(
      {.name = "accelerators", .label = "Accelerators", .min = 0, .max = 1024, .group = "Parts"},
      server.accelerators);
  describe_bytes(v, "memory", "Host memory", giga, 1e6 * giga, server.memory);
  v.text({.name = "network_link",
          .label = "Network",
          .help = "link of one network port",
          .required = true,
          .group = "Parts"},
         server.network_link);
  v.integer(
      {.name = "network_ports", .label = "Network ports", .min = 1, .max = 1024, .group = "Parts"},
      server.network_ports);
  describe_bandwidth(v, "storage_bandwidth", "Storage bandwidth",
                     "reading weights from the server's drives", server.storage_bandwidth);
  describe_watts(v, "base_power", "Base power", "without CPUs, accelerators and fans",
                 server.base_power);
  describe_watts(v, "fan_power", "Fan power", "at full load", server.fan_power);
  v.figure({.name = "psu_efficiency",
            .label = "Power supply efficiency",
            .min = 0.5,
            .max = 1,
            .group = "Power",
            .drawn = true},
           server.psu_efficiency);
  v.integer({.name = "rack_units", .label = "Rack units", .min = 1, .max = 60}, server.rack_units);
  describe_price(v, "price", "Price", "whole server as configured; left out: the sum of its parts",
                 server.price);
  describe_price(v, "price_without_processors", "Price without processors",
                 "chassis, memory, network, drives", server.price_without_processors);
  describe_lead_time(v, server.lead_time);
}

}  // namespace microdc
