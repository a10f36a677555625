// The queue of a FAKE: a thread of its own that does what was enqueued, in
// order, after random delays.
#ifndef TRELLIS_TESTS_FAKE_DEVICE_FAKE_STREAM_H_
#define TRELLIS_TESTS_FAKE_DEVICE_FAKE_STREAM_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <thread>

#include "absl/status/status.h"
#include "trellis/base/mutex.h"
#include "trellis/base/team.h"
#include "trellis/runtime/kernel/stream.h"

namespace trellis {

class FakeDevice;

class FakeStream final : public Stream {
 public:
  // `device` outlives the stream. Before every fourth item or so the thread
  // waits for up to `max_delay_us` microseconds.
  FakeStream(FakeDevice& device, uint64_t seed, int max_delay_us);
  // Waits for everything that was enqueued.
  ~FakeStream() override;

  FakeDevice& device() const { return device_; }
  // The device's own processor: one thread, the queue's.
  Team& team() { return team_; }

  // `work` is called in the queue's thread, with the floating-point mode
  // (rounding, flushing of denormals) that the caller has now, unless an
  // earlier item failed.
  void Enqueue(int step, std::function<absl::Status()> work);

  uint64_t Record() override;
  absl::Status WaitFor(uint64_t point) override;
  int failed_step() const override;
  void Reset() override;

 private:
  struct Item {
    int step;
    unsigned floating_point_mode;
    std::function<absl::Status()> work;
  };

  void RunQueue();
  void Delay();

  FakeDevice& device_;
  const int max_delay_us_;
  std::minstd_rand random_;  // of the queue's thread
  Team team_{0};

  mutable Mutex mutex_;  // guards all below
  CondVar changed_;
  std::deque<Item> items_;
  uint64_t enqueued_ = 0;
  uint64_t done_ = 0;
  absl::Status error_;
  int failed_step_ = -1;
  bool stop_ = false;

  std::thread thread_;
};

}  // namespace trellis

#endif  // TRELLIS_TESTS_FAKE_DEVICE_FAKE_STREAM_H_
