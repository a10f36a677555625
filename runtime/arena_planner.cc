#include "trellis/runtime/arena_planner.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace trellis {
namespace {

size_t Rounded(size_t bytes) {
  return (bytes + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment;
}

bool Overlap(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

// Places the values in the given order.
ArenaLayout PlaceInOrder(absl::Span<const Lifetime> lifetimes,
                         const std::vector<int>& order) {
  ArenaLayout layout;
  layout.offsets.resize(lifetimes.size());
  std::vector<int> placed;  // by offset
  for (int v : order) {
    const size_t bytes = Rounded(lifetimes[v].bytes);
    if (bytes == 0) continue;
    // Walk the gaps between those that are alive at the same time.
    size_t best_offset = 0, best_gap = SIZE_MAX, end = 0;
    bool found = false;
    for (int other : placed) {
      if (!Overlap(lifetimes[v], lifetimes[other])) continue;
      const size_t start = layout.offsets[other];
      if (start > end && start - end >= bytes && start - end < best_gap) {
        best_gap = start - end;
        best_offset = end;
        found = true;
      }
      end = std::max(end, start + Rounded(lifetimes[other].bytes));
    }
    layout.offsets[v] = found ? best_offset : end;
    layout.bytes = std::max(layout.bytes, layout.offsets[v] + bytes);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), v,
                                   [&](int a, int b) {
                                     return layout.offsets[a] <
                                            layout.offsets[b];
                                   }),
                  v);
  }
  return layout;
}

}  // namespace

ArenaLayout PlanArena(absl::Span<const Lifetime> lifetimes) {
  using Before = std::function<bool(const Lifetime&, const Lifetime&)>;
  const auto length = [](const Lifetime& l) {
    return static_cast<size_t>(l.last - l.first + 1);
  };
  const Before orders[] = {
      [](const Lifetime& a, const Lifetime& b) { return a.bytes > b.bytes; },
      [&](const Lifetime& a, const Lifetime& b) {
        return a.bytes * length(a) > b.bytes * length(b);
      },
      [&](const Lifetime& a, const Lifetime& b) {
        return length(a) > length(b);
      },
      [](const Lifetime& a, const Lifetime& b) { return a.first < b.first; },
  };
  ArenaLayout best;
  bool first = true;
  for (const Before& before : orders) {
    std::vector<int> order(lifetimes.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
      return before(lifetimes[a], lifetimes[b]);
    });
    ArenaLayout layout = PlaceInOrder(lifetimes, order);
    if (first || layout.bytes < best.bytes) best = std::move(layout);
    first = false;
  }
  return best;
}

}  // namespace trellis
