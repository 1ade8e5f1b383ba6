/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/checks_json.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"

struct writer {
    struct json_out *o;
    struct arena *arena;
    const struct check_result *checks;
    size_t n;
};

static struct str status_name(enum check_status status) {
    static const char *const names[] = {"pass", "fail", "error", "unknown"};
    return str_from(names[status]);
}

/* "module" of what is not a resource: all before output.NAME, var.NAME or check.NAME. */
static void check_module(struct writer *w, struct str text) {
    ptrdiff_t dot = str_rfind_byte(text, '.');
    struct str rest = str_slice(text, 0, dot < 0 ? 0 : (size_t)dot);
    ptrdiff_t end = str_rfind_byte(rest, '.');
    if (end > 0)
        json_out_member(w->o, S("module"), str_slice(rest, 0, (size_t)end));
}

/* Module and key of one instance, or of the configured object without a key. */
static void check_place(struct writer *w, struct str kind, struct str text) {
    struct instance_addr addr;
    struct diags ignored = {.arena = w->arena};
    if (!str_eq(kind, S("resource"))) {
        check_module(w, text);
        return;
    }
    if (!addr_parse_instance(w->arena, text, &addr, &ignored))
        return;
    if (addr.module.n)
        json_out_member(w->o, S("module"), addr_module_text(w->arena, addr.module));
    if (addr.key.kind == KEY_NONE)
        return;
    json_out_key(w->o, S("instance_key"));
    if (addr.key.kind == KEY_INT)
        json_out_int(w->o, addr.key.number);
    else
        json_out_str(w->o, addr.key.text);
}

/* The results of one checked object: those with its address follow one another. */
static size_t check_object(struct writer *w, size_t first) {
    const struct check_result *head = &w->checks[first];
    size_t end = first;
    enum check_status worst = CHECK_PASS;
    while (end < w->n && str_eq(w->checks[end].address, head->address)) {
        enum check_status status = w->checks[end++].status;
        if (status == CHECK_ERROR || (status == CHECK_FAIL && worst != CHECK_ERROR) ||
            (status == CHECK_UNKNOWN && worst == CHECK_PASS))
            worst = status;
    }
    json_out_member(w->o, S("status"), status_name(worst));
    if (!head->instance.len)
        return end;
    json_out_key(w->o, S("instances"));
    json_out_open(w->o, '[');
    for (size_t i = first; i < end; i++) {
        const struct check_result *r = &w->checks[i];
        json_out_item(w->o);
        json_out_open(w->o, '{');
        json_out_key(w->o, S("address"));
        json_out_open(w->o, '{');
        json_out_member(w->o, S("to_display"), r->instance);
        check_place(w, r->kind, r->instance);
        json_out_close(w->o, '}');
        json_out_member(w->o, S("status"), status_name(r->status));
        for (size_t k = 0; k < r->n_problems; k++) {
            if (!k) {
                json_out_key(w->o, S("problems"));
                json_out_open(w->o, '[');
            }
            json_out_item(w->o);
            json_out_open(w->o, '{');
            json_out_member(w->o, S("message"), r->problems[k]);
            json_out_close(w->o, '}');
        }
        if (r->n_problems)
            json_out_close(w->o, ']');
        json_out_close(w->o, '}');
    }
    json_out_close(w->o, ']');
    return end;
}

static void check_address(struct writer *w, const struct check_result *r) {
    struct str address = r->address;
    json_out_key(w->o, S("address"));
    json_out_open(w->o, '{');
    json_out_member(w->o, S("to_display"), address);
    json_out_member(w->o, S("kind"), r->kind);
    check_place(w, r->kind, address);
    ptrdiff_t dot = str_rfind_byte(address, '.');
    struct str name = str_slice(address, (size_t)(dot + 1), address.len);
    json_out_member(w->o, S("name"), name);
    if (str_eq(r->kind, S("resource"))) {
        struct str rest = str_slice(address, 0, dot < 0 ? 0 : (size_t)dot);
        ptrdiff_t type = str_rfind_byte(rest, '.');
        bool data = str_starts(address, S("data.")) || str_find(address, S(".data.")) >= 0;
        json_out_member(w->o, S("mode"), data ? S("data") : S("managed"));
        json_out_member(w->o, S("type"), str_slice(rest, (size_t)(type + 1), rest.len));
    }
    json_out_close(w->o, '}');
}

void checks_json_write(struct json_out *o, struct arena *arena, const struct check_result *checks,
                       size_t n) {
    struct writer w = {o, arena, checks, n};
    if (!n)
        return;
    json_out_key(o, S("checks"));
    json_out_open(o, '[');
    for (size_t i = 0; i < n;) {
        json_out_item(o);
        json_out_open(o, '{');
        check_address(&w, &checks[i]);
        i = check_object(&w, i);
        json_out_close(o, '}');
    }
    json_out_close(o, ']');
}

/* ---- as the state has them ---- */

static enum check_status status_of(struct str name) {
    for (unsigned i = CHECK_PASS; i < CHECK_UNKNOWN; i++)
        if (str_eq(status_name((enum check_status)i), name))
            return (enum check_status)i;
    return CHECK_UNKNOWN;
}

static struct check_result one_result(struct arena *arena, struct str kind, struct str address,
                                      const struct json *object) {
    const struct json *messages = json_get(object, S("failure_messages"));
    struct check_result result = {
        .kind = str_eq(kind, S("output")) ? S("output_value") : kind,
        .address = address,
        .instance = json_get_str(object, S("object_addr")),
        .status = status_of(json_get_str(object, S("status"))),
    };
    if (!messages || messages->kind != JSON_ARRAY)
        return result;
    result.n_problems = messages->n;
    result.problems = arena_array(arena, messages->n, sizeof *result.problems);
    for (size_t i = 0; i < messages->n; i++)
        result.problems[i] = messages->items[i].text;
    return result;
}

static int by_address(const void *a, const void *b) {
    const struct check_result *x = a, *y = b;
    int order = str_cmp(x->address, y->address);
    return order ? order : str_cmp(x->instance, y->instance);
}

struct check_result *checks_json_read(struct arena *arena, struct str text, size_t *ret_n) {
    struct json_error error;
    const struct json *all = text.len ? json_parse(arena, text, &error) : NULL;
    struct check_result *results = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; all && all->kind == JSON_ARRAY && i < all->n; i++) {
        const struct json *group = &all->items[i], *objects = json_get(group, S("objects"));
        bool listed = objects && objects->kind == JSON_ARRAY && objects->n > 0;
        /* What was not expanded has the status of the whole, and no instances. */
        for (size_t k = 0; k < (listed ? objects->n : 1); k++) {
            results = arena_grow(arena, results, n, &cap, sizeof *results);
            results[n++] = one_result(arena, json_get_str(group, S("object_kind")),
                                      json_get_str(group, S("config_addr")),
                                      listed ? &objects->items[k] : group);
        }
    }
    if (n > 1)
        qsort(results, n, sizeof *results, by_address);
    *ret_n = n;
    return results;
}
