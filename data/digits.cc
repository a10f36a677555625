#include "trellis/data/digits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "trellis/base/check.h"
#include "trellis/data/digit_strokes.h"
#include "trellis/data/split_mix.h"

// This file uses +, -, *, / and sqrt of float only, which IEEE 754 rounds in
// one way; its build rule forbids fused multiply-adds, which would round in
// another.

namespace trellis {
namespace {

constexpr int kClasses = 10;
constexpr int kPiecesPerCurve = 5;

constexpr uint64_t kTrainSeed = 1;
constexpr uint64_t kTestSeed = 2;
constexpr int64_t kTrainCount = 30000;
constexpr int64_t kTestCount = 10000;

struct Point {
  float x;
  float y;
};

Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
Point operator*(float s, Point a) { return {s * a.x, s * a.y}; }
float Dot(Point a, Point b) { return a.x * b.x + a.y * b.y; }

// From the sheet, -0.5 .. 0.5 both ways, to pixels.
class Distortion {
 public:
  explicit Distortion(SplitMix64& random) {
    bend_x_ = random.Triangle(0.35f);
    bend_y_ = random.Triangle(0.35f);
    const float height = random.Uniform(17.0f, 23.0f);
    const float width = height * random.Uniform(0.7f, 1.1f);
    const float shear = random.Triangle(0.45f);
    // t = tan(angle / 2) gives sine and cosine without a library's.
    const float t = random.Triangle(0.22f);
    const float cosine = (1.0f - t * t) / (1.0f + t * t);
    const float sine = 2.0f * t / (1.0f + t * t);
    const float middle = 0.5f * static_cast<float>(kDigitSide);
    x_axis_ = {width * cosine, width * sine};
    y_axis_ = {height * (shear * cosine - sine),
               height * (shear * sine + cosine)};
    origin_ = {middle + random.Triangle(3.0f), middle + random.Triangle(3.0f)};
  }

  Point operator()(Point p) const {
    const float x = p.x + bend_x_ * (p.y * p.y - 0.1f);
    const float y = p.y + bend_y_ * (p.x * p.x - 0.05f);
    return origin_ + x * x_axis_ + y * y_axis_;
  }

 private:
  float bend_x_;
  float bend_y_;
  Point x_axis_;
  Point y_axis_;
  Point origin_;
};

// The coverage of each pixel by ink, 0 to 1.
class Canvas {
 public:
  // Draws a line with round ends. Where lines overlap, the darker one shows.
  void DrawLine(Point a, Point b, float radius) {
    const float reach = radius + 1.0f;
    const auto [left, right] = PixelRange(a.x, b.x, reach);
    const auto [top, bottom] = PixelRange(a.y, b.y, reach);
    const Point along = b - a;
    const float length2 = std::max(Dot(along, along), 1e-6f);
    for (int64_t row = top; row < bottom; ++row) {
      for (int64_t column = left; column < right; ++column) {
        const Point pixel = {static_cast<float>(column) + 0.5f,
                             static_cast<float>(row) + 0.5f};
        const float t = std::clamp(Dot(pixel - a, along) / length2, 0.0f, 1.0f);
        const Point off = pixel - (a + t * along);
        const float ink = radius + 0.5f - std::sqrt(Dot(off, off));
        float& cover = cover_[row * kDigitSide + column];
        cover = std::max(cover, std::min(ink, 1.0f));
      }
    }
  }

  float cover(int64_t pixel) const { return cover_[pixel]; }

 private:
  // The rows or columns within `reach` of the interval from a to b.
  static std::pair<int64_t, int64_t> PixelRange(float a, float b, float reach) {
    const float side = static_cast<float>(kDigitSide);
    const auto [low, high] = std::minmax(a, b);
    return {static_cast<int64_t>(std::clamp(low - reach, 0.0f, side)),
            static_cast<int64_t>(std::clamp(high + reach, 0.0f, side))};
  }

  std::array<float, kDigitPixels> cover_ = {};
};

// At t in [0, 1] of the Catmull-Rom curve from b to c; a and d are before and
// after them.
Point OnCurve(Point a, Point b, Point c, Point d, float t) {
  return b + (0.5f * t) * ((c - a) + t * (2.0f * a - 5.0f * b + 4.0f * c - d +
                                          t * (3.0f * (b - c) + d - a)));
}

// The points of a stroke as this hand sets them.
class ShakenStroke {
 public:
  ShakenStroke(PenStroke stroke, const Distortion& distortion,
               SplitMix64& random)
      : stroke_(stroke) {
    constexpr float kShake = 0.085f;
    for (int i = 0; i < size(); ++i) {
      if (IsCorner(i)) {
        points_[i] = points_[i - 1];
        continue;
      }
      const Point shake = {random.Triangle(kShake), random.Triangle(kShake)};
      const Point place = {static_cast<float>(stroke[i].x - 50),
                           static_cast<float>(stroke[i].y - 50)};
      points_[i] = distortion(0.01f * place + shake);
    }
  }

  void Draw(float radius, Canvas& canvas) const {
    for (int i = 0; i + 1 < size(); ++i) {
      if (IsCorner(i + 1)) continue;
      const Point b = points_[i], c = points_[i + 1];
      const Point a = i == 0 || IsCorner(i) ? b : points_[i - 1];
      const Point d = i + 2 == size() || IsCorner(i + 2) ? c : points_[i + 2];
      Point from = b;
      for (int piece = 1; piece <= kPiecesPerCurve; ++piece) {
        const float t =
            static_cast<float>(piece) / static_cast<float>(kPiecesPerCurve);
        const Point to = OnCurve(a, b, c, d, t);
        canvas.DrawLine(from, to, radius);
        from = to;
      }
    }
  }

 private:
  int size() const { return static_cast<int>(stroke_.size()); }
  // Is point i the one before it, given again?
  bool IsCorner(int i) const { return i > 0 && stroke_[i] == stroke_[i - 1]; }

  PenStroke stroke_;
  std::array<Point, kMaxPenPoints> points_;
};

// Which digit image `index` shows: the place of `index` in a random order of
// the ten that start at a multiple of ten.
int DigitOf(uint64_t seed, int64_t index) {
  constexpr uint64_t kOrderStreams = uint64_t{1} << 63;  // no image has them
  SplitMix64 random(seed, kOrderStreams + index / kClasses);
  std::array<int, kClasses> order;
  for (int i = 0; i < kClasses; ++i) {
    const auto j = random.Below(i + 1);
    order[i] = order[j];
    order[j] = i;
  }
  return order[index % kClasses];
}

// Develops the canvas: ink of some darkness, and a grain over everything.
void Develop(const Canvas& canvas, SplitMix64& random,
             absl::Span<float> pixels) {
  const float darkness = random.Uniform(150.0f, 255.0f);
  const float grain = random.Uniform(0.0f, 0.35f);
  uint64_t bytes = 0;
  for (int64_t i = 0; i < kDigitPixels; ++i, bytes >>= 8) {
    if (i % 8 == 0) bytes = random.Next();
    const float noise = grain * (static_cast<float>(bytes & 0xff) - 127.5f);
    const float level = darkness * canvas.cover(i) + noise;
    pixels[i] =
        PixelFromByte(static_cast<uint8_t>(std::clamp(level, 0.0f, 255.0f)));
  }
}

}  // namespace

int64_t RenderDigit(uint64_t seed, int64_t index, absl::Span<float> pixels) {
  TRELLIS_CHECK(index >= 0) << index;
  TRELLIS_CHECK(pixels.size() == kDigitPixels) << pixels.size();
  const int digit = DigitOf(seed, index);
  SplitMix64 random(seed, index);
  const auto styles = PenStyles(digit);
  const PenStyle& style = styles[random.Below(styles.size())];
  const Distortion distortion(random);
  const float radius = random.Uniform(0.6f, 1.9f);
  Canvas canvas;
  ShakenStroke(style.first, distortion, random).Draw(radius, canvas);
  ShakenStroke(style.second, distortion, random).Draw(radius, canvas);
  Develop(canvas, random, pixels);
  return digit;
}

LabeledImages RenderDigits(uint64_t seed, int64_t count) {
  TRELLIS_CHECK(count >= 0) << count;
  LabeledImages set{.count = count, .height = kDigitSide, .width = kDigitSide};
  set.pixels.resize(count * kDigitPixels);
  set.labels.resize(count);
  const auto pixels = absl::MakeSpan(set.pixels);
  for (int64_t i = 0; i < count; ++i) {
    set.labels[i] =
        RenderDigit(seed, i, pixels.subspan(i * kDigitPixels, kDigitPixels));
  }
  return set;
}

TrainAndTest RenderDigitTask() {
  return {.train = RenderDigits(kTrainSeed, kTrainCount),
          .test = RenderDigits(kTestSeed, kTestCount)};
}

}  // namespace trellis
