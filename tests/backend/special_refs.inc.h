/* Special functions for special_mpfr.c, in MPFR: its own where it has one, else series, each good to 2^-200 or so. x and y are finite and
 * in the row's domain; r is none of them. */

enum { PRECISION = 260, WHOLE = 2600 }; /* bits; WHOLE is for 1 - P where that is tiny */

typedef mpfr_t number;

static void start(mpfr_prec_t precision, mpfr_ptr a, mpfr_ptr b, mpfr_ptr c, mpfr_ptr d)
{
    mpfr_inits2(precision, a, b, c, d, (mpfr_ptr)NULL);
}

static void stop(mpfr_ptr a, mpfr_ptr b, mpfr_ptr c, mpfr_ptr d)
{
    mpfr_clears(a, b, c, d, (mpfr_ptr)NULL);
}

/* Is term nothing beside sum? */
static int fallen(const mpfr_t term, const mpfr_t sum, long bits)
{
    return mpfr_zero_p(term) || (!mpfr_zero_p(sum) && mpfr_get_exp(term) < mpfr_get_exp(sum) - bits);
}

/* --- modified Bessel functions ----------------------------------------------------------------------------------------------- */

enum { FAR_X = 120 }; /* from here on the asymptotic series, whose least term is about e^-2x */

/* The sum of (+-1)^k a_k(n) / x^k, DLMF 10.40.1 and 10.40.2 */
static void hankel(mpfr_t r, const mpfr_t x, long n, int sign)
{
    number term;
    mpfr_init2(term, PRECISION);
    mpfr_set_ui(r, 1, MPFR_RNDN);
    mpfr_set_ui(term, 1, MPFR_RNDN);
    for (long k = 1; k < 240 && !fallen(term, r, PRECISION); k++) {
        mpfr_mul_si(term, term, sign * (4 * n * n - (2 * k - 1) * (2 * k - 1)), MPFR_RNDN);
        mpfr_div_si(term, term, 8 * k, MPFR_RNDN);
        mpfr_div(term, term, x, MPFR_RNDN);
        mpfr_add(r, r, term, MPFR_RNDN);
    }
    mpfr_clear(term);
}

static void bessel_i(mpfr_t r, const mpfr_t x, long n, int scaled)
{
    number a, z, term, e;
    start(PRECISION, a, z, term, e);
    mpfr_abs(a, x, MPFR_RNDN);
    if (mpfr_cmp_ui(a, FAR_X) < 0) {
        mpfr_sqr(z, a, MPFR_RNDN);
        mpfr_div_ui(z, z, 4, MPFR_RNDN);
        mpfr_set_ui(r, 1, MPFR_RNDN);
        mpfr_set_ui(term, 1, MPFR_RNDN);
        for (long k = 1; !fallen(term, r, PRECISION); k++) {
            mpfr_mul(term, term, z, MPFR_RNDN);
            mpfr_div_si(term, term, k * (k + n), MPFR_RNDN);
            mpfr_add(r, r, term, MPFR_RNDN);
        }
        mpfr_div_ui(z, a, 2, MPFR_RNDN);
        if (n == 1) mpfr_mul(r, r, z, MPFR_RNDN);
    } else {
        hankel(r, a, n, -1);
        mpfr_const_pi(z, MPFR_RNDN);
        mpfr_mul(z, z, a, MPFR_RNDN);
        mpfr_mul_ui(z, z, 2, MPFR_RNDN);
        mpfr_sqrt(z, z, MPFR_RNDN);
        mpfr_div(r, r, z, MPFR_RNDN);
    }
    int far = mpfr_cmp_ui(a, FAR_X) >= 0;
    if (far != scaled) {
        if (!far) mpfr_neg(a, a, MPFR_RNDN);
        mpfr_exp(e, a, MPFR_RNDN);
        mpfr_mul(r, r, e, MPFR_RNDN);
    }
    if (n == 1 && mpfr_sgn(x) < 0) mpfr_neg(r, r, MPFR_RNDN);
    stop(a, z, term, e);
}

/* DLMF 10.31.1 for n = 0 and 1; the sum cancels to e^-2x of its terms */
static void series_k(mpfr_t r, const mpfr_t x, long n)
{
    mpfr_prec_t precision = PRECISION + 400;
    number z, term, psi, log_half, sum, part;
    start(precision, z, term, psi, log_half);
    mpfr_inits2(precision, sum, part, (mpfr_ptr)NULL);
    mpfr_sqr(z, x, MPFR_RNDN);
    mpfr_div_ui(z, z, 4, MPFR_RNDN);
    mpfr_div_ui(log_half, x, 2, MPFR_RNDN);
    mpfr_log(log_half, log_half, MPFR_RNDN);
    mpfr_set_ui(term, 1, MPFR_RNDN);
    mpfr_const_euler(psi, MPFR_RNDN);
    mpfr_neg(psi, psi, MPFR_RNDN);
    if (n == 1) mpfr_add_d(psi, psi, 0.5, MPFR_RNDN); /* (psi(k + 1) + psi(k + 2)) / 2 */
    mpfr_set_ui(sum, 0, MPFR_RNDN);
    for (long k = 0;; k++) {
        mpfr_sub(part, psi, log_half, MPFR_RNDN);
        mpfr_mul(part, part, term, MPFR_RNDN);
        if (k > 0 && fallen(part, sum, precision)) break;
        mpfr_add(sum, sum, part, MPFR_RNDN);
        mpfr_set_ui(part, 1, MPFR_RNDN);
        mpfr_div_si(part, part, k + 1, MPFR_RNDN);
        if (n == 1) {
            mpfr_div_ui(part, part, 2, MPFR_RNDN);
            mpfr_add(psi, psi, part, MPFR_RNDN);
            mpfr_set_d(part, 0.5, MPFR_RNDN);
            mpfr_div_si(part, part, k + 2, MPFR_RNDN);
        }
        mpfr_add(psi, psi, part, MPFR_RNDN);
        mpfr_mul(term, term, z, MPFR_RNDN);
        mpfr_div_si(term, term, (k + 1) * (k + 1 + n), MPFR_RNDN);
    }
    if (n == 1) { /* 1 / x - x / 2 sum */
        mpfr_mul(sum, sum, x, MPFR_RNDN);
        mpfr_div_ui(sum, sum, 2, MPFR_RNDN);
        mpfr_ui_div(part, 1, x, MPFR_RNDN);
        mpfr_sub(sum, part, sum, MPFR_RNDN);
    }
    mpfr_set(r, sum, MPFR_RNDN);
    stop(z, term, psi, log_half);
    mpfr_clears(sum, part, (mpfr_ptr)NULL);
}

static void bessel_k(mpfr_t r, const mpfr_t x, long n, int scaled)
{
    number a, b, c, e;
    start(PRECISION, a, b, c, e);
    int far = mpfr_cmp_ui(x, FAR_X) >= 0;
    if (far) {
        hankel(r, x, n, 1);
        mpfr_const_pi(b, MPFR_RNDN);
        mpfr_div(b, b, x, MPFR_RNDN);
        mpfr_div_ui(b, b, 2, MPFR_RNDN);
        mpfr_sqrt(b, b, MPFR_RNDN);
        mpfr_mul(r, r, b, MPFR_RNDN);
    } else {
        series_k(r, x, n);
    }
    if (far != scaled) {
        if (far) mpfr_neg(a, x, MPFR_RNDN);
        else mpfr_set(a, x, MPFR_RNDN);
        mpfr_exp(e, a, MPFR_RNDN);
        mpfr_mul(r, r, e, MPFR_RNDN);
    }
    stop(a, b, c, e);
}

static void ref_i0(mpfr_t r, const mpfr_t x) { bessel_i(r, x, 0, 0); }
static void ref_i1(mpfr_t r, const mpfr_t x) { bessel_i(r, x, 1, 0); }
static void ref_i0e(mpfr_t r, const mpfr_t x) { bessel_i(r, x, 0, 1); }
static void ref_i1e(mpfr_t r, const mpfr_t x) { bessel_i(r, x, 1, 1); }
static void ref_k0(mpfr_t r, const mpfr_t x) { bessel_k(r, x, 0, 0); }
static void ref_k1(mpfr_t r, const mpfr_t x) { bessel_k(r, x, 1, 0); }
static void ref_k0e(mpfr_t r, const mpfr_t x) { bessel_k(r, x, 0, 1); }
static void ref_k1e(mpfr_t r, const mpfr_t x) { bessel_k(r, x, 1, 1); }
static void ref_j0(mpfr_t r, const mpfr_t x) { mpfr_j0(r, x, MPFR_RNDN); }
static void ref_j1(mpfr_t r, const mpfr_t x) { mpfr_j1(r, x, MPFR_RNDN); }
static void ref_y0(mpfr_t r, const mpfr_t x) { mpfr_y0(r, x, MPFR_RNDN); }
static void ref_y1(mpfr_t r, const mpfr_t x) { mpfr_y1(r, x, MPFR_RNDN); }

/* --- Airy's function ---------------------------------------------------------------------------------------------------------- */

/* DLMF 9.7.5 for x > 0, 9.7.9 left of it; for |x| >= 60 */
static void airy_far(mpfr_t r, const mpfr_t x)
{
    mpfr_prec_t precision = PRECISION + 2 * (mpfr_get_exp(x) > 0 ? mpfr_get_exp(x) : 0);
    number zeta, root, term, part[2], turn;
    start(precision, zeta, root, term, turn);
    mpfr_inits2(precision, part[0], part[1], (mpfr_ptr)NULL);
    int left = mpfr_sgn(x) < 0;
    mpfr_abs(root, x, MPFR_RNDN);
    mpfr_sqrt(root, root, MPFR_RNDN);
    mpfr_mul(zeta, root, x, MPFR_RNDN);
    mpfr_abs(zeta, zeta, MPFR_RNDN);
    mpfr_mul_ui(zeta, zeta, 2, MPFR_RNDN);
    mpfr_div_ui(zeta, zeta, 3, MPFR_RNDN);
    mpfr_set_ui(term, 1, MPFR_RNDN);
    mpfr_set_ui(part[0], 0, MPFR_RNDN);
    mpfr_set_ui(part[1], 0, MPFR_RNDN);
    for (long k = 0; k < 200 && (k == 0 || !fallen(term, part[0], PRECISION)); k++) {
        int minus = left ? k & 2 : k & 1;
        (minus ? mpfr_sub : mpfr_add)(part[left ? k & 1 : 0], part[left ? k & 1 : 0], term, MPFR_RNDN);
        mpfr_mul_si(term, term, (6 * k + 1) * (6 * k + 5), MPFR_RNDN);
        mpfr_div_si(term, term, 72 * (k + 1), MPFR_RNDN);
        mpfr_div(term, term, zeta, MPFR_RNDN);
    }
    mpfr_const_pi(turn, MPFR_RNDN);
    mpfr_mul(root, root, turn, MPFR_RNDN);
    mpfr_sqrt(root, root, MPFR_RNDN); /* sqrt(pi) |x|^(1/4) */
    if (left) {
        mpfr_div_ui(turn, turn, 4, MPFR_RNDN);
        mpfr_add(zeta, zeta, turn, MPFR_RNDN);
        mpfr_sin_cos(turn, term, zeta, MPFR_RNDN);
        mpfr_mul(part[0], part[0], turn, MPFR_RNDN);
        mpfr_mul(part[1], part[1], term, MPFR_RNDN);
        mpfr_sub(part[0], part[0], part[1], MPFR_RNDN);
    } else {
        mpfr_neg(zeta, zeta, MPFR_RNDN);
        mpfr_exp(zeta, zeta, MPFR_RNDN);
        mpfr_mul(part[0], part[0], zeta, MPFR_RNDN);
        mpfr_div_ui(part[0], part[0], 2, MPFR_RNDN);
    }
    mpfr_div(r, part[0], root, MPFR_RNDN);
    stop(zeta, root, term, turn);
    mpfr_clears(part[0], part[1], (mpfr_ptr)NULL);
}

static void ref_airy(mpfr_t r, const mpfr_t x)
{
    if (mpfr_cmpabs_ui(x, 60) < 0) mpfr_ai(r, x, MPFR_RNDN);
    else airy_far(r, x);
}

/* --- the normal distribution, logarithms --------------------------------------------------------------------------------------- */

static void ref_erfcx(mpfr_t r, const mpfr_t x)
{
    number a, term, c, d;
    start(PRECISION, a, term, c, d);
    mpfr_sqr(a, x, MPFR_RNDN);
    if (mpfr_cmp_ui(x, 1000) < 0) {
        mpfr_exp(a, a, MPFR_RNDN);
        mpfr_erfc(r, x, MPFR_RNDN);
        mpfr_mul(r, r, a, MPFR_RNDN);
    } else { /* DLMF 7.12.1 */
        mpfr_set_ui(r, 0, MPFR_RNDN);
        mpfr_set_ui(term, 1, MPFR_RNDN);
        for (long k = 0; k < 30; k++) {
            mpfr_add(r, r, term, MPFR_RNDN);
            mpfr_mul_si(term, term, -(2 * k + 1), MPFR_RNDN);
            mpfr_div(term, term, a, MPFR_RNDN);
            mpfr_div_ui(term, term, 2, MPFR_RNDN);
        }
        mpfr_div(r, r, x, MPFR_RNDN);
        mpfr_const_pi(c, MPFR_RNDN);
        mpfr_sqrt(c, c, MPFR_RNDN);
        mpfr_div(r, r, c, MPFR_RNDN);
    }
    stop(a, term, c, d);
}

static void ref_ndtr(mpfr_t r, const mpfr_t x)
{
    mpfr_sqrt_ui(r, 2, MPFR_RNDN);
    mpfr_div(r, x, r, MPFR_RNDN);
    mpfr_neg(r, r, MPFR_RNDN);
    mpfr_erfc(r, r, MPFR_RNDN);
    mpfr_div_ui(r, r, 2, MPFR_RNDN);
}

static void ref_log_ndtr(mpfr_t r, const mpfr_t x)
{
    number a, b, c, d;
    start(PRECISION, a, b, c, d);
    if (mpfr_sgn(x) > 0) { /* log(1 - ndtr(-x)) */
        mpfr_neg(a, x, MPFR_RNDN);
        ref_ndtr(r, a);
        mpfr_neg(r, r, MPFR_RNDN);
        mpfr_log1p(r, r, MPFR_RNDN);
    } else if (mpfr_cmp_si(x, -1000000) > 0) {
        ref_ndtr(r, x);
        mpfr_log(r, r, MPFR_RNDN);
    } else { /* -x^2 / 2 - log(-x sqrt(2 pi)), less 1 / x^2 */
        mpfr_const_pi(a, MPFR_RNDN);
        mpfr_mul_ui(a, a, 2, MPFR_RNDN);
        mpfr_sqrt(a, a, MPFR_RNDN);
        mpfr_mul(a, a, x, MPFR_RNDN);
        mpfr_neg(a, a, MPFR_RNDN);
        mpfr_log(a, a, MPFR_RNDN);
        mpfr_sqr(r, x, MPFR_RNDN);
        mpfr_ui_div(b, 1, r, MPFR_RNDN);
        mpfr_add(a, a, b, MPFR_RNDN);
        mpfr_div_ui(r, r, 2, MPFR_RNDN);
        mpfr_add(r, r, a, MPFR_RNDN);
        mpfr_neg(r, r, MPFR_RNDN);
    }
    stop(a, b, c, d);
}

/* Newton's steps for log ndtr(y) = log p with p <= 1/2, which is concave: from a start left of the root they come from one side */
static void ref_ndtri(mpfr_t r, const mpfr_t x)
{
    number p, l, f, y, d;
    start(PRECISION + 100, p, l, f, y);
    mpfr_init2(d, PRECISION + 100);
    int upper = mpfr_cmp_d(x, 0.5) > 0;
    if (upper) mpfr_ui_sub(p, 1, x, MPFR_RNDN);
    else mpfr_set(p, x, MPFR_RNDN);
    mpfr_log(l, p, MPFR_RNDN);
    mpfr_mul_si(y, l, -2, MPFR_RNDN);
    mpfr_sqrt(y, y, MPFR_RNDN);
    mpfr_neg(y, y, MPFR_RNDN); /* ndtr(y) < e^(-y^2 / 2) = p */
    for (int i = 0; i < 200 && mpfr_cmp_d(x, 0.5) != 0; i++) { /* y -= (log ndtr(y) - l) ndtr(y) / density(y) */
        ref_ndtr(f, y);
        mpfr_log(d, f, MPFR_RNDN);
        mpfr_sub(d, d, l, MPFR_RNDN);
        mpfr_mul(d, d, f, MPFR_RNDN);
        mpfr_sqr(f, y, MPFR_RNDN);
        mpfr_div_ui(f, f, 2, MPFR_RNDN);
        mpfr_exp(f, f, MPFR_RNDN);
        mpfr_mul(d, d, f, MPFR_RNDN);
        mpfr_const_pi(f, MPFR_RNDN);
        mpfr_mul_ui(f, f, 2, MPFR_RNDN);
        mpfr_sqrt(f, f, MPFR_RNDN);
        mpfr_mul(d, d, f, MPFR_RNDN);
        mpfr_sub(y, y, d, MPFR_RNDN);
        if (mpfr_zero_p(d) || mpfr_get_exp(d) < mpfr_get_exp(y) - PRECISION / 2) break; /* the next one would show no more */
    }
    if (mpfr_cmp_d(x, 0.5) == 0) mpfr_set_ui(y, 0, MPFR_RNDN);
    (upper ? mpfr_neg : mpfr_set)(r, y, MPFR_RNDN);
    stop(p, l, f, y);
    mpfr_clear(d);
}

static void ref_entr(mpfr_t r, const mpfr_t x)
{
    mpfr_log(r, x, MPFR_RNDN);
    mpfr_mul(r, r, x, MPFR_RNDN);
    mpfr_neg(r, r, MPFR_RNDN);
}

static void ref_xlog1py(mpfr_t r, const mpfr_t x, const mpfr_t y)
{
    mpfr_log1p(r, y, MPFR_RNDN);
    mpfr_mul(r, r, x, MPFR_RNDN);
}

static void ref_spherical(mpfr_t r, const mpfr_t x)
{
    mpfr_sin(r, x, MPFR_RNDN);
    mpfr_div(r, r, x, MPFR_RNDN);
}

static void ref_sinc(mpfr_t r, const mpfr_t x)
{
    number turn, wide;
    mpfr_inits2(PRECISION + 1100, turn, wide, (mpfr_ptr)NULL);
    mpfr_const_pi(turn, MPFR_RNDN);
    mpfr_mul(turn, turn, x, MPFR_RNDN);
    mpfr_sin(wide, turn, MPFR_RNDN);
    mpfr_div(r, wide, turn, MPFR_RNDN);
    mpfr_clears(turn, wide, (mpfr_ptr)NULL);
}

static void ref_logit(mpfr_t r, const mpfr_t x)
{
    mpfr_ui_sub(r, 1, x, MPFR_RNDN);
    mpfr_div(r, x, r, MPFR_RNDN);
    mpfr_log(r, r, MPFR_RNDN);
}

/* --- gamma family ------------------------------------------------------------------------------------------------------------- */

enum { BERNOULLI = 60 };

/* B_2k / (2k)! = (-1)^(k + 1) 2 zeta(2k) / (2 pi)^2k, DLMF 25.6.2 */
static mpfr_ptr bernoulli(int k)
{
    static number table[BERNOULLI + 1];
    static int made;
    if (!made) {
        number turn;
        mpfr_init2(turn, PRECISION + 60);
        mpfr_const_pi(turn, MPFR_RNDN);
        mpfr_mul_ui(turn, turn, 2, MPFR_RNDN);
        for (int i = 1; i <= BERNOULLI; i++) {
            mpfr_init2(table[i], PRECISION + 60);
            mpfr_pow_ui(table[i], turn, 2 * (unsigned long)i, MPFR_RNDN);
            number z;
            mpfr_init2(z, PRECISION + 60);
            mpfr_zeta_ui(z, 2 * (unsigned long)i, MPFR_RNDN);
            mpfr_mul_si(z, z, i % 2 ? 2 : -2, MPFR_RNDN);
            mpfr_div(table[i], z, table[i], MPFR_RNDN);
            mpfr_clear(z);
        }
        mpfr_clear(turn);
        made = 1;
    }
    return table[k];
}

/* The sum of (q + k)^-s; left of 0 for whole s. DLMF 2.10.1 from w = q + k on where that is past 60 + s */
static void ref_zeta(mpfr_t r, const mpfr_t s, const mpfr_t q)
{
    number w, term, power, minus, t;
    mpfr_prec_t precision = PRECISION + 60;
    start(precision, w, term, power, minus);
    mpfr_init2(t, precision);
    mpfr_neg(minus, s, MPFR_RNDN);
    mpfr_set_ui(r, 0, MPFR_RNDN);
    for (long k = 0;; k++) {
        mpfr_add_si(w, q, k, MPFR_RNDN);
        mpfr_sub_ui(t, w, 60, MPFR_RNDN);
        mpfr_pow(term, w, minus, MPFR_RNDN);
        if (mpfr_cmp(t, s) > 0) break;
        mpfr_add(r, r, term, MPFR_RNDN);
        if (mpfr_sgn(w) > 0 && fallen(term, r, precision)) goto done;
    }
    /* w^-s (w / (s - 1) + 1 / 2 + sum of B_2k / (2k)! s (s + 1) ... (s + 2k - 2) / w^(2k - 1)) */
    mpfr_sub_ui(t, s, 1, MPFR_RNDN);
    mpfr_div(t, w, t, MPFR_RNDN);
    mpfr_mul(t, t, term, MPFR_RNDN);
    mpfr_add(r, r, t, MPFR_RNDN);
    mpfr_div_ui(t, term, 2, MPFR_RNDN);
    mpfr_add(r, r, t, MPFR_RNDN);
    mpfr_mul(power, term, s, MPFR_RNDN);
    mpfr_div(power, power, w, MPFR_RNDN);
    for (int k = 1; k <= BERNOULLI; k++) {
        mpfr_mul(t, power, bernoulli(k), MPFR_RNDN);
        if (fallen(t, r, precision)) break;
        mpfr_add(r, r, t, MPFR_RNDN);
        for (int i = -1; i < 1; i++) {
            mpfr_add_si(t, s, 2 * k + i, MPFR_RNDN);
            mpfr_mul(power, power, t, MPFR_RNDN);
            mpfr_div(power, power, w, MPFR_RNDN);
        }
    }
done:
    stop(w, term, power, minus);
    mpfr_clear(t);
}

static void polygamma(mpfr_t r, const mpfr_t x, unsigned long n)
{
    number s, factorial;
    mpfr_inits2(PRECISION, s, factorial, (mpfr_ptr)NULL);
    mpfr_set_ui(s, n + 1, MPFR_RNDN);
    ref_zeta(r, s, x);
    mpfr_fac_ui(factorial, n, MPFR_RNDN);
    mpfr_mul(r, r, factorial, MPFR_RNDN);
    if (n % 2 == 0) mpfr_neg(r, r, MPFR_RNDN);
    mpfr_clears(s, factorial, (mpfr_ptr)NULL);
}

static void ref_polygamma_1(mpfr_t r, const mpfr_t x) { polygamma(r, x, 1); }
static void ref_polygamma_2(mpfr_t r, const mpfr_t x) { polygamma(r, x, 2); }
static void ref_polygamma_5(mpfr_t r, const mpfr_t x) { polygamma(r, x, 5); }

static void ref_lgamma(mpfr_t r, const mpfr_t x)
{
    int sign;
    mpfr_lgamma(r, &sign, x, MPFR_RNDN);
}

static void mvlgamma(mpfr_t r, const mpfr_t x, long p)
{
    number t, l, c, d;
    start(PRECISION, t, l, c, d);
    mpfr_const_pi(r, MPFR_RNDN);
    mpfr_log(r, r, MPFR_RNDN);
    mpfr_mul_d(r, r, (double)(p * (p - 1)) / 4, MPFR_RNDN);
    for (long k = 0; k < p; k++) {
        mpfr_sub_d(t, x, (double)k / 2, MPFR_RNDN);
        ref_lgamma(l, t);
        mpfr_add(r, r, l, MPFR_RNDN);
    }
    stop(t, l, c, d);
}

static void ref_mvlgamma_2(mpfr_t r, const mpfr_t x) { mvlgamma(r, x, 2); }
static void ref_mvlgamma_5(mpfr_t r, const mpfr_t x) { mvlgamma(r, x, 5); }

/* P(a, x) by its power series, DLMF 8.11.4, all of whose terms are positive */
static void gamma_p(mpfr_t r, const mpfr_t a, const mpfr_t x, mpfr_prec_t precision)
{
    number term, over, g, d;
    start(precision, term, over, g, d);
    mpfr_set_prec(r, precision);
    mpfr_add_ui(over, a, 1, MPFR_RNDN);
    mpfr_gamma(g, over, MPFR_RNDN);
    mpfr_pow(term, x, a, MPFR_RNDN);
    mpfr_div(term, term, g, MPFR_RNDN);
    mpfr_neg(g, x, MPFR_RNDN);
    mpfr_exp(g, g, MPFR_RNDN);
    mpfr_mul(term, term, g, MPFR_RNDN);
    mpfr_set(r, term, MPFR_RNDN);
    for (long k = 0; !fallen(term, r, precision); k++) {
        mpfr_mul(term, term, x, MPFR_RNDN);
        mpfr_div(term, term, over, MPFR_RNDN);
        mpfr_add_ui(over, over, 1, MPFR_RNDN);
        mpfr_add(r, r, term, MPFR_RNDN);
    }
    stop(term, over, g, d);
}

static void ref_igamma(mpfr_t r, const mpfr_t a, const mpfr_t x)
{
    gamma_p(r, a, x, PRECISION);
}

/* Far right of a, by a bound of e^(a + a log(x / a) - x), Q is less than the least subnormal. */
static int has_no_upper(const mpfr_t a, const mpfr_t x)
{
    double u = mpfr_get_d(a, MPFR_RNDN), v = mpfr_get_d(x, MPFR_RNDN);
    return v > u && v > 1 && u + u * (log)(v / u) - v < -760;
}

static void ref_igammac(mpfr_t r, const mpfr_t a, const mpfr_t x)
{
    if (has_no_upper(a, x)) {
        mpfr_set_ui(r, 0, MPFR_RNDN);
        return;
    }
    gamma_p(r, a, x, mpfr_cmp(x, a) < 0 && mpfr_cmp_d(a, 1e-3) > 0 ? PRECISION : WHOLE);
    mpfr_ui_sub(r, 1, r, MPFR_RNDN);
}

/* --- orthogonal polynomials ------------------------------------------------------------------------------------------------------ */

/* DLMF 18.9.1: p_0 = 1, p_1 = u x + v, (below[0] + below[1] k) p_(k+1) = ((a[0] + a[1] k) x + b[0] + b[1] k) p_k - (c[0] + c[1] k) p_(k-1) */
typedef struct {
    long u, v, a[2], b[2], c[2], below[2];
} recurrence;

static const recurrence chebyshev_t = {1, 0, {2, 0}, {0, 0}, {1, 0}, {1, 0}}, chebyshev_u = {2, 0, {2, 0}, {0, 0}, {1, 0}, {1, 0}},
                        chebyshev_v = {2, -1, {2, 0}, {0, 0}, {1, 0}, {1, 0}}, chebyshev_w = {2, 1, {2, 0}, {0, 0}, {1, 0}, {1, 0}},
                        hermite_h = {2, 0, {2, 0}, {0, 0}, {0, 2}, {1, 0}}, hermite_he = {1, 0, {1, 0}, {0, 0}, {0, 1}, {1, 0}},
                        laguerre = {-1, 1, {-1, 0}, {1, 2}, {0, 1}, {1, 1}}, legendre = {1, 0, {1, 2}, {0, 0}, {0, 1}, {1, 1}};

static void polynomial(mpfr_t r, const mpfr_t x, const mpfr_t degree, const recurrence *p)
{
    long n = mpfr_get_si(degree, MPFR_RNDZ);
    number last, next, t, d;
    start(2 * PRECISION, last, next, t, d);
    mpfr_set_prec(r, 2 * PRECISION);
    mpfr_set_ui(last, 1, MPFR_RNDN);
    mpfr_mul_si(r, x, p->u, MPFR_RNDN);
    mpfr_add_si(r, r, p->v, MPFR_RNDN);
    if (n == 0) mpfr_set_ui(r, 1, MPFR_RNDN);
    for (long k = 1; k < n; k++) {
        mpfr_mul_si(next, x, p->a[0] + p->a[1] * k, MPFR_RNDN);
        mpfr_add_si(next, next, p->b[0] + p->b[1] * k, MPFR_RNDN);
        mpfr_mul(next, next, r, MPFR_RNDN);
        mpfr_mul_si(t, last, p->c[0] + p->c[1] * k, MPFR_RNDN);
        mpfr_sub(next, next, t, MPFR_RNDN);
        mpfr_div_si(next, next, p->below[0] + p->below[1] * k, MPFR_RNDN);
        mpfr_set(last, r, MPFR_RNDN);
        mpfr_set(r, next, MPFR_RNDN);
    }
    stop(last, next, t, d);
}

#define POLYNOMIAL(name) \
    static void ref_##name(mpfr_t r, const mpfr_t x, const mpfr_t n) { polynomial(r, x, n, &name); }
POLYNOMIAL(chebyshev_t)
POLYNOMIAL(chebyshev_u)
POLYNOMIAL(chebyshev_v)
POLYNOMIAL(chebyshev_w)
POLYNOMIAL(hermite_h)
POLYNOMIAL(hermite_he)
POLYNOMIAL(laguerre)
POLYNOMIAL(legendre)
