/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <errno.h>
#include <time.h>

static int64_t read_ms(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_now_ms(void) {
    return read_ms(CLOCK_REALTIME);
}

int64_t clock_monotonic_ms(void) {
    return read_ms(CLOCK_MONOTONIC);
}

void clock_sleep_ms(int64_t ms) {
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&t, &t) != 0 && errno == EINTR)
        continue;
}

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar. */
static int64_t days_from_civil(int64_t y, int m, int d) {
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

int64_t clock_from_civil(int year, int month, int day, int hour, int minute, int second) {
    int64_t seconds = days_from_civil(year, month, day) * 86400;
    return (seconds + hour * 3600 + minute * 60 + second) * 1000;
}

struct clock_civil clock_civil(int64_t unix_ms) {
    int64_t days = unix_ms / 86400000, rest = unix_ms % 86400000;
    if (rest < 0) {
        rest += 86400000;
        days--;
    }
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    struct clock_civil c = {0};
    c.day = (int)(doy - (153 * mp + 2) / 5 + 1);
    c.month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c.year = (int)(yoe + era * 400 + (c.month <= 2));
    c.hour = (int)(rest / 3600000);
    c.minute = (int)(rest / 60000 % 60);
    c.second = (int)(rest / 1000 % 60);
    c.ms = (int)(rest % 1000);
    c.weekday = (int)(((days + 4) % 7 + 7) % 7);
    c.yearday = (int)(days - days_from_civil(c.year, 1, 1));
    return c;
}

struct str clock_rfc3339(struct arena *arena, int64_t unix_ms) {
    struct clock_civil c = clock_civil(unix_ms);
    return str_format(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour,
                      c.minute, c.second);
}

struct str clock_basic(struct arena *arena, int64_t unix_ms) {
    struct clock_civil c = clock_civil(unix_ms);
    return str_format(arena, "%04d%02d%02dT%02d%02d%02dZ", c.year, c.month, c.day, c.hour, c.minute,
                      c.second);
}

static bool take_digits(struct str *s, size_t n, int *ret_number) {
    int number = 0;
    if (s->len < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s->at[i] < '0' || s->at[i] > '9')
            return false;
        number = number * 10 + (s->at[i] - '0');
    }
    *s = str_slice(*s, n, s->len);
    *ret_number = number;
    return true;
}

static bool take_byte(struct str *s, char byte) {
    if (!s->len || s->at[0] != byte)
        return false;
    *s = str_slice(*s, 1, s->len);
    return true;
}

static bool take_offset(struct str *s, int *ret_minutes) {
    if (take_byte(s, 'Z') || take_byte(s, 'z')) {
        *ret_minutes = 0;
        return true;
    }
    int sign = take_byte(s, '+') ? 1 : take_byte(s, '-') ? -1 : 0, h, m;
    if (!sign || !take_digits(s, 2, &h) || !take_byte(s, ':') || !take_digits(s, 2, &m))
        return false;
    if (h > 23 || m > 59)
        return false;
    *ret_minutes = sign * (h * 60 + m);
    return true;
}

static int take_fraction_ms(struct str *s) {
    int ms = 0, scale = 100;
    if (!take_byte(s, '.'))
        return 0;
    for (int digit; take_digits(s, 1, &digit); scale /= 10)
        ms += digit * scale;
    return ms;
}

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

bool clock_parse(struct str text, int64_t *ret_unix_ms) {
    int year, month, day, hour, minute, second, offset = 0;
    struct str s = text;
    if (!take_digits(&s, 4, &year))
        return false;
    bool dashes = take_byte(&s, '-');
    if (!take_digits(&s, 2, &month) || (dashes && !take_byte(&s, '-')) || !take_digits(&s, 2, &day))
        return false;
    if (!take_byte(&s, 'T') && !take_byte(&s, 't') && !(dashes && take_byte(&s, ' ')))
        return false;
    if (!take_digits(&s, 2, &hour) || (dashes && !take_byte(&s, ':')) ||
        !take_digits(&s, 2, &minute) || (dashes && !take_byte(&s, ':')) ||
        !take_digits(&s, 2, &second))
        return false;
    int ms = take_fraction_ms(&s);
    if (!take_offset(&s, &offset) || s.len)
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    *ret_unix_ms =
        clock_from_civil(year, month, day, hour, minute, second) + ms - (int64_t)offset * 60000;
    return true;
}
