// w <- w - learning_rate * g   (R7.9)
#ifndef TRELLIS_NN_GRADIENT_DESCENT_H_
#define TRELLIS_NN_GRADIENT_DESCENT_H_

#include <string>
#include <vector>

#include "trellis/nn/optimizer.h"

namespace trellis::nn {

struct GradientDescentOptions {
  std::string name = "GradientDescent";
};

class GradientDescent final : public Optimizer {
 public:
  // The rate is a number, or a scalar tensor.
  explicit GradientDescent(Input learning_rate,
                           GradientDescentOptions options = {});

 private:
  void CreateSlots(const Scope& scope, const std::vector<Variable>& variables,
                   SourceLocation location) override;
  void Prepare(const Scope& scope, SourceLocation location) override;
  Node* Apply(const Scope& scope, const Variable& variable, Output gradient,
              SourceLocation location) override;

  const Input learning_rate_;
  Output learning_rate_t_;
};

}  // namespace trellis::nn

#endif  // TRELLIS_NN_GRADIENT_DESCENT_H_
