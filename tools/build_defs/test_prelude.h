// The same for tests: prelude.h with GoogleTest.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/build_defs/prelude.h"
