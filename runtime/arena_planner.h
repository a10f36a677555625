// Offsets for values that live in one block of memory during a run.
#ifndef TRELLIS_RUNTIME_ARENA_PLANNER_H_
#define TRELLIS_RUNTIME_ARENA_PLANNER_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"

namespace trellis {

inline constexpr size_t kArenaAlignment = 64;

// A value that must be in memory from step `first` through step `last`, both
// included.
struct Lifetime {
  int first = 0;
  int last = 0;
  size_t bytes = 0;
};

struct ArenaLayout {
  std::vector<size_t> offsets;  // one per lifetime, multiples of 64
  size_t bytes = 0;
};

// Values whose lifetimes overlap do not overlap in memory. Tries several greedy
// orders, each placing a value into the smallest gap that takes it, and keeps
// the smallest result; the same for the same input, on every machine.
ArenaLayout PlanArena(absl::Span<const Lifetime> lifetimes);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_ARENA_PLANNER_H_
