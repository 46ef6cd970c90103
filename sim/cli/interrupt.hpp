// Ctrl-C before there is anything to save.
#pragma once

namespace microdc::cli {

/// From now on Ctrl-C ends the process at once, with a line on stderr and exit code 130 (128 +
/// SIGINT, as shells have it). Files are complete or absent then: they are written under another
/// name first. A forked process ends without the line. InterruptGuard takes Ctrl-C over for runs
/// whose answer so far is worth having.
void end_on_interrupt();

inline constexpr int exit_interrupted = 130;

}  // namespace microdc::cli
