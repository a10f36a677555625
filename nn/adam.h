// Adam:
//
//   alpha <- learning_rate * sqrt(1 - beta2_power) / (1 - beta1_power)
//   m <- m + (1 - beta1) * (g - m)
//   v <- v + (1 - beta2) * (g * g - v)
//   w <- w - alpha * m / (sqrt(v) + epsilon)
//
// and, after all variables, beta1_power <- beta1_power * beta1 and the same for
// beta2 (R7.14). The slots "m" and "v" start at 0, the powers at beta1 and
// beta2; these are variables of the optimizer (R3.17). This epsilon is the
// paper's "epsilon hat".
// Source: Kingma, Ba, "Adam: A Method for Stochastic Optimization",
// arXiv:1412.6980, end of sec. 2.
#ifndef TRELLIS_NN_ADAM_H_
#define TRELLIS_NN_ADAM_H_

#include <string>
#include <vector>

#include "trellis/nn/optimizer.h"

namespace trellis::nn {

// Numbers, or scalar tensors.
struct AdamOptions {
  Input learning_rate = 0.001;
  Input beta1 = 0.9;
  Input beta2 = 0.999;
  Input epsilon = 1e-8;
  std::string name = "Adam";
};

class Adam final : public Optimizer {
 public:
  explicit Adam(AdamOptions options = {});

 private:
  void CreateSlots(const Scope& scope, const std::vector<Variable>& variables,
                   SourceLocation location) override;
  void Prepare(const Scope& scope, SourceLocation location) override;
  Node* Apply(const Scope& scope, const Variable& variable, Output gradient,
              SourceLocation location) override;
  std::vector<Node*> Finish(const Scope& scope,
                            const std::vector<Node*>& updates,
                            SourceLocation location) override;

  const AdamOptions options_;
  Variable beta1_power_, beta2_power_;
  Output learning_rate_t_, beta1_t_, beta2_t_, epsilon_t_;
};

}  // namespace trellis::nn

#endif  // TRELLIS_NN_ADAM_H_
