// Functions that JavaScript's Math lacks.

// x^2
function square(x) {
  return x * x;
}

// log(e^x + e^y), without overflow
function logaddexp(x, y) {
  const most = Math.max(x, y);
  return most + Math.log1p(Math.exp(Math.min(x, y) - most));
}

// 2 / sqrt(pi) * the integral of e^(-t^2) from 0 to x.  Near 0 by a series of terms of one sign,
// sqrt(pi) / 2 * e^(x^2) * erf(x) = x + 2/3 x^3 + 4/15 x^5 + ...  (Abramowitz and Stegun, 7.1.6)
function erf(x) {
  if (!(Math.abs(x) < 2)) return 1 - erfc(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

// 1 - erf(x), exact also for large x: there by a continued fraction (Abramowitz and Stegun, 7.1.14)
function erfc(x) {
  if (x < 2) return x <= -2 ? 2 - erfc(-x) : 1 - erf(x);
  let fraction = x;
  for (let n = 60; n > 0; n -= 1) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
