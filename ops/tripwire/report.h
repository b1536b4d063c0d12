#pragma once

/// Prints the calling thread's frames, innermost first. `WAYBILL_TRIPWIRE_SYMBOLIZER` names the `llvm-symbolizer` that
/// knows their functions and lines; without it, only libraries' functions have names.
void report_caller(void);
