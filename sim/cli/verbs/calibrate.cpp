#include "calibrate/calibration.hpp"

#include <memory>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "sim/cli/findings_json.hpp"
#include "sim/cli/verbs/all.hpp"

namespace microdc::cli {
namespace {

struct CalibrateWords {
  std::string table;
  CalibrationOptions options;
};

Answer calibrate(const CalibrateWords& words) {
  const auto hardware = HardwareCatalog::load(data_root() / "hwprofiles/catalog");
  if (!hardware) return Answer::failure(hardware.diagnostics());
  const auto report = calibrate_from_kernels(words.table, *hardware, words.options);
  if (!report) return Answer::failure(report.diagnostics());
  Answer answer;
  answer.findings = report.diagnostics();
  answer.text = calibration_text(*report);
  OrderedJson profiles = OrderedJson::array();
  for (const DeviceProfile& profile : report->profiles) {
    const OrderedJson written = write_fields(describing(profile));
    answer.files[profile.device + ".json"] = json_text(written);
    profiles.push_back(written);
  }
  answer.json = json_text({{"rows", report->lines},
                           {"fitted_rows", report->fitted},
                           {"profiles", std::move(profiles)}});
  return answer;
}

}  // namespace

Verb calibrate_verb() {
  return {"calibrate", "Fit the laws of devices to measured kernels and write their profiles",
          [](OptionSet& options) -> RunVerb {
            auto words = std::make_shared<CalibrateWords>();
            options.text("--from", words->table, "Table of measured kernels (CSV)",
                         {.required = true});
            options.texts("--only", words->options.devices,
                          "Only this device of the table; may be repeated",
                          {.value_name = "DEVICE ..."});
            options.text("--source", words->options.source, "What the table is, for the record");
            options.text("--date", words->options.date, "Date of the measurements");
            return [words](const CommonOptions&, std::ostream&) { return calibrate(*words); };
          }};
}

}  // namespace microdc::cli
