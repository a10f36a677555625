#include "trellis/data/digit_strokes.h"

#include "trellis/base/check.h"

namespace trellis {
namespace {

constexpr PenPoint kZeroOval[] = {{54, 6},  {30, 18}, {20, 50},
                                  {30, 82}, {50, 95}, {70, 82},
                                  {80, 50}, {70, 18}, {50, 5}};
constexpr PenPoint kZeroNarrow[] = {{62, 14}, {46, 8},  {32, 34},
                                    {31, 70}, {46, 94}, {64, 76},
                                    {68, 38}, {56, 8},  {44, 12}};
constexpr PenPoint kZeroRound[] = {{44, 16}, {20, 32}, {16, 62},
                                   {36, 86}, {66, 84}, {84, 58},
                                   {76, 28}, {50, 14}, {34, 22}};

constexpr PenPoint kOneBar[] = {{50, 5}, {50, 50}, {50, 95}};
constexpr PenPoint kOneFlag[] = {
    {32, 26}, {54, 6}, {54, 6}, {54, 50}, {53, 95}};
constexpr PenPoint kOneFoot[] = {{30, 95}, {52, 94}, {74, 95}};

constexpr PenPoint kTwoFlat[] = {{22, 28}, {36, 8},  {62, 6},  {76, 26},
                                 {66, 48}, {42, 74}, {22, 94}, {22, 94},
                                 {50, 93}, {80, 93}};
constexpr PenPoint kTwoLoop[] = {{24, 24}, {44, 6},  {68, 12}, {70, 36},
                                 {50, 66}, {30, 89}, {18, 82}, {32, 74},
                                 {56, 88}, {82, 86}};
constexpr PenPoint kTwoWave[] = {{26, 18}, {48, 6},  {70, 16}, {70, 40},
                                 {46, 70}, {24, 90}, {24, 90}, {40, 82},
                                 {58, 92}, {80, 84}};

constexpr PenPoint kThreeRound[] = {{24, 18}, {46, 5},  {70, 14}, {68, 34},
                                    {44, 46}, {44, 46}, {74, 56}, {76, 80},
                                    {50, 95}, {22, 84}};
constexpr PenPoint kThreeFlat[] = {{24, 8},  {50, 8},  {74, 8},  {74, 8},
                                   {46, 42}, {46, 42}, {74, 54}, {74, 82},
                                   {48, 95}, {22, 86}};
constexpr PenPoint kThreeLoop[] = {{26, 14}, {54, 5},  {71, 22}, {56, 42},
                                   {40, 48}, {46, 40}, {68, 54}, {76, 72},
                                   {58, 93}, {20, 90}};

constexpr PenPoint kFourOpen[] = {{34, 8},  {24, 34}, {20, 56},
                                  {20, 56}, {50, 56}, {82, 54}};
constexpr PenPoint kFourStem[] = {{66, 12}, {64, 52}, {62, 95}};
constexpr PenPoint kFourClosed[] = {{64, 95}, {64, 50}, {65, 6},
                                    {65, 6},  {40, 38}, {18, 66},
                                    {18, 66}, {50, 66}, {85, 65}};
constexpr PenPoint kFourCup[] = {
    {28, 10}, {22, 36}, {34, 52}, {54, 52}, {70, 42}};
constexpr PenPoint kFourCupStem[] = {{74, 6}, {70, 48}, {64, 95}};

constexpr PenPoint kFiveCorner[] = {{74, 8},  {54, 8},  {34, 8},  {34, 8},
                                    {28, 45}, {28, 45}, {54, 38}, {76, 58},
                                    {70, 84}, {46, 95}, {20, 86}};
constexpr PenPoint kFiveBody[] = {{34, 12}, {28, 48}, {28, 48}, {56, 44},
                                  {74, 66}, {58, 91}, {22, 90}};
constexpr PenPoint kFiveTop[] = {{34, 10}, {56, 9}, {80, 6}};
constexpr PenPoint kFiveSnake[] = {{76, 10}, {46, 9},  {30, 28}, {48, 45},
                                   {70, 60}, {66, 86}, {24, 92}};

constexpr PenPoint kSixCurve[] = {{66, 6},  {40, 28}, {24, 62},
                                  {34, 90}, {60, 92}, {74, 72},
                                  {58, 54}, {36, 62}, {26, 78}};
constexpr PenPoint kSixStraight[] = {{50, 5},  {36, 40}, {29, 74}, {46, 95},
                                     {68, 84}, {66, 62}, {46, 58}, {30, 74}};
constexpr PenPoint kSixCurl[] = {{74, 16}, {54, 6},  {32, 26},
                                 {22, 62}, {40, 94}, {70, 87},
                                 {73, 62}, {50, 50}, {26, 66}};

constexpr PenPoint kSevenPlain[] = {{20, 10}, {50, 10}, {78, 10},
                                    {78, 10}, {58, 52}, {42, 95}};
constexpr PenPoint kSevenBar[] = {{36, 52}, {54, 51}, {72, 49}};
constexpr PenPoint kSevenHook[] = {{20, 26}, {25, 10}, {25, 10}, {50, 13},
                                   {79, 9},  {79, 9},  {56, 44}, {48, 95}};

constexpr PenPoint kEightCross[] = {{68, 18}, {48, 5},  {30, 20}, {42, 40},
                                    {64, 56}, {74, 76}, {52, 95}, {27, 78},
                                    {38, 57}, {62, 38}, {71, 20}};
constexpr PenPoint kEightTop[] = {{52, 46}, {31, 34}, {34, 12}, {54, 5},
                                  {70, 20}, {64, 40}, {48, 46}};
constexpr PenPoint kEightBottom[] = {{50, 46}, {26, 62}, {30, 88}, {52, 95},
                                     {74, 82}, {72, 58}, {48, 46}};
constexpr PenPoint kEightOpen[] = {{78, 10}, {52, 8},  {32, 22}, {46, 42},
                                   {68, 62}, {62, 88}, {38, 92}, {28, 76},
                                   {46, 54}, {74, 26}};

constexpr PenPoint kNineStraight[] = {{72, 20}, {48, 6},  {27, 28},
                                      {42, 50}, {66, 38}, {73, 14},
                                      {73, 14}, {70, 54}, {66, 95}};
constexpr PenPoint kNineTail[] = {{72, 24}, {52, 5},  {28, 22},
                                  {36, 48}, {62, 46}, {74, 22},
                                  {73, 60}, {58, 92}, {28, 90}};
constexpr PenPoint kNineLoop[] = {{66, 44}, {38, 48}, {26, 28}, {42, 7},
                                  {64, 10}, {70, 30}, {64, 62}, {46, 95}};

constexpr PenStyle kZero[] = {{kZeroOval}, {kZeroNarrow}, {kZeroRound}};
constexpr PenStyle kOne[] = {{kOneBar}, {kOneFlag}, {kOneFlag, kOneFoot}};
constexpr PenStyle kTwo[] = {{kTwoFlat}, {kTwoLoop}, {kTwoWave}};
constexpr PenStyle kThree[] = {{kThreeRound}, {kThreeFlat}, {kThreeLoop}};
constexpr PenStyle kFour[] = {
    {kFourOpen, kFourStem}, {kFourClosed}, {kFourCup, kFourCupStem}};
constexpr PenStyle kFive[] = {
    {kFiveCorner}, {kFiveBody, kFiveTop}, {kFiveSnake}};
constexpr PenStyle kSix[] = {{kSixCurve}, {kSixStraight}, {kSixCurl}};
constexpr PenStyle kSeven[] = {
    {kSevenPlain}, {kSevenPlain, kSevenBar}, {kSevenHook}};
constexpr PenStyle kEight[] = {
    {kEightCross}, {kEightTop, kEightBottom}, {kEightOpen}};
constexpr PenStyle kNine[] = {{kNineStraight}, {kNineTail}, {kNineLoop}};

constexpr absl::Span<const PenStyle> kStyles[] = {
    kZero, kOne, kTwo, kThree, kFour, kFive, kSix, kSeven, kEight, kNine};

}  // namespace

absl::Span<const PenStyle> PenStyles(int digit) {
  TRELLIS_CHECK(0 <= digit && digit <= 9) << digit;
  return kStyles[digit];
}

}  // namespace trellis
