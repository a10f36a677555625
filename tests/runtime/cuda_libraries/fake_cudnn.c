/* A libcudnn of a version that nobody has. */
#include <stddef.h>
size_t cudnnGetVersion(void) { return 91207; }
