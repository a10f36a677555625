// The CPU as kernels see it: the `Device` of the kernel templates in kernels/.
//
// A kernel states its arithmetic as a function object `fn` that holds addresses
// and sizes by value, and a device runs it over indices. Every device has these
// members with these contracts, so a kernel written against them runs on all:
//
//   ForEach(c, n, fn, cost)              fn(i) for each i in [0, n)
//   ForRanges(c, n, grain, fn)           fn(begin, end) over ranges of `grain`
//   ForEachChecked(c, n, fn, error, ..)  ForEach for calls that can fail
//   Grain(cost), kCopyGrain              how many calls, or moved elements,
//                                        make a range for ForRanges
//   ForEachRow(c, n, fn, cost)           fn(i, lanes) for rows i in [0, n), by
//                                        the lanes of row_lanes.h
//   ForEachRowChecked(c, n, fn, error, ..)
//   kIsHost                              its memory is the host's
//   kThreadPerElement                    neighbouring elements are worth a
//                                        thread each, not a range together
//   Shown(address)                       " = 7" for what is there, where an
//                                        `error` can read it, or ""
//   Held<T>                              the type of a member of `fn` that is a
//                                        T of the kernel's, fixed by Prepare
//
// Calls may happen in any order and at the same time. So fn(i) writes nothing
// that another call reads or writes; it may read what it writes itself, which
// is what lets an element-wise kernel work in place. An asynchronous device
// returns before the calls are made and keeps a copy of `fn` until then.
//
// Which indices go together is a function of n, cost and grain alone, never of
// the number of threads. `cost` is that of one call in units of one simple
// arithmetic operation on a float in memory; it says how many calls are worth
// handing to another thread, and is otherwise without effect.
#ifndef TRELLIS_KERNELS_CPU_CPU_H_
#define TRELLIS_KERNELS_CPU_CPU_H_

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/kernels/row_lanes.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

struct Cpu {
  // The cost of one tile: some 20 microseconds.
  static constexpr int64_t kTileCost = 32768;

  static constexpr bool kIsHost = true;
  static constexpr bool kThreadPerElement = false;

  // How many moved elements make one.
  static constexpr int64_t kCopyGrain = 16384;

  // How `fn` holds what a kernel has prepared: where it is.
  template <typename T>
  using Held = const T&;

  // How many calls of that cost make a tile.
  static constexpr int64_t Grain(int64_t cost) {
    return std::max<int64_t>(1, kTileCost / std::max<int64_t>(1, cost));
  }

  // Errors: Cancelled, when the run is, between tiles; some calls are then not
  // made.
  template <typename F>
  static absl::Status ForEach(RunContext& c, int64_t n, F fn,
                              int64_t cost = 1) {
    return ForRanges(c, n, Grain(cost), [fn](int64_t begin, int64_t end) {
    // fn(i) does not look at what fn(j) writes, so the loop may be
    // vectorized without a check that the operands lie apart.
#pragma GCC ivdep
      for (int64_t i = begin; i < end; ++i) fn(i);
    });
  }

  template <typename F>
  static absl::Status ForEachRow(RunContext& c, int64_t n, F fn, int64_t cost) {
    return ForEach(
        c, n, [fn](int64_t i) { fn(i, OneLane()); }, cost);
  }

  // fn(begin, end) for consecutive ranges of `grain` indices, the last perhaps
  // shorter, that cover [0, n). REQUIRES: grain > 0. Errors as in ForEach.
  static absl::Status ForRanges(
      RunContext& c, int64_t n, int64_t grain,
      absl::FunctionRef<void(int64_t begin, int64_t end)> fn);

  // `fn(i)` returns whether it could do its work. Where a call could not, the
  // result is error(i) for the smallest such i, and what the other calls wrote
  // is unspecified. `error` may read what `fn` may; on an asynchronous device
  // it is called later, and the error is a late one.
  template <typename F, typename Error>
  static absl::Status ForEachChecked(RunContext& c, int64_t n, F fn,
                                     Error error, int64_t cost = 1) {
    return ForRangesChecked(
        c, n, Grain(cost),
        [&fn](int64_t begin, int64_t end) {
          while (begin < end && fn(begin)) ++begin;
          return begin;
        },
        error);
  }

  template <typename F, typename Error>
  static absl::Status ForEachRowChecked(RunContext& c, int64_t n, F fn,
                                        Error error, int64_t cost) {
    return ForEachChecked(
        c, n, [fn](int64_t i) { return fn(i, OneLane()); }, error, cost);
  }

  template <typename T>
  static std::string Shown(const T* element) {
    return absl::StrCat(" = ", *element);
  }

 private:
  // `first_failure(begin, end)` returns the first index of the range whose call
  // failed, `end` if none did.
  static absl::Status ForRangesChecked(
      RunContext& c, int64_t n, int64_t grain,
      absl::FunctionRef<int64_t(int64_t begin, int64_t end)> first_failure,
      absl::FunctionRef<absl::Status(int64_t i)> error);
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_CPU_CPU_H_
