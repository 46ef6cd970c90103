#include <iostream>

#include "sim/cli/command.hpp"
#include "sim/cli/interrupt.hpp"

int main(int argc, char** argv) {
  microdc::cli::end_on_interrupt();
  return microdc::cli::run_command({argv + 1, argv + argc}, std::cout, std::cerr);
}
