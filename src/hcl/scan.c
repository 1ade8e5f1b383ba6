/* SPDX-License-Identifier: Apache-2.0 */
#include "hcl/scan.h"

#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"

enum frame_kind { FRAME_MAIN, FRAME_STRING, FRAME_HEREDOC, FRAME_BARE };

/* What the scanner is inside of. */
struct frame {
    enum frame_kind kind;
    bool returns; /* FRAME_MAIN opened by "${": the brace at level `braces` ends it */
    size_t braces;
    bool line_start; /* FRAME_HEREDOC: the end marker may come */
    struct str marker;
};

struct scanner {
    struct arena *arena;
    const char *text;
    size_t at, len;
    struct tokens tokens;
    size_t cap;
    struct frame *frames;
    size_t n_frames, cap_frames;
    size_t braces;
    bool no_comment_end; /* no end of a comment lies ahead: looking once keeps this linear */
};

static void emit(struct scanner *s, enum token_kind kind, size_t start, size_t end) {
    struct tokens *tokens = &s->tokens;
    tokens->at = arena_grow(s->arena, tokens->at, tokens->n, &s->cap, sizeof *tokens->at);
    tokens->at[tokens->n++] = (struct token){(uint32_t)start, (uint32_t)end, (uint8_t)kind};
    if (kind >= TOKEN_BITWISE_AND)
        tokens->suspicious = true;
    s->at = end;
}

static void push(struct scanner *s, struct frame frame) {
    s->frames = arena_grow(s->arena, s->frames, s->n_frames, &s->cap_frames, sizeof *s->frames);
    s->frames[s->n_frames++] = frame;
}

static struct frame *top(struct scanner *s) {
    return &s->frames[s->n_frames - 1];
}

static char peek(const struct scanner *s, size_t ahead) {
    return s->at + ahead < s->len ? s->text[s->at + ahead] : '\0';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Bytes of the character at a place; 0 when it is no UTF-8. */
static size_t char_bytes(const struct scanner *s, size_t at) {
    size_t n;
    return utf8_decode((struct str){s->text + at, s->len - at}, &n) == UTF8_INVALID ? 0 : n;
}

static void emit_odd_char(struct scanner *s) {
    size_t n = char_bytes(s, s->at);
    emit(s, n ? TOKEN_INVALID : TOKEN_BAD_UTF8, s->at, s->at + (n ? n : 1));
}

/* 1: may begin an identifier, 2: may go on in one. Beyond ASCII, Unicode's tables decide. */
static const uint8_t ident_ascii[256] = {
    ['-'] = 2, ['_'] = 3, ['0'] = 2, ['1'] = 2, ['2'] = 2, ['3'] = 2, ['4'] = 2, ['5'] = 2,
    ['6'] = 2, ['7'] = 2, ['8'] = 2, ['9'] = 2, ['A'] = 3, ['B'] = 3, ['C'] = 3, ['D'] = 3,
    ['E'] = 3, ['F'] = 3, ['G'] = 3, ['H'] = 3, ['I'] = 3, ['J'] = 3, ['K'] = 3, ['L'] = 3,
    ['M'] = 3, ['N'] = 3, ['O'] = 3, ['P'] = 3, ['Q'] = 3, ['R'] = 3, ['S'] = 3, ['T'] = 3,
    ['U'] = 3, ['V'] = 3, ['W'] = 3, ['X'] = 3, ['Y'] = 3, ['Z'] = 3, ['a'] = 3, ['b'] = 3,
    ['c'] = 3, ['d'] = 3, ['e'] = 3, ['f'] = 3, ['g'] = 3, ['h'] = 3, ['i'] = 3, ['j'] = 3,
    ['k'] = 3, ['l'] = 3, ['m'] = 3, ['n'] = 3, ['o'] = 3, ['p'] = 3, ['q'] = 3, ['r'] = 3,
    ['s'] = 3, ['t'] = 3, ['u'] = 3, ['v'] = 3, ['w'] = 3, ['x'] = 3, ['y'] = 3, ['z'] = 3,
};

size_t scan_ident(struct str text) {
    size_t at = 0;
    while (at < text.len) {
        uint8_t byte = (uint8_t)text.at[at];
        if (ident_ascii[byte] & (at ? 2 : 1)) {
            at++;
            continue;
        }
        if (byte < 0x80)
            break;
        size_t n;
        uint32_t rune = utf8_decode(str_slice(text, at, text.len), &n);
        if (rune == UTF8_INVALID || !(at ? utf8_is_id_continue(rune) : utf8_is_id_start(rune)))
            break;
        at += n;
    }
    return at;
}

static struct str rest_of(const struct scanner *s) {
    return (struct str){s->text + s->at, s->len - s->at};
}

/* Digits, dots and exponents in any order; the reader of numbers judges it. No dot at the end. */
static void scan_number(struct scanner *s) {
    size_t at = s->at + 1, end = at;
    for (;;) {
        char c = at < s->len ? s->text[at] : '\0';
        if (is_digit(c)) {
            end = ++at;
        } else if (c == '.') {
            at++;
        } else if (c == 'e' || c == 'E') {
            size_t digit = at + 1;
            if (digit < s->len && (s->text[digit] == '+' || s->text[digit] == '-'))
                digit++;
            if (digit >= s->len || !is_digit(s->text[digit]))
                break;
            end = at = digit + 1;
        } else {
            break;
        }
    }
    emit(s, TOKEN_NUMBER, s->at, end);
}

static void scan_line_comment(struct scanner *s) {
    const char *newline = memchr(s->text + s->at, '\n', s->len - s->at);
    emit(s, TOKEN_COMMENT, s->at, newline ? (size_t)(newline - s->text) + 1 : s->len);
}

static void scan_slash(struct scanner *s) {
    char next = peek(s, 1);
    if (next == '/') {
        scan_line_comment(s);
        return;
    }
    if (next == '*' && !s->no_comment_end) {
        ptrdiff_t end = str_find(str_slice(rest_of(s), 2, s->len), S("*/"));
        if (end >= 0) {
            emit(s, TOKEN_COMMENT, s->at, s->at + (size_t)end + 4);
            return;
        }
        s->no_comment_end = true;
    }
    emit(s, TOKEN_SLASH, s->at, s->at + 1);
}

/* "<<EOT" or "<<-EOT" and the end of the line; anything else is a comparison. */
static void scan_less(struct scanner *s) {
    if (peek(s, 1) == '<') {
        size_t name = s->at + (peek(s, 2) == '-' ? 3 : 2);
        struct str marker = {s->text + name, 0};
        marker.len = name < s->len ? scan_ident((struct str){marker.at, s->len - name}) : 0;
        size_t end = name + marker.len;
        if (end < s->len && s->text[end] == '\r')
            end++;
        if (marker.len && end < s->len && s->text[end] == '\n') {
            emit(s, TOKEN_OHEREDOC, s->at, end + 1);
            push(s, (struct frame){.kind = FRAME_HEREDOC, .line_start = true, .marker = marker});
            return;
        }
    }
    bool equal = peek(s, 1) == '=';
    emit(s, equal ? TOKEN_LESS_EQUAL : TOKEN_LESS, s->at, s->at + (equal ? 2 : 1));
}

static void scan_close_brace(struct scanner *s, size_t bytes) {
    const struct frame *frame = top(s);
    bool ends = frame->returns && frame->braces == s->braces;
    /* "~}" that balances a plain brace is left to the parser to refuse. */
    emit(s, ends || bytes == 2 ? TOKEN_SEQ_END : TOKEN_CBRACE, s->at, s->at + bytes);
    s->braces--;
    if (ends)
        s->n_frames--;
}

static void emit_either(struct scanner *s, char second, enum token_kind two, enum token_kind one) {
    bool both = peek(s, 1) == second;
    emit(s, both ? two : one, s->at, s->at + (both ? 2 : 1));
}

static void scan_dot(struct scanner *s) {
    bool ellipsis = peek(s, 1) == '.' && peek(s, 2) == '.';
    emit(s, ellipsis ? TOKEN_ELLIPSIS : TOKEN_DOT, s->at, s->at + (ellipsis ? 3 : 1));
}

static void scan_equal(struct scanner *s) {
    if (peek(s, 1) == '>')
        emit(s, TOKEN_FAT_ARROW, s->at, s->at + 2);
    else
        emit_either(s, '=', TOKEN_EQUAL_OP, TOKEN_EQUAL);
}

static void scan_carriage_return(struct scanner *s) {
    if (peek(s, 1) == '\n')
        emit(s, TOKEN_NEWLINE, s->at, s->at + 2);
    else
        emit(s, TOKEN_INVALID, s->at, s->at + 1);
}

/* The characters that are always a token of their own. */
static const uint8_t single[128] = {
    ['\n'] = TOKEN_NEWLINE,  ['['] = TOKEN_OBRACK,   [']'] = TOKEN_CBRACK,
    ['('] = TOKEN_OPAREN,    [')'] = TOKEN_CPAREN,   [','] = TOKEN_COMMA,
    ['*'] = TOKEN_STAR,      ['%'] = TOKEN_PERCENT,  ['+'] = TOKEN_PLUS,
    ['-'] = TOKEN_MINUS,     ['?'] = TOKEN_QUESTION, ['^'] = TOKEN_BITWISE_XOR,
    [';'] = TOKEN_SEMICOLON, ['`'] = TOKEN_BACKTICK, ['\''] = TOKEN_APOSTROPHE,
};

static void scan_punctuation(struct scanner *s) {
    char c = s->text[s->at];
    switch (c) {
    case '\r':
        scan_carriage_return(s);
        break;
    case '"':
        emit(s, TOKEN_OQUOTE, s->at, s->at + 1);
        push(s, (struct frame){.kind = FRAME_STRING});
        break;
    case '{':
        s->braces++;
        emit(s, TOKEN_OBRACE, s->at, s->at + 1);
        break;
    case '}':
        scan_close_brace(s, 1);
        break;
    case '~':
        if (peek(s, 1) == '}')
            scan_close_brace(s, 2);
        else
            emit(s, TOKEN_BITWISE_NOT, s->at, s->at + 1);
        break;
    case '#':
        scan_line_comment(s);
        break;
    case '/':
        scan_slash(s);
        break;
    case '<':
        scan_less(s);
        break;
    case '=':
        scan_equal(s);
        break;
    case '.':
        scan_dot(s);
        break;
    case '!':
        emit_either(s, '=', TOKEN_NOT_EQUAL, TOKEN_BANG);
        break;
    case '>':
        emit_either(s, '=', TOKEN_GREATER_EQUAL, TOKEN_GREATER);
        break;
    case '&':
        emit_either(s, '&', TOKEN_AND, TOKEN_BITWISE_AND);
        break;
    case '|':
        emit_either(s, '|', TOKEN_OR, TOKEN_BITWISE_OR);
        break;
    case ':':
        emit_either(s, ':', TOKEN_DOUBLE_COLON, TOKEN_COLON);
        break;
    default:
        if ((uint8_t)c < 0x80 && single[(uint8_t)c])
            emit(s, single[(uint8_t)c], s->at, s->at + 1);
        else
            emit_odd_char(s);
    }
}

static void scan_main(struct scanner *s) {
    while (s->text[s->at] == ' ' || s->text[s->at] == '\t')
        if (++s->at == s->len)
            return;
    char c = s->text[s->at];
    if (is_digit(c)) {
        scan_number(s);
        return;
    }
    bool plain = (uint8_t)c < 0x80 && !(ident_ascii[(uint8_t)c] & 1);
    size_t ident = plain ? 0 : scan_ident(rest_of(s));
    if (ident)
        emit(s, TOKEN_IDENT, s->at, s->at + ident);
    else
        scan_punctuation(s);
}

static bool opens_sequence(const struct scanner *s, size_t at) {
    char c = s->text[at];
    return (c == '$' || c == '%') && at + 1 < s->len && s->text[at + 1] == '{';
}

/* "$${": a dollar, doubled to be no interpolation. */
static bool is_escaped_opener(const struct scanner *s, size_t at) {
    char c = s->text[at];
    return (c == '$' || c == '%') && at + 2 < s->len && s->text[at + 1] == c &&
           s->text[at + 2] == '{';
}

static void scan_opener(struct scanner *s) {
    enum token_kind kind = s->text[s->at] == '$' ? TOKEN_INTERP : TOKEN_CONTROL;
    emit(s, kind, s->at, s->at + (peek(s, 2) == '~' ? 3 : 2));
    top(s)->line_start = false;
    s->braces++;
    push(s, (struct frame){.kind = FRAME_MAIN, .returns = true, .braces = s->braces});
}

/* A dollar or percent sign at the very end: whether it begins a sequence is never known. */
static bool is_cut_opener(struct scanner *s, size_t at) {
    return at + 1 == s->len && (s->text[at] == '$' || s->text[at] == '%') &&
           top(s)->kind != FRAME_BARE;
}

/* Bytes of the character at `at`; 0 when they are no character. */
static size_t char_step(struct scanner *s, size_t at) {
    return (uint8_t)s->text[at] < 0x80 ? 1 : char_bytes(s, at);
}

/* The same in the text of a template: 0 also where a sequence begins. */
static size_t text_step(struct scanner *s, size_t at) {
    if (opens_sequence(s, at) || is_cut_opener(s, at))
        return 0;
    return is_escaped_opener(s, at) ? 3 : char_step(s, at);
}

/* Bytes of text that mean nothing to the scanner in a string, a heredoc or a template. */
static size_t plain_end(const struct scanner *s, size_t at) {
    static const uint8_t special[256] = {
        ['"'] = 1, ['\n'] = 1, ['\r'] = 1, ['\\'] = 1, ['$'] = 1, ['%'] = 1};
    while (at < s->len && !special[(uint8_t)s->text[at]] && (uint8_t)s->text[at] < 0x80)
        at++;
    return at;
}

/* How far plain text goes in a quoted string: to a quote, sequence, newline or broken escape. */
static size_t quoted_end(struct scanner *s) {
    size_t at = plain_end(s, s->at), step = 0;
    for (; at < s->len; at = plain_end(s, at + step)) {
        char c = s->text[at];
        if (c == '"' || c == '\n' || c == '\r')
            break;
        if (c == '\\') {
            if (at + 1 >= s->len || s->text[at + 1] == '\n' || s->text[at + 1] == '\r')
                break;
            at++;
            step = char_step(s, at);
        } else {
            step = text_step(s, at);
        }
        if (!step)
            break;
    }
    return at;
}

static void scan_string(struct scanner *s) {
    char c = s->text[s->at];
    if (c == '"') {
        emit(s, TOKEN_CQUOTE, s->at, s->at + 1);
        s->n_frames--;
        return;
    }
    if (opens_sequence(s, s->at)) {
        scan_opener(s);
        return;
    }
    if (c == '\n' || c == '\r') {
        size_t end = s->at;
        while (end < s->len && (s->text[end] == '\n' || s->text[end] == '\r'))
            end++;
        emit(s, TOKEN_QUOTED_NEWLINE, s->at, end);
        return;
    }
    size_t end = quoted_end(s);
    if (end > s->at)
        emit(s, TOKEN_QUOTED_LIT, s->at, end);
    else
        emit_odd_char(s);
}

/* Plain text of a heredoc or bare template, up to and with the end of its line. */
static size_t line_end(struct scanner *s) {
    size_t at = plain_end(s, s->at), step = 0;
    for (; at < s->len; at = plain_end(s, at + step)) {
        char c = s->text[at];
        if (c == '\n')
            return at + 1;
        if (c == '\r' && !(at + 1 < s->len && s->text[at + 1] == '\n'))
            break;
        step = text_step(s, at);
        if (!step)
            break;
    }
    return at;
}

static bool ends_heredoc(const struct frame *frame, struct str line) {
    return frame->kind == FRAME_HEREDOC && frame->line_start && str_ends(line, S("\n")) &&
           str_eq(str_trim(line), frame->marker);
}

static void scan_text_line(struct scanner *s) {
    if (opens_sequence(s, s->at)) {
        scan_opener(s);
        return;
    }
    struct frame *frame = top(s);
    size_t end = line_end(s);
    struct str line = {s->text + s->at, end - s->at};
    if (ends_heredoc(frame, line)) {
        size_t stop = end - (str_ends(line, S("\r\n")) ? 2 : 1);
        emit(s, TOKEN_CHEREDOC, s->at, stop);
        emit(s, TOKEN_NEWLINE, stop, end);
        s->n_frames--;
        return;
    }
    if (!line.len) {
        emit_odd_char(s);
        return;
    }
    frame->line_start = str_ends(line, S("\n"));
    emit(s, TOKEN_STRING_LIT, s->at, end);
}

struct tokens scan_text(struct arena *arena, struct str text, enum scan_mode mode) {
    struct scanner s = {.arena = arena, .text = text.at, .len = text.len};
    /* Configuration seldom has a token in less than three bytes. */
    s.cap = text.len / 3 + 16;
    s.tokens.at = arena_raw(arena, s.cap, sizeof *s.tokens.at);
    push(&s, (struct frame){.kind = mode == SCAN_TEMPLATE ? FRAME_BARE : FRAME_MAIN});
    if (str_starts(text, S("\xEF\xBB\xBF")))
        s.at = 3;
    while (s.at < s.len) {
        switch (top(&s)->kind) {
        case FRAME_MAIN:
            scan_main(&s);
            break;
        case FRAME_STRING:
            scan_string(&s);
            break;
        case FRAME_HEREDOC:
        case FRAME_BARE:
            scan_text_line(&s);
            break;
        }
    }
    emit(&s, TOKEN_EOF, s.len, s.len);
    return s.tokens;
}
