"""The constants of heddle/kernels/cpu/activation-inl.h: Φ(-x)·exp(x²/2) for x ≥ 0 as t·P(t) with t = 1/(1 + 0.21·x).

Needs numpy and scipy: python3 tools/fit_normal_tail.py. P is the polynomial of degree 8 of the least greatest relative
error (least squares, weighted anew until the errors are level); the error printed is that of 32-bit coefficients, evaluated
in 64 bits.
"""

import numpy as np
from scipy.special import erfcx

RATE, DEGREE, FARTHEST, POINTS = 0.21, 8, 13.5, 4000


def main():
    least = 1 / (1 + RATE * FARTHEST)
    t = (least + 1) / 2 + (1 - least) / 2 * np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
    exact = erfcx((1 / t - 1) / RATE / np.sqrt(2)) / 2 / t
    basis = np.polynomial.chebyshev.chebvander(2 * (t - least) / (1 - least) - 1, DEGREE)
    weight = np.ones_like(t)
    for _ in range(400):
        scale = weight / exact
        fit = np.linalg.lstsq(basis * scale[:, None], weight, rcond=None)[0]
        error = np.abs(basis @ fit / exact - 1)
        weight *= np.sqrt(error / error.max() + 1e-3)
        weight /= weight.mean()
    polynomial = np.polynomial.chebyshev.Chebyshev(fit, domain=[least, 1]).convert(kind=np.polynomial.Polynomial).coef
    for power, coefficient in enumerate(polynomial):
        print(f"t^{power}: {np.float32(coefficient):.9g}f")
    rounded = np.polynomial.polynomial.polyval(t, polynomial.astype(np.float32).astype(np.float64))
    print(f"greatest relative error: {error.max():.2g}, rounded: {np.abs(rounded / exact - 1).max():.2g}")


if __name__ == "__main__":
    main()
