// a <- momentum * a + g
// w <- w - learning_rate * a
//
// or, after Nesterov, w <- w - learning_rate * (g + momentum * a) (R7.10). The
// slot a, "momentum", starts at 0.
#ifndef TRELLIS_NN_MOMENTUM_H_
#define TRELLIS_NN_MOMENTUM_H_

#include <string>
#include <vector>

#include "trellis/nn/optimizer.h"

namespace trellis::nn {

struct MomentumOptions {
  bool use_nesterov = false;
  std::string name = "Momentum";
};

class Momentum final : public Optimizer {
 public:
  // Both are numbers or scalar tensors.
  Momentum(Input learning_rate, Input momentum, MomentumOptions options = {});

 private:
  void CreateSlots(const Scope& scope, const std::vector<Variable>& variables,
                   SourceLocation location) override;
  void Prepare(const Scope& scope, SourceLocation location) override;
  Node* Apply(const Scope& scope, const Variable& variable, Output gradient,
              SourceLocation location) override;

  const Input learning_rate_;
  const Input momentum_;
  const bool use_nesterov_;
  Output learning_rate_t_;
  Output momentum_t_;
};

}  // namespace trellis::nn

#endif  // TRELLIS_NN_MOMENTUM_H_
