/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/glob.h"

#include <sys/stat.h>

#include "base/arena.h"
#include "base/fs.h"
#include "base/utf8.h"

#define MAX_DEPTH 100
#define MAX_ALTERNATIVES 10000
/* Links may lead in circles, so that a tree of folders has no end. */
#define MAX_FOLDERS 100000

/* The end of a [class], or -1 when it is not closed or empty. */
static ptrdiff_t class_end(struct str p, size_t at) {
    size_t i = at + 1;
    if (i < p.len && p.at[i] == '^')
        i++;
    for (bool first = true; i < p.len; i++, first = false) {
        if (p.at[i] == ']' && !first)
            return (ptrdiff_t)i;
        if (p.at[i] == ']' || p.at[i] == '-')
            if (first)
                return -1;
        if (p.at[i] == '\\')
            i++;
    }
    return -1;
}

/* The first closing brace behind the one at `at`, or -1: the reference nests none. */
static ptrdiff_t brace_end(struct str p, size_t at) {
    for (size_t i = at; i < p.len; i++)
        if (p.at[i] == '\\')
            i++;
        else if (p.at[i] == '}')
            return (ptrdiff_t)i;
    return -1;
}

bool glob_is_valid(struct str pattern) {
    for (size_t i = 0; i < pattern.len; i++) {
        ptrdiff_t end;
        switch (pattern.at[i]) {
        case '\\':
            if (++i >= pattern.len)
                return false;
            break;
        case '[':
            end = class_end(pattern, i);
            if (end < 0)
                return false;
            i = (size_t)end;
            break;
        case '{':
            end = brace_end(pattern, i);
            if (end < 0 || str_find_byte(str_slice(pattern, i, (size_t)end), '/') >= 0)
                return false;
            break;
        default:
            break;
        }
    }
    return true;
}

static uint32_t take_rune(struct str *s) {
    size_t n = 1;
    if (s->len && s->at[0] == '\\' && s->len > 1)
        *s = str_slice(*s, 1, s->len);
    uint32_t rune = utf8_decode(*s, &n);
    *s = str_slice(*s, n, s->len);
    return rune;
}

static bool in_class(struct str body, uint32_t rune) {
    bool negated = str_starts(body, S("^")), found = false;
    if (negated)
        body = str_slice(body, 1, body.len);
    while (body.len) {
        uint32_t low = take_rune(&body), high = low;
        if (body.len > 1 && body.at[0] == '-') {
            body = str_slice(body, 1, body.len);
            high = take_rune(&body);
        }
        found = found || (rune >= low && rune <= high);
    }
    return found != negated;
}

/* One pattern element that is not a star against one code point; advances both. */
static bool match_one(struct str *p, struct str *name) {
    size_t n;
    uint32_t rune = utf8_decode(*name, &n);
    *name = str_slice(*name, n, name->len);
    if (p->at[0] == '?') {
        *p = str_slice(*p, 1, p->len);
        return true;
    }
    if (p->at[0] == '[') {
        size_t end = (size_t)class_end(*p, 0);
        bool found = in_class(str_slice(*p, 1, end), rune);
        *p = str_slice(*p, end + 1, p->len);
        return found;
    }
    return take_rune(p) == rune;
}

/* One path segment, without braces; a star may be tried again from one place only. */
static bool match_segment(struct str p, struct str name) {
    struct str star_p = {0}, star_name = {0};
    bool star = false;
    while (name.len) {
        struct str next_p = p, next_name = name;
        if (p.len && p.at[0] == '*') {
            p = str_slice(p, 1, p.len);
            star_p = p;
            star_name = name;
            star = true;
        } else if (p.len && match_one(&next_p, &next_name)) {
            p = next_p;
            name = next_name;
        } else if (star) {
            size_t n;
            utf8_decode(star_name, &n);
            star_name = str_slice(star_name, n, star_name.len);
            p = star_p;
            name = star_name;
        } else {
            return false;
        }
    }
    while (p.len && p.at[0] == '*')
        p = str_slice(p, 1, p.len);
    return p.len == 0;
}

struct search {
    struct arena *arena;
    struct str root;
    struct str *found;
    size_t n, cap;
    size_t alternatives;
    size_t folders; /* looked into so far */
};

static void search(struct search *s, struct str dir, struct str pattern, int depth);

static struct str under(struct search *s, struct str dir) {
    return dir.len ? fs_join(s->arena, s->root, dir) : s->root;
}

static struct str child(struct search *s, struct str dir, struct str name) {
    return dir.len ? str_format(s->arena, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name)) : name;
}

static bool list_folder(struct search *s, struct str dir, struct str **ret_names, size_t *ret_n) {
    if (s->folders >= MAX_FOLDERS)
        return false;
    s->folders++;
    return fs_list(s->arena, under(s, dir), ret_names, ret_n) == 0;
}

static void add_file(struct search *s, struct str path) {
    struct stat st;
    if (stat(str_c(s->arena, under(s, path)), &st) != 0 || !S_ISREG(st.st_mode))
        return;
    s->found = arena_grow(s->arena, s->found, s->n, &s->cap, sizeof *s->found);
    s->found[s->n++] = path;
}

/* Tries each alternative of the first {a,b}. */
static void search_braces(struct search *s, struct str dir, struct str pattern, size_t open,
                          int depth) {
    size_t end = (size_t)brace_end(pattern, open), start = open + 1;
    struct str before = str_slice(pattern, 0, open),
               after = str_slice(pattern, end + 1, pattern.len);
    for (size_t i = start; i <= end && s->alternatives < MAX_ALTERNATIVES; i++) {
        if (i < end && pattern.at[i] != ',')
            continue;
        struct str middle = str_slice(pattern, start, i);
        s->alternatives++;
        search(
            s, dir,
            str_format(s->arena, "%.*s%.*s%.*s", STR_ARG(before), STR_ARG(middle), STR_ARG(after)),
            depth + 1);
        start = i + 1;
    }
}

static ptrdiff_t first_brace(struct str pattern) {
    for (size_t i = 0; i < pattern.len; i++)
        if (pattern.at[i] == '\\')
            i++;
        else if (pattern.at[i] == '[')
            i = (size_t)class_end(pattern, i);
        else if (pattern.at[i] == '{')
            return (ptrdiff_t)i;
    return -1;
}

/* `**`: here and in every folder below. */
static void search_deep(struct search *s, struct str dir, struct str rest, bool last, int depth) {
    struct str *names;
    size_t n;
    if (!last)
        search(s, dir, rest, depth + 1);
    if (!list_folder(s, dir, &names, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        struct str path = child(s, dir, names[i]);
        if (last)
            add_file(s, path);
        if (fs_is_dir(under(s, path)))
            search_deep(s, path, rest, last, depth + 1);
    }
}

static bool is_plain(struct str segment) {
    for (size_t i = 0; i < segment.len; i++)
        if (segment.at[i] == '*' || segment.at[i] == '?' || segment.at[i] == '[' ||
            segment.at[i] == '\\')
            return false;
    return true;
}

static void search_names(struct search *s, struct str dir, struct str segment, struct str rest,
                         bool last, int depth) {
    struct str *names;
    size_t n = 1;
    if (is_plain(segment))
        names = &segment;
    else if (!list_folder(s, dir, &names, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        if (names != &segment && !match_segment(segment, names[i]))
            continue;
        struct str path = child(s, dir, names[i]);
        if (last)
            add_file(s, path);
        else if (fs_is_dir(under(s, path)))
            search(s, path, rest, depth + 1);
    }
}

static void search(struct search *s, struct str dir, struct str pattern, int depth) {
    ptrdiff_t brace = first_brace(pattern), slash;
    if (depth > MAX_DEPTH)
        return;
    if (brace >= 0) {
        search_braces(s, dir, pattern, (size_t)brace, depth);
        return;
    }
    slash = str_find_byte(pattern, '/');
    bool last = slash < 0;
    struct str segment = last ? pattern : str_slice(pattern, 0, (size_t)slash);
    struct str rest = last ? S("") : str_slice(pattern, (size_t)slash + 1, pattern.len);
    if (str_eq(segment, S("**")))
        search_deep(s, dir, rest, last, depth);
    else if (segment.len)
        search_names(s, dir, segment, rest, last, depth);
    else if (!last)
        search(s, dir, rest, depth + 1);
}

bool glob_files(struct arena *arena, struct str dir, struct str pattern, struct str **ret_paths,
                size_t *ret_n) {
    struct search s = {.arena = arena, .root = dir};
    search(&s, S(""), pattern, 0);
    if (s.folders >= MAX_FOLDERS)
        return false;
    *ret_paths = s.found;
    *ret_n = s.n;
    return true;
}
