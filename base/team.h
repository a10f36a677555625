// The threads that all parallel work runs on.
//
//   Team team(4);  // the caller and three workers
//   team.Run(tiles, [&](int64_t tile) { Compute(tile); });
//
// Work comes in tiles whose number and extent the caller derives from shapes
// alone, never from the number of threads, and each tile writes only what is
// its own. Then the same bits come out whoever ran which tile.
#ifndef TRELLIS_BASE_TEAM_H_
#define TRELLIS_BASE_TEAM_H_

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "trellis/base/mutex.h"

namespace trellis {

// A fixed number of worker threads that help whoever calls Run. Workers look
// for work for about 100 microseconds after they had some (hot, a run starts
// in less than one) and then sleep until the next run wakes them.
//
// All methods may be called from any thread; so a Team may be shared by
// sessions. Destroy it only when no Run is in progress.
class Team {
 public:
  // What a tile of a plain-function run calls; `context` is the caller's.
  using TileFunction = void (*)(void* context, int64_t tile);

  static constexpr int kMaxThreads = 1024;

  // `threads` counts the caller: 0 and 1 create no thread, and every run stays
  // in its caller's. Where the system gives fewer threads than asked for
  // (kMaxThreads at most), the Team has fewer: results do not depend on it.
  explicit Team(int threads);
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  ~Team();

  // Calls function(context, tile) once for each tile of [0, tiles), in the
  // calling thread and in workers, in any order, and returns when all are done:
  // their effects are then visible to the caller. It allocates nothing. A run
  // of one tile costs a call; of more, 0.3 us while the workers are awake and
  // some us to wake them: give a tile 20 us of work or more.
  //
  // While one caller has the workers, any other Run computes all of its tiles
  // in its own thread; a Run inside of a tile is such a case. Every tile runs
  // with the floating-point mode (rounding, flushing of denormals) of the
  // caller. Tiles must not throw.
  void Run(int64_t tiles, TileFunction function, void* context);
  void Run(int64_t tiles, absl::FunctionRef<void(int64_t tile)> function) {
    Run(
        tiles,
        [](void* context, int64_t tile) {
          (*static_cast<absl::FunctionRef<void(int64_t)>*>(context))(tile);
        },
        &function);
  }

  // The most threads that a run can use, its caller included; at least 1.
  int threads() const { return static_cast<int>(workers_.size()) + 1; }
  // How many workers sleep at this moment.
  int sleeping_workers() const {
    return sleepers_.load(std::memory_order_relaxed);
  }

 private:
  // The run in progress. Written by its caller before the tiles are published,
  // read by whoever has claimed one of them: so never while it is written.
  struct Job {
    TileFunction function = nullptr;
    void* context = nullptr;
    int64_t first_tile = 0;
    uint32_t floating_point_mode = 0;
  };

  void RunShared(uint32_t tiles);
  int64_t RunClaimedTiles();
  bool Claim(uint32_t* tile);
  bool HasTiles() const;
  void WakeWorkers(uint32_t wanted);
  void WaitForDone(int64_t tiles);
  void Work();
  void Sleep();

  // Both in one word, so that a claim can never mix two runs: how many tiles
  // are published, and the first of them that nobody has claimed.
  alignas(64) std::atomic<uint64_t> count_and_next_{0};
  // How many tiles of this run the workers have finished.
  alignas(64) std::atomic<int64_t> done_{0};
  // Whether some caller has the workers.
  alignas(64) std::atomic<bool> busy_{false};
  Job job_;

  std::atomic<int> sleepers_{0};
  std::atomic<bool> caller_sleeps_{false};
  std::atomic<bool> stop_{false};
  Mutex mutex_;  // orders falling asleep and waking; guards no data
  CondVar wake_worker_;
  CondVar wake_caller_;

  bool spin_ = true;  // whether waiting threads have a processor each
  std::vector<std::thread> workers_;
};

// Calls function(begin, end) for consecutive ranges of `grain` indices (the
// last may be shorter) that cover [0, n). The ranges depend on n and grain
// alone. REQUIRES: grain > 0.
void ForRange(Team& team, int64_t n, int64_t grain,
              absl::FunctionRef<void(int64_t begin, int64_t end)> function);

}  // namespace trellis

#endif  // TRELLIS_BASE_TEAM_H_
