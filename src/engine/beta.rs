//! The beta distribution: how sure a share is that was seen in few of many cases.
//!
//! Only what the rarity of a value needs. `libm` is used throughout, and not the functions of the
//! platform: they differ in the last digit from one C library to the next, and a score may not.

use libm::{exp, fabs, lgamma, log, sqrt};

/// A beta distribution.
#[derive(Clone, Copy, Debug)]
pub struct Beta {
    a: f64,
    b: f64,
    /// The logarithm of the beta function of both.
    ln_whole: f64,
}

impl Beta {
    /// The distribution of a share after weights of `a` for and `b` against it, both above 0.
    pub fn new(a: f64, b: f64) -> Beta {
        Beta { a, b, ln_whole: lgamma(a) + lgamma(b) - lgamma(a + b) }
    }

    /// How probable it is that the share is below `x`.
    ///
    /// ```
    /// use oddsock::engine::beta::Beta;
    ///
    /// let share = Beta::new(2.0, 3.0);
    /// assert!((share.below(0.4) - 0.5248).abs() < 1e-12);
    /// assert!((share.quantile(0.5248) - 0.4).abs() < 1e-9);
    /// ```
    pub fn below(self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        if x >= 1.0 {
            return 1.0;
        }
        let front = exp(self.a * log(x) + self.b * log(1.0 - x) - self.ln_whole);
        // The fraction converges fast on the near side of the mean only.
        if x < (self.a + 1.0) / (self.a + self.b + 2.0) {
            front * continued_fraction(self.a, self.b, x) / self.a
        } else {
            1.0 - front * continued_fraction(self.b, self.a, 1.0 - x) / self.b
        }
    }

    fn density(self, x: f64) -> f64 {
        exp((self.a - 1.0) * log(x) + (self.b - 1.0) * log(1.0 - x) - self.ln_whole)
    }

    /// The share below which the distribution lies with this probability.
    pub fn quantile(self, probability: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        let mut x = self.guess(probability).clamp(1e-300, 1.0 - 1e-16);
        for _ in 0..200 {
            let off = self.below(x) - probability;
            if off > 0.0 {
                high = x
            } else {
                low = x
            }
            let step = off / self.density(x);
            let mut next = x - step;
            if !(next > low && next < high) {
                next = 0.5 * (low + high);
            }
            if fabs(next - x) <= 1e-12 * x {
                return next;
            }
            x = next;
        }
        x
    }

    /// About where a quantile lies: that of the gamma distribution with the same mean, after
    /// Wilson and Hilferty, or what the lower end of the density alone would give.
    fn guess(self, probability: f64) -> f64 {
        let z = normal_quantile(probability);
        let ninth = 1.0 / (9.0 * self.a);
        let cube = 1.0 - ninth + z * sqrt(ninth);
        if cube > 0.1 {
            return self.a / (self.a + self.b) * cube * cube * cube;
        }
        exp((log(probability * self.a) + self.ln_whole) / self.a)
    }
}

/// The quantile of the normal distribution within 0.0005, after Hastings.
fn normal_quantile(probability: f64) -> f64 {
    let is_low = probability < 0.5;
    let tail = if is_low { probability } else { 1.0 - probability }.max(1e-300);
    let t = sqrt(-2.0 * log(tail));
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let z = t - above / below;
    if is_low { -z } else { z }
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let solid = |value: f64| if fabs(value) < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / solid(1.0 - (a + b) * x / (a + 1.0));
    let mut result = d;
    // As many steps as the square root of the weights are enough, and a hundred million buckets
    // would need ten thousand.
    for step in 1..10_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / solid(1.0 + even * d);
        c = solid(1.0 + even / c);
        result *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / solid(1.0 + odd * d);
        c = solid(1.0 + odd / c);
        let change = d * c;
        result *= change;
        if fabs(change - 1.0) < 1e-14 {
            break;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use libm::pow;

    use super::*;

    #[track_caller]
    fn check(a: f64, b: f64, x: f64, expected: f64) {
        let found = Beta::new(a, b).below(x);
        assert!((found / expected - 1.0).abs() < 1e-9, "I({x}; {a}, {b}) = {found}");
        let back = Beta::new(a, b).quantile(found);
        assert!((back / x - 1.0).abs() < 1e-6, "the quantile of {found} is {back}, not {x}");
    }

    #[test]
    fn it_agrees_with_closed_forms() {
        // With a = 1 it is 1 - (1-x)^b, and with b = 1 it is x^a.
        for (b, x) in [(4.0, 0.3), (4000.0, 0.0002), (1e6, 1e-7), (0.5, 0.9)] {
            check(1.0, b, x, -libm::expm1(b * libm::log1p(-x)));
        }
        for (a, x) in [(4.0, 0.3), (0.2, 0.01), (300.0, 0.99)] {
            check(a, 1.0, x, pow(x, a));
        }
        check(2.0, 3.0, 0.5, 0.6875);
    }
}
