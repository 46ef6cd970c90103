// The command: words in, an answer on one stream, diagnostics on another, an exit code.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace microdc::cli {

/// Runs one command line (without the program's name). Exit codes: 0 ok, 2 bad input or wrong
/// options, 3 infeasible, 4 internal error. Never throws.
int run_command(std::vector<std::string> words, std::ostream& out, std::ostream& err);

}  // namespace microdc::cli
