#include "trellis/runtime/cuda_allocator.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "trellis/base/check.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

// Owners that a report names.
constexpr size_t kNamed = 8;

std::string BytesText(size_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
  return absl::StrFormat("%.4g %s", value, kUnits[unit]);
}

bool IsOutOfMemory(const absl::Status& status) {
  return status.code() == absl::StatusCode::kResourceExhausted;
}

}  // namespace

CudaAllocator::~CudaAllocator() {
  TrimLocked();
  TRELLIS_CHECK(blocks_.empty()) << "blocks of a GPU outlive their allocator";
}

absl::StatusOr<void*> CudaAllocator::Allocate(size_t bytes,
                                              absl::string_view owner) {
  const size_t asked = bytes;
  MutexLock lock(mutex_);
  bytes = std::max(bytes, size_t{1});
  absl::StatusOr<Blocks::iterator> found =
      bytes > SIZE_MAX / 2
          ? absl::ResourceExhaustedError("more than there are addresses")
          : Find((bytes + kAlignment - 1) / kAlignment * kAlignment);
  if (!found.ok()) {
    if (!IsOutOfMemory(found.status())) return found.status();
    return absl::ResourceExhaustedError(
        absl::StrCat("no ", BytesText(asked), " of GPU memory for ", owner,
                     ": ", found.status().message(), "; ", ReportLocked()));
  }
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const Blocks::iterator block = *found;
  Unmark(block);
  if (block->second.bytes > bytes) {
    const auto rest =
        blocks_.emplace_hint(std::next(block), block->first + bytes,
                             Block{.bytes = block->second.bytes - bytes});
    block->second.bytes = bytes;
    MarkFree(rest);
  }
  block->second.owner = std::string(owner);
  used_bytes_ += bytes;
  return block->first;
}

// A free block of at least `bytes`.
absl::StatusOr<CudaAllocator::Blocks::iterator> CudaAllocator::Find(
    size_t bytes) {
  const auto fit = free_.lower_bound({bytes, nullptr});
  if (fit != free_.end()) return blocks_.find(fit->second);
  absl::StatusOr<Blocks::iterator> region = AddRegion(bytes);
  if (region.ok() || !IsOutOfMemory(region.status())) return region;
  // Regions that are too small by themselves may make room for one that is not.
  const size_t before = region_bytes_;
  TrimLocked();
  return region_bytes_ == before ? region : AddRegion(bytes);
}

absl::StatusOr<CudaAllocator::Blocks::iterator> CudaAllocator::AddRegion(
    size_t bytes) {
  const size_t room = limit_ == 0 ? SIZE_MAX : limit_ - region_bytes_;
  if (bytes > room) {
    return absl::ResourceExhaustedError("the session's limit is reached");
  }
  const size_t wanted = std::max(bytes, std::min(next_region_, room));
  absl::StatusOr<Blocks::iterator> region = TakeRegion(wanted);
  if (!region.ok() && wanted > bytes && IsOutOfMemory(region.status())) {
    region = TakeRegion(bytes);
  }
  if (region.ok()) next_region_ = std::min(2 * next_region_, kLargestRegion);
  return region;
}

absl::StatusOr<CudaAllocator::Blocks::iterator> CudaAllocator::TakeRegion(
    size_t bytes) {
  TRELLIS_ASSIGN_OR_RETURN(void* const address, context_.Allocate(bytes));
  region_bytes_ += bytes;
  const auto [block, added] =
      blocks_.emplace(static_cast<char*>(address),
                      Block{.bytes = bytes, .starts_region = true});
  TRELLIS_CHECK(added) << "the driver gave one address twice";
  MarkFree(block);
  return block;
}

void CudaAllocator::MarkFree(Blocks::iterator block) {
  block->second.free = true;
  free_.emplace(block->second.bytes, block->first);
}

void CudaAllocator::Unmark(Blocks::iterator block) {
  block->second.free = false;
  free_.erase({block->second.bytes, block->first});
}

// Makes one of a block and the next if both are free and of one region.
void CudaAllocator::JoinNext(Blocks::iterator block) {
  const Blocks::iterator next = std::next(block);
  if (next == blocks_.end() || next->second.starts_region ||
      !next->second.free || !block->second.free) {
    return;
  }
  Unmark(block);
  Unmark(next);
  block->second.bytes += next->second.bytes;
  blocks_.erase(next);
  MarkFree(block);
}

void CudaAllocator::Free(void* address) {
  MutexLock lock(mutex_);
  const Blocks::iterator block = blocks_.find(static_cast<char*>(address));
  TRELLIS_CHECK(block != blocks_.end() && !block->second.free)
      << "an address that is not handed out";
  used_bytes_ -= block->second.bytes;
  block->second.owner.clear();
  MarkFree(block);
  JoinNext(block);
  if (!block->second.starts_region) JoinNext(std::prev(block));
}

bool CudaAllocator::IsWholeRegion(Blocks::iterator block) const {
  const auto next = std::next(block);
  return block->second.free && block->second.starts_region &&
         (next == blocks_.end() || next->second.starts_region);
}

void CudaAllocator::Trim() {
  MutexLock lock(mutex_);
  TrimLocked();
}

void CudaAllocator::TrimLocked() {
  for (Blocks::iterator block = blocks_.begin(); block != blocks_.end();) {
    if (!IsWholeRegion(block)) {
      ++block;
      continue;
    }
    // Of a GPU that is lost the driver says so here, too; the memory is then
    // gone with it.
    (void)context_.Free(block->first);
    region_bytes_ -= block->second.bytes;
    Unmark(block);
    block = blocks_.erase(block);
  }
  next_region_ = kFirstRegion;
}

size_t CudaAllocator::region_bytes() const {
  MutexLock lock(mutex_);
  return region_bytes_;
}

size_t CudaAllocator::used_bytes() const {
  MutexLock lock(mutex_);
  return used_bytes_;
}

std::string CudaAllocator::Report() const {
  MutexLock lock(mutex_);
  return ReportLocked();
}

std::string CudaAllocator::ReportLocked() const {
  std::map<std::string, size_t> by_owner;
  for (const auto& [address, block] : blocks_) {
    if (!block.free) by_owner[block.owner] += block.bytes;
  }
  std::vector<std::pair<size_t, std::string>> owners;
  for (const auto& [owner, bytes] : by_owner) owners.push_back({bytes, owner});
  std::stable_sort(
      owners.begin(), owners.end(),
      [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string report = owners.empty() ? "in use: nothing" : "in use: ";
  size_t others = 0;
  for (size_t i = 0; i < owners.size(); ++i) {
    if (i >= kNamed) {
      others += owners[i].first;
      continue;
    }
    absl::StrAppend(&report, i == 0 ? "" : ", ", BytesText(owners[i].first),
                    " by ", owners[i].second);
  }
  if (others > 0)
    absl::StrAppend(&report, ", ", BytesText(others), " by others");
  absl::StrAppend(&report,
                  "; free in pieces: ", BytesText(region_bytes_ - used_bytes_));
  if (limit_ > 0) absl::StrAppend(&report, "; limit: ", BytesText(limit_));
  return report;
}

}  // namespace trellis
