// RUNNING_ON_VALGRIND: whether valgrind runs this program, which makes it 20 times slower or more.
#pragma once

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif
