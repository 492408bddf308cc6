/* What vmath_mpfr.c's first judge needs beyond libm, for one type: T is under test, R the wider type, L(name) the name here.
 * Not exact, and not MPFR: each is off by a few ULP of R. Which of two zeros fmin and fmax give, C leaves open. */

static R L(fmin)(R x, R y)
{
    return isnan(y) || x < y ? x : y;
}

static R L(fmax)(R x, R y)
{
    return isnan(y) || x > y ? x : y;
}

/* near 1/2 without cancellation: 2x - 1 and 1 - x are exact there */
static R L(logit)(R x)
{
    return x > (R)0.25 && x < (R)0.75 ? log1p((2 * x - 1) / (1 - x)) : log(x / (1 - x));
}

/* x Phi(x); erfc'(z) is about -2z erfc(z) far out, so there the rounding of its argument -x / sqrt 2 is made good */
static R L(gelu)(R x)
{
    const long double high = -0xb.504f333f9de6484p-4L, low = -0x1.65f626cdd52bp-66L;
    R c = (R)high, z = x * c, lost = fma(x, c, -z) + x * (R)(high - (long double)c + low);
    return x / 2 * erfc(z) * (z > 2 && z < 40 ? 1 - 2 * z * lost : 1);
}

static R L(mish)(R x)
{
    return x * tanh((x > 0 ? x : 0) + log1p(exp(-fabs(x))));
}

static R L(sinc)(R x)
{
    R f = fabs(x) - 2 * floor(fabs(x) / 2); /* sin(pi x) has the period 2 */
    R s = f > 1 ? -sin((R)M_PIl * (f - 1 > (R)0.5 ? 2 - f : f - 1)) : sin((R)M_PIl * (f > (R)0.5 ? 1 - f : f));
    return x == 0 ? 1 : isinf(x) ? (R)NAN : f == 0 || f == 1 ? 0 : s / ((R)M_PIl * fabs(x));
}

/* S. Winitzki's approximation (2008), then Halley's steps on erf or erfc */
static R L(erfinv)(R x)
{
    R a = fabs(x), rest = 1 - a;
    if (!(rest > 0)) return rest == 0 ? copysign((R)INFINITY, x) : (R)NAN;
    R l = log(rest * (1 + a)) / 2, p = (R)4.3307 + l, y = a < (R)0.01 ? a * (R)0.8862 : sqrt(sqrt(p * p - l * (R)13.6054) - p);
    for (int i = 0; i < 4; i++) {
        R u = (a < (R)0.5 ? erf(y) - a : rest - erfc(y)) * exp(y * y) / (R)M_2_SQRTPIl, step = u / (1 + y * u);
        y -= step;
        if (!(fabs(step) > y * (R)0x1p-22)) break;
    }
    return copysign(y, x);
}

static R L(logaddexp)(R x, R y)
{
    if (x == y && isinf(x)) return x;
    if (isnan(x) || isnan(y)) return x + y;
    return fmax(x, y) + log1p(exp(-fabs(x - y)));
}

static R L(logaddexp2)(R x, R y)
{
    if (x == y && isinf(x)) return x;
    if (isnan(x) || isnan(y)) return x + y;
    return fmax(x, y) + log1p(exp2(-fabs(x - y))) * (R)M_LOG2El;
}

/* Python's % */
static T L(remainder)(T x, T y)
{
    T r = fmod(x, y);
    return r == 0 || (r < 0) == (y < 0) ? r : r + y;
}

/* PyTorch's div_floor_floating (c10/util/generic_math.h) */
static T L(floor_divide)(T a, T b)
{
    if (b == 0) return a / b;
    T mod = fmod(a, b), div = (a - mod) / b;
    if (mod != 0 && (b < 0) != (mod < 0)) div -= 1;
    if (div == 0) return copysign((T)0, a / b);
    T whole = floor(div);
    return div - whole > (T)0.5 ? whole + 1 : whole;
}
