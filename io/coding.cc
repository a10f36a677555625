#include "trellis/io/coding.h"

#include <cstring>
#include <limits>

namespace trellis {

// Every target of Trellis is little-endian.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

namespace {

template <typename T>
void AppendBytes(T v, std::string* out) {
  out->append(reinterpret_cast<const char*>(&v), sizeof(v));
}

template <typename T>
T DecodeBytes(const char* p) {
  T v;
  std::memcpy(&v, p, sizeof(v));
  return v;
}

}  // namespace

void AppendFixed32(uint32_t v, std::string* out) { AppendBytes(v, out); }
void AppendFixed64(uint64_t v, std::string* out) { AppendBytes(v, out); }

void AppendVarint(uint64_t v, std::string* out) {
  for (; v >= 0x80; v >>= 7) out->push_back(static_cast<char>(v | 0x80));
  out->push_back(static_cast<char>(v));
}

uint32_t DecodeFixed32(const char* p) { return DecodeBytes<uint32_t>(p); }
uint64_t DecodeFixed64(const char* p) { return DecodeBytes<uint64_t>(p); }

bool ConsumeFixed32(absl::string_view* in, uint32_t* v) {
  if (in->size() < sizeof(*v)) return false;
  *v = DecodeFixed32(in->data());
  in->remove_prefix(sizeof(*v));
  return true;
}

bool ConsumeVarint32(absl::string_view* in, uint32_t* v) {
  absl::string_view rest = *in;
  uint64_t wide;
  if (!ConsumeVarint64(&rest, &wide)) return false;
  if (wide > std::numeric_limits<uint32_t>::max()) return false;
  *v = static_cast<uint32_t>(wide);
  *in = rest;
  return true;
}

bool ConsumeVarint64(absl::string_view* in, uint64_t* v) {
  uint64_t result = 0;
  for (size_t i = 0; i < in->size() && i < 10; ++i) {
    const uint64_t byte = static_cast<uint8_t>((*in)[i]);
    if (i == 9 && byte > 1) return false;  // bits past the 64th
    result |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      *v = result;
      in->remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

}  // namespace trellis
