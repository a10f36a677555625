// How a run goes:
//
//   caller   writes job_, clears done_, stores count_and_next_ = {tiles, 0}
//   anyone   claims a tile: compare-exchange {n, i} -> {n, i + 1}, then reads
//            job_ and runs it
//   worker   finds no more tiles to claim: adds what it has run to done_
//   caller   likewise, then waits until done_ + its own = tiles
//
// Why a worker that was away for long does no harm: a claim only succeeds on
// the word that is current, and a run cannot end while one of its tiles is
// claimed and not done. So who has claimed a tile reads the job of that run,
// and whose value is stale gets no tile, or, where the word has come to the
// same value again, a valid tile of the present run. Nobody waits for a worker
// that has claimed nothing.
//
// Why no wake-up is lost: the one side writes "I sleep" and then looks for
// work, the other writes the work and then looks who sleeps, all of it
// sequentially consistent; and the notifier passes through the mutex that the
// sleeper holds until it really waits.
#include "trellis/base/team.h"

#include <pthread.h>
#include <xmmintrin.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>

#include "trellis/base/check.h"
#include "trellis/base/log.h"

namespace trellis {
namespace {

constexpr uint32_t kMaxTilesAtOnce = UINT32_MAX;
constexpr std::chrono::microseconds kSpinTime(100);

uint64_t Pack(uint32_t count, uint32_t next) {
  return uint64_t{count} << 32 | next;
}
uint32_t CountOf(uint64_t word) { return static_cast<uint32_t>(word >> 32); }
uint32_t NextOf(uint64_t word) { return static_cast<uint32_t>(word); }

// Control bits of MXCSR, without the sticky exception flags.
uint32_t FloatingPointMode() { return _mm_getcsr() & ~0x3fu; }

void SetFloatingPointMode(uint32_t mode) {
  const uint32_t current = _mm_getcsr();
  if ((current & ~0x3fu) != mode) _mm_setcsr(mode | (current & 0x3fu));
}

// Waits busily until condition() holds, for kSpinTime at most. Returns whether
// it holds.
template <typename Condition>
bool SpinUntil(const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kSpinTime;
  do {
    for (int i = 0; i < 32; ++i) {
      if (condition()) return true;
      _mm_pause();
    }
  } while (std::chrono::steady_clock::now() < deadline);
  return false;
}

}  // namespace

Team::Team(int threads) {
  threads = std::clamp(threads, 1, kMaxThreads);
  spin_ = threads <= static_cast<int>(std::thread::hardware_concurrency());
  workers_.reserve(threads - 1);
  for (int i = 1; i < threads; ++i) {
    try {
      workers_.emplace_back([this] { Work(); });
    } catch (const std::system_error& error) {
      TRELLIS_LOG(Warning) << "the system gave " << i << " threads of "
                           << threads << ": " << error.what();
      break;
    }
    const std::string name = "trellis/" + std::to_string(i);
    pthread_setname_np(workers_.back().native_handle(), name.c_str());
  }
}

Team::~Team() {
  TRELLIS_DCHECK(!busy_.load()) << "a Team is destroyed while it runs";
  stop_.store(true);
  { MutexLock lock(mutex_); }
  wake_worker_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void Team::Run(int64_t tiles, TileFunction function, void* context) {
  if (tiles <= 1 || workers_.empty() ||
      busy_.exchange(true, std::memory_order_acquire)) {
    for (int64_t tile = 0; tile < tiles; ++tile) function(context, tile);
    return;
  }
  job_ = {function, context, 0, FloatingPointMode()};
  while (job_.first_tile < tiles) {
    const int64_t batch =
        std::min<int64_t>(tiles - job_.first_tile, kMaxTilesAtOnce);
    RunShared(static_cast<uint32_t>(batch));
    job_.first_tile += batch;
  }
  busy_.store(false, std::memory_order_release);
}

// Runs tiles job_.first_tile + [0, tiles) together with the workers.
void Team::RunShared(uint32_t tiles) {
  done_.store(0, std::memory_order_relaxed);
  count_and_next_.store(Pack(tiles, 0));
  WakeWorkers(tiles - 1);
  const int64_t own = RunClaimedTiles();
  WaitForDone(tiles - own);
}

// Claims tiles and runs them until there are none left. Returns how many.
int64_t Team::RunClaimedTiles() {
  int64_t done = 0;
  for (uint32_t tile; Claim(&tile); ++done) {
    if (done == 0) SetFloatingPointMode(job_.floating_point_mode);
    job_.function(job_.context, job_.first_tile + tile);
  }
  return done;
}

bool Team::Claim(uint32_t* tile) {
  uint64_t word = count_and_next_.load(std::memory_order_relaxed);
  while (NextOf(word) < CountOf(word)) {
    // Acquires what the caller wrote into job_ before it published the tiles.
    if (count_and_next_.compare_exchange_weak(word, word + 1,
                                              std::memory_order_acquire,
                                              std::memory_order_relaxed)) {
      *tile = NextOf(word);
      return true;
    }
  }
  return false;
}

bool Team::HasTiles() const {
  const uint64_t word = count_and_next_.load();
  return NextOf(word) < CountOf(word);
}

void Team::WakeWorkers(uint32_t wanted) {
  const uint32_t sleepers = sleepers_.load();
  if (sleepers == 0 || wanted == 0) return;
  { MutexLock lock(mutex_); }
  if (wanted >= sleepers) {
    wake_worker_.notify_all();
    return;
  }
  for (uint32_t i = 0; i < wanted; ++i) wake_worker_.notify_one();
}

// Waits until the workers have finished `tiles` tiles of this run.
void Team::WaitForDone(int64_t tiles) {
  const auto finished = [&] { return done_.load() == tiles; };
  if (finished() || (spin_ && SpinUntil(finished))) return;
  caller_sleeps_.store(true);
  {
    MutexLock lock(mutex_);
    wake_caller_.wait(lock, finished);
  }
  caller_sleeps_.store(false, std::memory_order_relaxed);
}

// The life of a worker.
void Team::Work() {
  while (!stop_.load(std::memory_order_relaxed)) {
    if (const int64_t done = RunClaimedTiles(); done > 0) {
      // From here on the run may be over, and another one have begun.
      done_.fetch_add(done);
      if (caller_sleeps_.load()) {
        { MutexLock lock(mutex_); }
        wake_caller_.notify_one();
      }
    }
    const auto wanted = [this] { return HasTiles() || stop_.load(); };
    if (!(spin_ && SpinUntil(wanted))) Sleep();
  }
}

void Team::Sleep() {
  MutexLock lock(mutex_);
  sleepers_.fetch_add(1);
  // Woken in vain, a worker looks around for a while before it sleeps again.
  if (!HasTiles() && !stop_.load()) wake_worker_.wait(lock);
  sleepers_.fetch_sub(1);
}

void ForRange(Team& team, int64_t n, int64_t grain,
              absl::FunctionRef<void(int64_t begin, int64_t end)> function) {
  TRELLIS_CHECK(grain > 0) << "grain is " << grain;
  const int64_t tiles = n / grain + (n % grain > 0 ? 1 : 0);
  team.Run(tiles, [&](int64_t tile) {
    const int64_t begin = tile * grain;
    // begin + grain could overflow.
    function(begin, begin + std::min(grain, n - begin));
  });
}

}  // namespace trellis
