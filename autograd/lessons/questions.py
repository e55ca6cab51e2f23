"""The exercises at the end of each lesson: predict, then see.

A question begins with ``?``; lines that are indented further go on.  A numeric answer begins with ``=``, and ``~``
gives the reason for a number that is wrong in a known way.  Among choices, ``+`` is right and ``-`` is wrong.  After
the colon stands why.
"""

TEXT = """
tangent
    ? f(x) = x². What is the slope of the line through the points at x = 3 and x = 5?
    = 8: (25 - 9) / 2 = 8. The difference quotient is 2x + h, with x = 3 and h = 2.
    ~ 6: That is the slope of the tangent at 3. The line goes through two points that are 2 apart.
    ~ 16: That is how much higher the second point is. Divide by how far it is to the right, 2.
    ? f grows from 2.00 to 2.06 when x grows from 1 to 1.02. What is the slope at 1, about?
    = 3: 0.06 / 0.02 = 3.
    ~ 0.06: That is the growth of f. Divide it by the growth of x.
    ~ 1.03: That is the ratio of the two values. The slope compares the two changes.
    ? Which h gives the best one-sided difference quotient on a computer with 16 digits?
    - 0.1: The curve bends too much over such a distance.
    + 0.00000001: The error from bending is about h, that from rounding about 10⁻¹⁶ / h. They are equal near 10⁻⁸.
    - 0.0000000000000001: Then x + h is rounded to x, or nearly, and the difference has no correct digit left.
value
    ? L = (a + b) · c with a = 1, b = 2, c = 4. What is the gradient of a?
    = 4: The slope of L with respect to the sum is c = 4, and the sum passes it on unchanged.
    ~ 3: That is the gradient of c: the slope of a product with respect to one factor is the other factor.
    ~ 1: That is only the slope of the sum with respect to a. Multiply it by the slope of L with respect to the sum.
    ? You call L.backward() a second time. What is in a.grad now?
    - The same as before: Gradients of leaves are not overwritten.
    + Twice as much: Leaf gradients accumulate, so that the gradients of several examples add up. Set a.grad = 0.0 to
      start over.
    - 0: Nothing sets it to 0 but you.
    ? What does a gradient of 0 say about a?
    - L does not depend on a: It may: two contributions can cancel, as in a - a, or the slope can be 0 just here.
    + A tiny change of a does not change L, to first order: Nothing more. In a² at 0 the gradient is 0, and yet L
      depends on a.
    - a is at the best place: It can also be the worst place, or a saddle.
backpropagation
    ? y = a · b and L = y + a, with a = 2, b = 3. What is dL/da?
    = 4: Two paths: through y it is b = 3, directly it is 1. The sum is 4.
    ~ 3: That is the path through y. a also reaches L directly.
    ~ 1: That is the direct path. a also reaches L through y.
    ? The slope of a sigmoid is at most 1/4. By which factor does a gradient shrink on its way through ten of them, at
      least?
    + about a million: 4¹⁰ = 1,048,576. Lesson 10 measures it.
    - 40: The slopes multiply, they do not add.
    - 10: Each of the ten divides by at least 4.
    ? dL/dw is -0.2. In which direction do you change w to make L smaller?
    + up: L falls when w grows. Gradient descent subtracts the gradient: w - lr · (-0.2) is larger than w.
    - down: The slope is negative, so L would grow.
    - It depends on the learning rate: That only says how far.
networks
    ? MLP(3, [4, 2]): how many parameters does it have?
    = 26: (3 + 1) · 4 in the first layer, (4 + 1) · 2 in the second: 16 + 10.
    ~ 20: These are the weights: 3 · 4 + 4 · 2. Each neuron also has a bias.
    ~ 24: 3 · 4 · 2 multiplies the layers. Count the weights and biases of each layer, and add.
    ? You remove all activations from a network of three layers. What can it still separate?
    - the moons, but more slowly: No longer at all.
    + only what a straight line separates: Sums of sums are sums: the three layers do what one can do.
    - nothing: A line can still separate some classes.
    ? You train with one batch of all 200 examples instead of batches of 32. What happens to the loss curve?
    + smoother, but it falls more slowly per epoch: Each epoch is one step instead of seven, with a gradient that is the
      exact mean.
    - it falls faster per epoch: There is only one step in each epoch.
    - it stays the same: Another number of steps per epoch, and another gradient in each.
curve
    ? A neuron computes tanh(4x + 2). At which x is the middle of its step?
    = -0.5: Where 4x + 2 = 0.
    ~ 0.5: The bias moves the step to the other side: 4x + 2 = 0 at x = -0.5.
    ~ 2: That is the bias. The middle is where 4x + 2 = 0.
    ~ -2: Divide by the weight: -b / w = -2 / 4.
    ? How many tanh neurons does a bump take that is flat far to the left and right?
    - 1: One tanh is one step: it ends higher or lower than it began.
    + 2: One step up, and one step down.
    - as many as there are points: Two steps make a bump, however many points lie on it.
    ? You ask the trained network far outside of the points, at x = 10. What does it say?
    - It continues the wave: It knows nothing about waves: there were no points there.
    + about what it says at x = 9: All steps are over, so the curve is flat.
    - a very large number: The tanh of each neuron stays between -1 and 1.
descent
    ? f(u, v) = (u² + 100 v²) / 2. Which learning rate is the limit, beyond which gradient descent diverges?
    = 0.02: v is multiplied by 1 - 100 lr in each step, which must stay above -1: lr < 2 / 100.
    ~ 2: That is the limit for u. v is steeper, and sets the limit.
    ~ 0.01: With 0.01, v is at its minimum after one step. It diverges only when a step goes more than twice as far.
    ? Momentum with beta = 0.9, and a gradient that is always 1. How large does v become?
    = 10: 1 + 0.9 + 0.81 + ... = 1 / (1 - 0.9).
    ~ 0.9: That is what is kept of the old v in each step; new gradients are added.
    ~ 9: v = 0.9 v + 1 has the solution 1 / (1 - 0.9) = 10.
    ? How long is the first step of Adam with lr = 0.001, if the gradient is 500?
    = 0.001: The gradient is divided by its own size: the first step has the length of the learning rate.
    ~ 0.5: That is the step of SGD. Adam divides the gradient by its typical size.
softmax
    ? Two logits are 3 and 1. How many times as probable is the first class? (Two decimals are enough.)
    = 7.389056 ± 0.01: The ratio is e to the difference: e² = 7.39.
    ~ 3 ± 0.01: That is the ratio of the logits. Only their difference counts: e².
    ~ 2 ± 0.01: That is the difference of the logits. The ratio of the probabilities is e².
    ? A network gives the right class the probability 0.25, and another class 0.75. What is the gradient of the logit of
      the right class?
    = -0.75: p - y = 0.25 - 1.
    ~ 0.75: That is the gradient of the other class: 0.75 - 0. For the right class it is p - 1.
    ~ 0.25: Subtract the truth, which is 1 for the right class.
    ? A new classifier for ten classes starts with a loss of 9. What do you think?
    - That is normal: A guess among ten costs log 10 = 2.3.
    + It starts sure of wrong answers: Its weights are probably too large. A guess among ten would cost log 10 = 2.3.
    - The learning rate is too large: No step has been made yet.
overfitting
    ? Training loss 0.02, validation loss 1.1. Which remedy is *not* one?
    - more data: It is the best one.
    + training longer: The training loss would fall further, and the validation loss would rise.
    - weight decay: It makes sharp bends around single points expensive.
    ? Training loss 0.65, validation loss 0.66, two classes. What is wrong?
    - overfitting: Both are alike, so nothing has been learned by heart.
    + underfitting: A guess costs log 2 = 0.69: the network has learned hardly anything. It is too small, too much
      regularized, or too little trained.
    - nothing: A guess costs log 2 = 0.69; this is hardly better.
    ? You try 50 networks and take the one with the best validation loss. How good is it on new data?
    - as good as on the validation set: It was chosen for being good there, partly by luck.
    + probably a little worse: Among 50, some are good on this set by luck. A test set that was never looked at tells.
    - better: There is no reason for that.
random start
    ? Four hidden units start with equal weights. After 2,000 steps, how far are they apart?
    = 0: They compute the same, get the same gradient, and make the same step. Exactly, for ever.
    ? May all biases start at 0?
    + Yes: Random weights alone make the units differ.
    - No, for the same reason as the weights: One source of difference is enough.
    - Only in the last layer: Random weights make the units of every layer differ.
    ? In a tanh network with all weights 0, which gradients are not 0 in the first step?
    - all of them: All hidden units are 0, and so are the weights behind them.
    - those of the last layer: The weights of the last layer multiply hidden units that are 0.
    + only that of the output bias: Everything else is multiplied by 0 somewhere.
vanishing
    ? An activation has E[φ'²] = 1/2, and each layer has n = 8 inputs. Which variance of the weights keeps the size of
      delta?
    = 0.25: n · Var(w) / 2 = 1, so Var(w) = 2 / n: He initialization.
    ~ 0.125: That is 1 / n, which is right for an activation whose slope is 1.
    ~ 2: That is n · Var(w). Divide by n.
    ? Delta shrinks by a factor of 0.5 in each of ten layers. How large is it in the first, compared with the last?
      (Nine steps.)
    = 0.001953125 ± 0.0001: 0.5⁹ = 1 / 512.
    ~ 4.5 ± 0.01: Factors multiply, they do not add.
    ~ 0.0009765625 ± 0.00001: That would be ten steps; between ten layers there are nine.
    ? Weight gradients are about equal in all layers. Is everything fine?
    - Yes: The weight gradient is delta times the activation of the layer before, and both may shrink in opposite
      directions.
    + Not necessarily: Look at delta: small activations in front and small deltas behind can make equal products.
    - No: It may be: but this alone does not tell.
three ways
    ? A function has 1,000 inputs and one output. How many backward passes give the whole gradient?
    = 1: Reverse mode finds the slopes with respect to all inputs in one pass.
    ~ 1000: That is forward mode, one pass for each input.
    ~ 2000: That is central differences, two forward passes for each input.
    ? A function has 5 inputs and 3 outputs. How many passes does forward mode take for all 15 slopes?
    = 5: One for each input.
    ~ 3: That is reverse mode: one for each output.
    ~ 15: One pass gives the slopes of all outputs with respect to one input.
    ? Why does reverse mode need more memory?
    - It computes more: About as much as forward mode in one pass.
    + It starts at the end, so all numbers in between must be kept: A local slope needs the numbers of the forward pass.
    - It keeps all paths: It adds them up at each node.
higher derivatives
    ? f(x) = x³. What is the second derivative at x = 2?
    = 12: f' = 3x², f'' = 6x.
    ~ 6: 6x at x = 2 is 12. (6 is the third derivative.)
    ~ 8: That is f(2).
    ? The curvature is 8 everywhere. Up to which learning rate does gradient descent converge?
    = 0.25: 2 / k = 2 / 8.
    ~ 0.125: There it needs one step. It diverges beyond 2 / k.
    ~ 8: That is the curvature itself; the limit is 2 / k.
    ? What is the second derivative of ReLU at 3?
    = 0: It is a straight line there, and its slope does not change.
    ~ 1: That is the first derivative.
    ~ 3: That is the value.
matrices
    ? A layer has 4 inputs and 3 neurons, the batch 10 examples. How many numbers has delta of this layer?
    = 30: One for each neuron and example: delta has the shape of the layer's output, 3 x 10.
    ~ 12: That is the shape of the weights, and of their gradient.
    ~ 40: That is the shape of the inputs, 4 x 10.
    ? Why is the gradient of the biases a sum over the batch?
    + Each example uses the same bias, so each gives it a share: A value that is used several times adds up its shares.
    - To make it more exact: It has nothing to do with rounding.
    - Because the loss is a mean: That divides by the number of examples; the sum comes from using one bias many times.
    ? Two neurons of a layer read different inputs. What becomes of the product of matrices?
    - Nothing changes: A product of matrices needs every neuron to read the same inputs.
    + It is no product of matrices any more: The sums have no common factors; the program computes them side by side.
    - It fails: The program computes the sums all the same.
past one machine
    ? A step takes 200 ms on one core, and sending the results takes 20 ms, whatever is sent. With how many workers is
      half of the time spent on sending?
    = 10: 200 / w = 20.
    ~ 5: 200 / 5 = 40 ms of work, and 20 ms of sending: a third.
    ~ 20: 200 / 20 = 10 ms of work, and 20 ms of sending: two thirds.
    ? Why does each worker send a sum over its examples, and not the mean?
    + The parts may differ in size: The mean of means would count an example in a small part more.
    - Sums are smaller: Both are one number for each parameter.
    - Means cannot be added: They can, but the result is not the mean of all.
    ? The loss of a large batch differs in the last digit if it is added up in a tree. Which sum is more exact, usually?
    + the tree: Each number takes part in about log n additions, instead of up to n, and each addition rounds.
    - one after the other: Each addition rounds, and the first number takes part in all of them.
    - both are exact: Floating-point addition rounds.
"""
