/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/decimal.h"

#include <mpfr.h>
#include <string.h>

#include "base/arena.h"

/* 0.DIGITS x 10^point, without zeros on either end. */
struct digits {
    const char *at;
    size_t n;
    long point;
    bool negative, infinite;
};

static struct str number_text(struct arena *scratch, struct value number) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    value_write_number(&out, number);
    return buf_take(&out, scratch);
}

static void strip(struct digits *d) {
    while (d->n && *d->at == '0') {
        d->at++;
        d->n--;
        d->point--;
    }
    while (d->n && d->at[d->n - 1] == '0')
        d->n--;
    if (d->n == 0)
        d->point = 0;
}

/* From plain notation: sign, digits, at most one point. */
static struct digits read_digits(struct arena *scratch, struct str text) {
    struct digits d = {0};
    char *digits = arena_bytes(scratch, text.len + 1);
    bool fraction = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        d.negative = d.negative || c == '-';
        d.infinite = d.infinite || c == 'I' || c == 'i';
        fraction = fraction || c == '.';
        if (c >= '0' && c <= '9') {
            digits[d.n++] = c;
            d.point += fraction ? 0 : 1;
        }
    }
    d.at = digits;
    strip(&d);
    return d;
}

/* The same number rounded to n digits, from its exact binary value. */
static struct digits round_digits(struct arena *scratch, struct str text, struct digits d, long n) {
    if (n < 0 || (n == 0 && (d.n == 0 || d.at[0] < '5' || (d.at[0] == '5' && d.n == 1))))
        return (struct digits){.at = "", .negative = d.negative};
    if (n == 0)
        return (struct digits){"1", 1, d.point + 1, d.negative, false};
    if ((size_t)n >= d.n)
        return d;
    mpfr_t exact;
    mpfr_exp_t exponent;
    mpfr_init2(exact, 512);
    mpfr_set_str(exact, str_c(scratch, text), 10, MPFR_RNDN);
    char *digits = arena_bytes(scratch, (size_t)n + 8);
    mpfr_get_str(digits, &exponent, 10, (size_t)n, exact, MPFR_RNDN);
    mpfr_clear(exact);
    const char *start = *digits == '-' ? digits + 1 : digits;
    struct digits rounded = {start, strlen(start), exponent, d.negative, false};
    strip(&rounded);
    return rounded;
}

static void write_padded(struct buf *out, struct digits d, long from, long count) {
    for (long i = from; i < from + count; i++)
        buf_byte(out, i >= 0 && (size_t)i < d.n ? d.at[i] : '0');
}

static void write_fixed(struct buf *out, struct digits d, long precision) {
    if (d.point > 0)
        write_padded(out, d, 0, d.point);
    else
        buf_byte(out, '0');
    if (precision > 0) {
        buf_byte(out, '.');
        write_padded(out, d, d.point, precision);
    }
}

static void write_exponent(struct buf *out, struct digits d, char letter, long precision) {
    long exponent = d.n ? d.point - 1 : 0;
    write_padded(out, d, 0, 1);
    if (precision > 0) {
        buf_byte(out, '.');
        write_padded(out, d, 1, precision);
    }
    buf_addf(out, "%c%c%02ld", letter, exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
}

static void write_general(struct buf *out, struct digits d, char letter, int precision) {
    long eprec = precision < 0 ? 6 : precision, wanted = precision < 0 ? (long)d.n : precision;
    if (precision >= 0 && eprec > (long)d.n && (long)d.n >= d.point)
        eprec = (long)d.n;
    long exponent = d.n ? d.point - 1 : -1;
    if (exponent < -4 || exponent >= eprec) {
        if (wanted > (long)d.n)
            wanted = (long)d.n;
        write_exponent(out, d, letter, wanted - 1);
        return;
    }
    if (wanted > d.point)
        wanted = (long)d.n;
    write_fixed(out, d, wanted > d.point ? wanted - d.point : 0);
}

void decimal_write(struct buf *out, struct arena *scratch, struct value number, char verb,
                   int precision) {
    struct str text = number_text(scratch, number);
    struct digits d = read_digits(scratch, text);
    if (d.infinite) {
        buf_add_c(out, d.negative ? "-Inf" : "+Inf");
        return;
    }
    if (d.negative)
        buf_byte(out, '-');
    switch (verb) {
    case 'e':
    case 'E':
        write_exponent(out, round_digits(scratch, text, d, 1 + (long)precision), verb, precision);
        break;
    case 'f':
        write_fixed(out, round_digits(scratch, text, d, d.point + precision), precision);
        break;
    default:
        if (precision == 0)
            precision = 1;
        if (precision > 0)
            d = round_digits(scratch, text, d, precision);
        write_general(out, d, verb == 'G' ? 'E' : 'e', precision);
    }
}
