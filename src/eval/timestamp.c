/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/timestamp.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "eval/quote.h"

/* Reading, in the order and with the slack of Go's time.Parse, whose errors users know. */
struct reader {
    struct arena *arena;
    struct str text;
    size_t at;
    bool strict; /* what Go lets pass is refused after all */
    struct str *error;
};

static struct str rest(const struct reader *r) {
    return str_slice(r->text, r->at, r->text.len);
}

static bool fail(struct reader *r, const char *format, const char *a, const char *b) {
    struct str why = str_format(r->arena, format, a, b);
    *r->error = str_cat(r->arena, S("not a valid RFC3339 timestamp: "), why);
    return false;
}

/* What is at hand cannot be `what`. */
static bool fail_at(struct reader *r, const char *what) {
    struct str at = rest(r);
    if (at.len == 0)
        return fail(r, "end of string before %s%s", what, "");
    if (!r->strict)
        return fail(r, "cannot use %s as %s", quote_text(r->arena, at), what);
    if (!strcmp(what, "hour") && str_find_byte(at, ':') >= 0)
        return fail(r, "hour must be between 0 and 23 inclusive%s%s", "", "");
    if (!strcmp(what, "hour") && at.len != 2)
        return fail(r, "hour must have exactly two digits%s%s", "", "");
    if (!strcmp(what, "minute") && at.len != 2)
        return fail(r, "minute must have exactly two digits%s%s", "", "");
    return fail(r, "cannot use %s as %s", quote_text(r->arena, at), what);
}

static bool is_digit(const struct reader *r, size_t ahead) {
    return r->at + ahead < r->text.len && r->text.at[r->at + ahead] >= '0' &&
           r->text.at[r->at + ahead] <= '9';
}

/* Exactly n digits; one less is taken where `loose`. */
static bool number(struct reader *r, size_t n, bool loose, const char *what, int *ret_number) {
    int value = 0;
    size_t have = 0;
    while (have < n && is_digit(r, have))
        value = value * 10 + (r->text.at[r->at + have++] - '0');
    if (have < n && !(loose && have))
        return fail_at(r, what);
    r->at += have;
    *ret_number = value;
    return true;
}

static bool in_range(struct reader *r, int value, int low, int high, const char *what) {
    return (value >= low && value <= high) || fail_at(r, what);
}

static bool literal(struct reader *r, char c) {
    char wanted[2] = {c, 0};
    if (r->at < r->text.len && r->text.at[r->at] == c) {
        r->at++;
        return true;
    }
    if (c == 'T')
        return fail(r, "missing required time introducer 'T'%s%s", "", "");
    if (r->at == r->text.len)
        return fail(r, "end of string where \"%s\" is expected%s", wanted, "");
    return fail(r, "found %s where \"%s\" is expected", quote_text(r->arena, rest(r)), wanted);
}

static void fraction(struct reader *r, int32_t *nanoseconds, bool *comma) {
    char c = r->at < r->text.len ? r->text.at[r->at] : 0;
    *nanoseconds = 0;
    if ((c != '.' && c != ',') || !is_digit(r, 1))
        return;
    *comma = c == ',';
    r->at++;
    for (int scale = 100000000; is_digit(r, 0); r->at++, scale /= 10)
        *nanoseconds += (r->text.at[r->at] - '0') * scale;
}

static bool zone(struct reader *r, int32_t *offset) {
    struct str at = rest(r);
    *offset = 0;
    if (at.len && at.at[0] == 'Z') {
        r->at++;
        return true;
    }
    if (at.len < 6 || at.at[3] != ':' || (at.at[0] != '+' && at.at[0] != '-'))
        return fail_at(r, "UTC offset");
    for (size_t i = 1; i < 6; i++)
        if (i != 3 && (at.at[i] < '0' || at.at[i] > '9'))
            return fail_at(r, "UTC offset");
    int hours = (at.at[1] - '0') * 10 + at.at[2] - '0';
    int minutes = (at.at[4] - '0') * 10 + at.at[5] - '0';
    if (hours > 24 || minutes > 60) {
        r->at += 6;
        return fail_at(r, "UTC offset");
    }
    if (r->strict && (hours > 23 || minutes > 59) && at.len == 6)
        return fail_at(r, "UTC offset");
    r->at += 6;
    *offset = (hours * 60 + minutes) * 60 * (at.at[0] == '-' ? -1 : 1);
    return true;
}

static int days_in(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

bool timestamp_parse(struct arena *arena, struct str text, bool strict, struct timestamp *ret_time,
                     struct str *ret_error) {
    struct reader r = {arena, text, 0, strict, ret_error};
    int year = 0, month = 1, day = 0, hour = 0, minute = 0, second = 0;
    struct timestamp t = {0};
    bool comma = false;
    if (!number(&r, 4, false, "year", &year) || !literal(&r, '-') ||
        !number(&r, 2, false, "month", &month) || !in_range(&r, month, 1, 12, "month") ||
        !literal(&r, '-') || !number(&r, 2, false, "day of month", &day) || !literal(&r, 'T'))
        return false;
    size_t hour_at = r.at;
    if (!number(&r, 2, true, "hour", &hour) || !in_range(&r, hour, 0, 23, "hour"))
        return false;
    bool short_hour = r.at - hour_at == 1;
    if (!literal(&r, ':') || !number(&r, 2, false, "minute", &minute) ||
        !in_range(&r, minute, 0, 59, "minute") || !literal(&r, ':') ||
        !number(&r, 2, false, "second", &second) || !in_range(&r, second, 0, 59, "second"))
        return false;
    fraction(&r, &t.nanoseconds, &comma);
    if (!zone(&r, &t.offset))
        return false;
    if (r.at < text.len)
        return fail_at(&r, "timestamp segment");
    if (day < 1 || day > days_in(year, month))
        return fail(&r, "day out of range%s%s", "", "");
    if (strict && short_hour)
        return fail(&r, "hour must have exactly two digits%s%s", "", "");
    if (strict && comma)
        return fail(&r, "cannot use \",\" as timestamp segment%s%s", "", "");
    t.seconds = clock_from_civil(year, month, day, hour, minute, second) / 1000 - t.offset;
    *ret_time = t;
    return true;
}

/* Durations. */

static const struct {
    struct str name;
    int64_t nanoseconds;
} units[] = {
    {STR("ns"), 1},           {STR("us"), 1000},         {STR("\xc2\xb5s"), 1000},
    {STR("\xce\xbcs"), 1000}, {STR("ms"), 1000000},      {STR("s"), 1000000000},
    {STR("m"), 60000000000},  {STR("h"), 3600000000000},
};

/* As the time package quotes: everything but plain ASCII byte by byte. */
static const char *quote_bytes(struct arena *arena, struct str text) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_byte(&out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < ' ' || c >= 0x80)
            buf_addf(&out, "\\x%02x", c);
        else
            buf_addf(&out, c == '"' || c == '\\' ? "\\%c" : "%c", c);
    }
    buf_byte(&out, '"');
    return buf_take(&out, arena).at;
}

static bool bad_duration(struct arena *arena, struct str *error, const char *what,
                         struct str text) {
    *error = str_format(arena, "time: %s duration %s", what, quote_bytes(arena, text));
    return false;
}

static bool unit_of(struct arena *arena, struct str name, struct str whole, int64_t *ret_unit,
                    struct str *error) {
    for (size_t i = 0; i < COUNT(units); i++) {
        if (str_eq(units[i].name, name)) {
            *ret_unit = units[i].nanoseconds;
            return true;
        }
    }
    if (name.len == 0)
        return bad_duration(arena, error, "missing unit in", whole);
    *error = str_format(arena, "time: unknown unit %s in duration %s", quote_bytes(arena, name),
                        quote_bytes(arena, whole));
    return false;
}

/* "1.5h": one number with its unit, off the front of *text. */
static bool duration_part(struct arena *arena, struct str *text, struct str whole, int64_t *sum,
                          struct str *error) {
    int64_t number = 0, unit = 0, scaled;
    double part = 0, scale = 1;
    size_t at = 0, digits = 0;
    for (; at < text->len && text->at[at] >= '0' && text->at[at] <= '9'; at++, digits++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, text->at[at] - '0', &number))
            return bad_duration(arena, error, "invalid", whole);
    if (at < text->len && text->at[at] == '.')
        for (at++; at < text->len && text->at[at] >= '0' && text->at[at] <= '9'; at++, digits++)
            part += (text->at[at] - '0') * (scale /= 10);
    if (!digits)
        return bad_duration(arena, error, "invalid", whole);
    size_t start = at;
    while (at < text->len && text->at[at] != '.' && (text->at[at] < '0' || text->at[at] > '9'))
        at++;
    if (!unit_of(arena, str_slice(*text, start, at), whole, &unit, error))
        return false;
    if (__builtin_mul_overflow(number, unit, &scaled) ||
        __builtin_add_overflow(scaled, (int64_t)(part * (double)unit), &scaled) ||
        __builtin_add_overflow(*sum, scaled, sum))
        return bad_duration(arena, error, "invalid", whole);
    *text = str_slice(*text, at, text->len);
    return true;
}

bool timestamp_parse_duration(struct arena *arena, struct str text, int64_t *ret_nanoseconds,
                              struct str *ret_error) {
    struct str whole = text;
    int64_t sum = 0;
    bool negative = str_starts(text, S("-"));
    if (negative || str_starts(text, S("+")))
        text = str_slice(text, 1, text.len);
    if (str_eq(text, S("0"))) {
        *ret_nanoseconds = 0;
        return true;
    }
    if (!text.len)
        return bad_duration(arena, ret_error, "invalid", whole);
    while (text.len)
        if (!duration_part(arena, &text, whole, &sum, ret_error))
            return false;
    *ret_nanoseconds = negative ? -sum : sum;
    return true;
}

struct timestamp timestamp_add(struct timestamp time, int64_t nanoseconds) {
    int64_t sum = time.nanoseconds + nanoseconds % 1000000000;
    time.seconds += nanoseconds / 1000000000 + (sum < 0 ? -1 : sum >= 1000000000 ? 1 : 0);
    time.nanoseconds = (int32_t)(sum < 0 ? sum + 1000000000 : sum % 1000000000);
    return time;
}

/* Writing. */

static struct clock_civil civil(struct timestamp time) {
    return clock_civil((time.seconds + time.offset) * 1000);
}

/* "+hh:mm" or "+hhmm" */
static void write_offset(struct buf *out, int32_t offset, const char *colon) {
    int minutes = (offset < 0 ? -offset : offset) / 60;
    buf_addf(out, "%c%02d%s%02d", offset < 0 ? '-' : '+', minutes / 60, colon, minutes % 60);
}

void timestamp_write(struct buf *out, struct timestamp time) {
    struct clock_civil c = civil(time);
    buf_addf(out, "%s%04d-%02d-%02dT%02d:%02d:%02d", c.year < 0 ? "-" : "",
             c.year < 0 ? -c.year : c.year, c.month, c.day, c.hour, c.minute, c.second);
    if (time.offset)
        write_offset(out, time.offset, ":");
    else
        buf_byte(out, 'Z');
}

struct letters {
    char letter;
    const char *lengths; /* which repetitions mean something */
    const char *complaint;
};

static const struct letters letters[] = {
    {'Y', "24", "year must either be \"YY\" or \"YYYY\""},
    {'M', "1234", "month must be \"M\", \"MM\", \"MMM\", or \"MMMM\""},
    {'D', "12", "day of month must either be \"D\" or \"DD\""},
    {'E', "34", "day of week must either be \"EEE\" or \"EEEE\""},
    {'h', "12", "24-hour must either be \"h\" or \"hh\""},
    {'H', "12", "12-hour must either be \"H\" or \"HH\""},
    {'A', "2", "must be \"AA\""},
    {'a', "2", "must be \"aa\""},
    {'m', "12", "minute must either be \"m\" or \"mm\""},
    {'s', "12", "second must either be \"s\" or \"ss\""},
    {'Z', "1345", "timezone must be Z, ZZZZ, or ZZZZZ"},
};

static const struct letters *find_letter(char letter) {
    for (size_t i = 0; i < COUNT(letters); i++)
        if (letters[i].letter == letter)
            return &letters[i];
    return NULL;
}

static void write_number(struct buf *out, int number, size_t digits) {
    buf_addf(out, digits == 1 ? "%d" : "%02d", number);
}

static void write_zone(struct buf *out, int32_t offset, size_t n) {
    if (offset == 0 && (n == 1 || n == 3))
        buf_add_c(out, n == 1 ? "Z" : "UTC");
    else
        write_offset(out, offset, n == 1 || n == 5 ? ":" : "");
}

static void write_name(struct buf *out, const char *name, bool whole) {
    buf_add(out, whole ? str_from(name) : (struct str){name, 3});
}

static void write_letter(struct buf *out, char letter, size_t n, struct timestamp time) {
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
    struct clock_civil c = civil(time);
    switch (letter) {
    case 'Y':
        buf_addf(out, n == 2 ? "%02d" : "%04d", n == 2 ? c.year % 100 : c.year);
        break;
    case 'M':
        if (n > 2)
            write_name(out, months[c.month - 1], n == 4);
        else
            write_number(out, c.month, n);
        break;
    case 'D':
        write_number(out, c.day, n);
        break;
    case 'E':
        write_name(out, days[c.weekday], n == 4);
        break;
    case 'h':
        write_number(out, c.hour, n);
        break;
    case 'H':
        write_number(out, c.hour % 12 ? c.hour % 12 : 12, n);
        break;
    case 'A':
        buf_add_c(out, c.hour < 12 ? "AM" : "PM");
        break;
    case 'a':
        buf_add_c(out, c.hour < 12 ? "am" : "pm");
        break;
    case 'm':
        write_number(out, c.minute, n);
        break;
    case 's':
        write_number(out, c.second, n);
        break;
    default:
        write_zone(out, time.offset, n);
    }
}

/* 'text' with '' for a quote; at the opening quote. *at ends behind the closing one. */
static bool write_quoted(struct buf *out, struct str format, size_t *at) {
    size_t i = *at + 1;
    if (i < format.len && format.at[i] == '\'') {
        buf_byte(out, '\'');
        *at = i + 1;
        return true;
    }
    for (; i < format.len; i++) {
        if (format.at[i] == '\'' && i + 1 < format.len && format.at[i + 1] == '\'')
            i++;
        else if (format.at[i] == '\'')
            break;
        buf_byte(out, format.at[i]);
    }
    *at = i + 1;
    return i < format.len;
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool timestamp_format(struct buf *out, struct arena *arena, struct str format,
                      struct timestamp time, struct str *ret_error) {
    for (size_t at = 0; at < format.len;) {
        size_t n = 1;
        char c = format.at[at];
        if (c == '\'') {
            if (!write_quoted(out, format, &at)) {
                *ret_error = S("unterminated literal '");
                return false;
            }
            continue;
        }
        if (!is_letter(c)) {
            buf_byte(out, c);
            at++;
            continue;
        }
        while (at + n < format.len && format.at[at + n] == c)
            n++;
        const struct letters *row = find_letter(c);
        if (!row || n > 9 || !strchr(row->lengths, '0' + (int)n)) {
            const char *verb = quote_text(arena, str_slice(format, at, at + n));
            *ret_error =
                row ? str_format(arena, "invalid date format verb %s: %s", verb, row->complaint)
                    : str_format(arena, "invalid date format verb %s", verb);
            return false;
        }
        write_letter(out, c, n, time);
        at += n;
    }
    return true;
}
