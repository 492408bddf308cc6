/* Composite functions for vmath_mpfr.c, in MPFR at the precision of their result: cancellation is met by precision. */

static int ref_reciprocal(mpfr_t r, const mpfr_t x, mpfr_rnd_t m)
{
    return mpfr_ui_div(r, 1, x, m);
}

static int ref_sigmoid(mpfr_t r, const mpfr_t x, mpfr_rnd_t m)
{
    mpfr_neg(r, x, m);
    mpfr_exp(r, r, m);
    mpfr_add_ui(r, r, 1, m);
    return mpfr_ui_div(r, 1, r, m);
}

static int ref_silu(mpfr_t r, const mpfr_t x, mpfr_rnd_t m)
{
    ref_sigmoid(r, x, m);
    return mpfr_mul(r, r, x, m);
}

static int ref_logit(mpfr_t r, const mpfr_t x, mpfr_rnd_t m)
{
    mpfr_ui_sub(r, 1, x, m);
    mpfr_div(r, x, r, m);
    return mpfr_log(r, r, m);
}

static int ref_gelu(mpfr_t r, const mpfr_t x, mpfr_rnd_t m)
{
    mpfr_sqrt_ui(r, 2, m);
    mpfr_div(r, x, r, m);
    mpfr_neg(r, r, m);
    mpfr_erfc(r, r, m);
    mpfr_mul(r, r, x, m);
    return mpfr_div_ui(r, r, 2, m);
}

static int ref_gelu_tanh(mpfr_t r, const mpfr_t x, mpfr_rnd_t m)
{
    mpfr_t c;
    mpfr_init2(c, PRECISION);
    mpfr_set_str(c, "0.044715", 10, m);
    mpfr_sqr(r, x, m);
    mpfr_mul(r, r, c, m);
    mpfr_add_ui(r, r, 1, m);
    mpfr_mul(r, r, x, m);
    mpfr_const_pi(c, m);
    mpfr_ui_div(c, 8, c, m);
    mpfr_sqrt(c, c, m);
    mpfr_mul(r, r, c, m);
    ref_sigmoid(r, r, m);
    mpfr_clear(c);
    return mpfr_mul(r, r, x, m);
}

/* Both of the next add log(1 + e^-|d|) to the larger one, as e^d could leave even MPFR's range. */
static int ref_softplus(mpfr_t r, const mpfr_t x, mpfr_rnd_t m)
{
    mpfr_t d;
    mpfr_init2(d, PRECISION);
    mpfr_abs(d, x, m);
    mpfr_neg(d, d, m);
    mpfr_exp(d, d, m);
    mpfr_log1p(d, d, m);
    if (mpfr_sgn(x) > 0) mpfr_add(r, d, x, m);
    else mpfr_set(r, d, m);
    mpfr_clear(d);
    return 0;
}

static int ref_mish(mpfr_t r, const mpfr_t x, mpfr_rnd_t m)
{
    ref_softplus(r, x, m);
    mpfr_tanh(r, r, m);
    return mpfr_mul(r, r, x, m);
}

static int ref_sinc(mpfr_t r, const mpfr_t x, mpfr_rnd_t m)
{
    if (mpfr_zero_p(x)) return mpfr_set_ui(r, 1, m);
    mpfr_t p;
    mpfr_init2(p, PRECISION + 1100);
    mpfr_const_pi(p, m);
    mpfr_mul(p, p, x, m);
    mpfr_sin(r, p, m);
    mpfr_div(r, r, p, m);
    mpfr_clear(p);
    return 0;
}

static int ref_lgamma(mpfr_t r, const mpfr_t x, mpfr_rnd_t m)
{
    int sign;
    return mpfr_lgamma(r, &sign, x, m);
}

/* Newton's method on erf, from the double nearest to the root of a bracket */
static int ref_erfinv(mpfr_t r, const mpfr_t x, mpfr_rnd_t m)
{
    if (mpfr_zero_p(x) || mpfr_nan_p(x)) return mpfr_set(r, x, m);
    if (mpfr_cmp_ui(x, 1) == 0 || mpfr_cmp_si(x, -1) == 0) {
        mpfr_set_inf(r, mpfr_sgn(x));
        return 0;
    }
    if (!(mpfr_cmpabs_ui(x, 1) < 0)) {
        mpfr_set_nan(r);
        return 0;
    }
    mpfr_t e, d, pi;
    mpfr_inits2(PRECISION, e, d, pi, (mpfr_ptr)NULL);
    mpfr_const_pi(pi, m);
    mpfr_sqrt(pi, pi, m);
    mpfr_div_ui(pi, pi, 2, m);
    mpfr_abs(e, x, m);
    mpfr_ui_sub(d, 1, e, m); /* start: sqrt(-log(1 - |x|)) is above the root, and the steps descend to it */
    mpfr_log(d, d, m);
    mpfr_neg(d, d, m);
    mpfr_sqrt(r, d, m);
    if (mpfr_cmp_d(e, 0.5) < 0) mpfr_mul(r, e, pi, m);
    for (int i = 0; i < 60; i++) {
        mpfr_erf(d, r, m);
        mpfr_sub(d, d, e, m);
        mpfr_mul(d, d, pi, m);
        mpfr_t s;
        mpfr_init2(s, PRECISION);
        mpfr_sqr(s, r, m);
        mpfr_exp(s, s, m);
        mpfr_mul(d, d, s, m);
        mpfr_mul(s, d, r, m); /* Halley: u / (1 + r u) */
        mpfr_add_ui(s, s, 1, m);
        mpfr_div(d, d, s, m);
        mpfr_clear(s);
        mpfr_sub(r, r, d, m);
        if (mpfr_zero_p(d) || mpfr_get_exp(d) < mpfr_get_exp(r) - 120) break;
    }
    if (mpfr_sgn(x) < 0) mpfr_neg(r, r, m);
    mpfr_clears(e, d, pi, (mpfr_ptr)NULL);
    return 0;
}

static int ref_logaddexp(mpfr_t r, const mpfr_t x, const mpfr_t y, mpfr_rnd_t m)
{
    mpfr_sub(r, y, x, m); /* -|x - y|: the larger one is not to go through it */
    mpfr_abs(r, r, m);
    mpfr_neg(r, r, m);
    ref_softplus(r, r, m);
    return mpfr_add(r, r, mpfr_greater_p(x, y) ? x : y, m);
}

static int ref_logaddexp2(mpfr_t r, const mpfr_t x, const mpfr_t y, mpfr_rnd_t m)
{
    mpfr_t l;
    mpfr_init2(l, PRECISION);
    mpfr_const_log2(l, m);
    mpfr_sub(r, y, x, m);
    mpfr_abs(r, r, m);
    mpfr_neg(r, r, m);
    mpfr_mul(r, r, l, m);
    ref_softplus(r, r, m);
    mpfr_div(r, r, l, m);
    mpfr_clear(l);
    return mpfr_add(r, r, mpfr_greater_p(x, y) ? x : y, m);
}

static int ref_xlogy(mpfr_t r, const mpfr_t x, const mpfr_t y, mpfr_rnd_t m)
{
    mpfr_log(r, y, m);
    return mpfr_mul(r, r, x, m);
}

static int ref_xlog1py(mpfr_t r, const mpfr_t x, const mpfr_t y, mpfr_rnd_t m)
{
    mpfr_log1p(r, y, m);
    return mpfr_mul(r, r, x, m);
}
