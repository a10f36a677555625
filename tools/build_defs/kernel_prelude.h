// The same for trellis_kernel_library: gcc takes a precompiled header only from
// sources with the same flags.
#include "tools/build_defs/prelude.h"
