// As lib/precompiled/common.h, for test programs.
#include <gtest/gtest.h>

#include "../../lib/precompiled/common.h"
