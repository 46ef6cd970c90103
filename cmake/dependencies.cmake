# Libraries, all from Debian packages (the list to install: scripts/install-dependencies).
find_package(PkgConfig REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(ZLIB REQUIRED)
# Templates of the HTML report: one header, without a CMake package in Debian.
find_path(MICRODC_MUSTACHE kainjow/mustache.hpp)
if(NOT MICRODC_MUSTACHE)
  message(FATAL_ERROR "kainjow/mustache.hpp was not found: install libkainjow-mustache-dev")
endif()
# SimGrid ships no CMake package file in Debian; pkg-config is clean (docs/decisions).
pkg_check_modules(simgrid REQUIRED IMPORTED_TARGET simgrid>=3.32)
# SHA-256 of a run's inputs (docs/decisions).
pkg_check_modules(nettle REQUIRED IMPORTED_TARGET nettle>=3.7)

if(MICRODC_TESTS)
  find_package(GTest REQUIRED)
endif()
if(MICRODC_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
