// SPDX-License-Identifier: Apache-2.0
// Precompiled for tests.
#pragma once

#include "cmake/pch_objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
