#include <iostream>

#include "sim/cli/command.hpp"

int main(int argc, char** argv) {
  return microdc::cli::run_command({argv + 1, argv + argc}, std::cout, std::cerr);
}
