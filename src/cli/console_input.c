/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/console_input.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/late.h"

#define MAX_LINE ((size_t)16 << 20)

typedef char *read_line(const char *prompt);
typedef int add_history(const char *line);

struct console_input {
    bool terminal;
    read_line *read_line; /* of libedit; NULL: plain lines */
    add_history *add_history;
};

struct console_input *console_input_open(struct arena *arena) {
    struct console_input *input = arena_alloc(arena, sizeof *input);
    input->terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    const struct late_symbol wanted[] = {
        {"readline", (void **)&input->read_line},
        {"add_history", (void **)&input->add_history},
    };
    if (input->terminal)
        (void)late_open("libedit.so.2", wanted, COUNT(wanted));
    return input;
}

bool console_input_is_terminal(const struct console_input *input) {
    return input->terminal;
}

static bool plain_line(struct arena *arena, struct str *ret_line) {
    char *line = NULL;
    size_t cap = 0;
    ssize_t n = getline(&line, &cap, stdin);
    if (n >= 0 && (size_t)n < MAX_LINE)
        *ret_line = str_dup(arena, (struct str){line, (size_t)n});
    free(line);
    return n >= 0 && (size_t)n < MAX_LINE;
}

static bool next_line(const struct console_input *input, struct arena *arena, const char *prompt,
                      struct str *ret_line) {
    if (!input->terminal)
        return plain_line(arena, ret_line);
    if (!input->read_line) {
        fputs(prompt, stdout);
        fflush(stdout);
        return plain_line(arena, ret_line);
    }
    char *line = input->read_line(prompt);
    if (!line)
        return false;
    *ret_line = str_dup(arena, str_from(line));
    if (input->add_history && *line)
        input->add_history(line);
    free(line);
    return true;
}

bool console_input_next(struct console_input *input, struct arena *arena, struct str *ret_text) {
    struct buf text;
    struct str line;
    bool any = false;
    buf_init(&text, BUF_MAX_TEXT);
    while (next_line(input, arena, any ? ": " : "> ", &line)) {
        line = any ? str_trim_right(line) : str_trim(line);
        if (any)
            buf_byte(&text, '\n');
        buf_add(&text, line);
        any = true;
        if (!console_input_is_open(buf_str(&text)))
            break;
    }
    *ret_text = buf_take(&text, arena);
    return any;
}

/* Where a position in the text is. */
#define MAX_NESTING 4096

struct scan {
    struct str text;
    size_t at;
    char stack[MAX_NESTING]; /* '(' '[' '{', '"' in a quoted template, '$' in its ${ } */
    size_t depth;
    bool open; /* ended inside a comment or heredoc */
};

static int peek(const struct scan *s, size_t ahead) {
    return s->at + ahead < s->text.len ? (unsigned char)s->text.at[s->at + ahead] : -1;
}

static void push(struct scan *s, char c) {
    if (s->depth < MAX_NESTING)
        s->stack[s->depth++] = c;
}

static char top(const struct scan *s) {
    return s->depth ? s->stack[s->depth - 1] : 0;
}

static void skip_line(struct scan *s) {
    while (peek(s, 0) >= 0 && peek(s, 0) != '\n')
        s->at++;
}

static void skip_comment(struct scan *s) {
    s->at += 2;
    while (peek(s, 0) >= 0 && !(peek(s, 0) == '*' && peek(s, 1) == '/'))
        s->at++;
    s->open = s->open || peek(s, 0) < 0;
    s->at += 2;
}

/* Behind "<<": up to the line that holds the word alone. */
static void skip_heredoc(struct scan *s) {
    s->at += peek(s, 2) == '-' ? 3 : 2;
    size_t start = s->at;
    skip_line(s);
    struct str word = str_trim(str_slice(s->text, start, s->at));
    while (word.len && peek(s, 0) >= 0) {
        s->at++;
        size_t line = s->at;
        skip_line(s);
        if (str_eq(str_trim(str_slice(s->text, line, s->at)), word))
            return;
    }
    s->open = s->open || word.len;
}

/* "<<" with a word right behind it. */
static bool at_heredoc(const struct scan *s) {
    int first = peek(s, 2) == '-' ? peek(s, 3) : peek(s, 2);
    return peek(s, 0) == '<' && peek(s, 1) == '<' &&
           (first == '_' || first >= 0x80 || (first >= 'A' && first <= 'Z') ||
            (first >= 'a' && first <= 'z'));
}

static void in_quotes(struct scan *s) {
    int c = peek(s, 0);
    if (c == '\\') {
        s->at++;
    } else if ((c == '$' || c == '%') && peek(s, 1) == c && peek(s, 2) == '{') {
        s->at += 2;
    } else if ((c == '$' || c == '%') && peek(s, 1) == '{') {
        push(s, '$');
        s->at++;
    } else if (c == '"' && s->depth) {
        s->depth--;
    }
    s->at++;
}

static void in_code(struct scan *s) {
    int c = peek(s, 0), next = peek(s, 1);
    if (c == '#' || (c == '/' && next == '/')) {
        skip_line(s);
        return;
    }
    if (c == '/' && next == '*') {
        skip_comment(s);
        return;
    }
    if (at_heredoc(s)) {
        skip_heredoc(s);
        return;
    }
    if (c == '"' || c == '(' || c == '[' || c == '{')
        push(s, (char)c);
    if ((c == ')' || c == ']' || c == '}') && s->depth)
        s->depth--;
    s->at++;
}

bool console_input_is_open(struct str text) {
    struct scan s = {.text = text};
    while (peek(&s, 0) >= 0)
        if (top(&s) == '"')
            in_quotes(&s);
        else
            in_code(&s);
    /* An unfinished quoted text on one line is a mistake to report, not to wait for. */
    return s.open || (s.depth && top(&s) != '"');
}
