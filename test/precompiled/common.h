// As lib/base/precompiled/common.h, for test programs.
#include <gtest/gtest.h>

#include "../../lib/base/precompiled/common.h"
