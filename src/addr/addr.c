/* SPDX-License-Identifier: Apache-2.0 */
#include "addr/addr.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

struct key addr_key_int(int64_t number) {
    return (struct key){.kind = KEY_INT, .number = number};
}

struct key addr_key_string(struct str text) {
    return (struct key){.kind = KEY_STRING, .text = text};
}

struct key addr_key_of(struct value v) {
    int64_t number = 0;
    if (v.kind == VALUE_STRING)
        return addr_key_string(value_str(v));
    if (value_is_number(v) && value_to_int(v, &number))
        return addr_key_int(number);
    return (struct key){.kind = KEY_ANY};
}

/* As Go's %q with HCL's escapes: "${" and "%{" are doubled, control characters escaped. */
static void write_quoted(struct buf *out, struct str text) {
    buf_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        switch (c) {
        case '\n':
            buf_add(out, S("\\n"));
            break;
        case '\r':
            buf_add(out, S("\\r"));
            break;
        case '\t':
            buf_add(out, S("\\t"));
            break;
        case '"':
            buf_add(out, S("\\\""));
            break;
        case '\\':
            buf_add(out, S("\\\\"));
            break;
        case '$':
        case '%':
            buf_byte(out, c);
            if (i + 1 < text.len && text.at[i + 1] == '{')
                buf_byte(out, c);
            break;
        default:
            if ((unsigned char)c < 0x20 || c == 0x7f)
                buf_addf(out, "\\u%04x", (unsigned)(unsigned char)c);
            else
                buf_byte(out, c);
        }
    }
    buf_byte(out, '"');
}

static void write_key(struct buf *out, struct key key) {
    switch (key.kind) {
    case KEY_NONE:
        return;
    case KEY_INT:
        buf_addf(out, "[%" PRId64 "]", key.number);
        return;
    case KEY_ANY:
        buf_add(out, S("[*]"));
        return;
    case KEY_STRING:
        buf_byte(out, '[');
        write_quoted(out, key.text);
        buf_byte(out, ']');
        return;
    }
}

static void write_module(struct buf *out, struct module_path module) {
    for (size_t i = 0; i < module.n; i++) {
        if (i > 0)
            buf_byte(out, '.');
        buf_add(out, S("module."));
        buf_add(out, module.at[i].name);
        write_key(out, module.at[i].key);
    }
}

static void write_resource(struct buf *out, struct resource_addr resource) {
    switch (resource.mode) {
    case MODE_MANAGED:
        break;
    case MODE_DATA:
        buf_add(out, S("data."));
        break;
    case MODE_EPHEMERAL:
        buf_add(out, S("ephemeral."));
        break;
    case MODE_LIST:
        buf_add(out, S("list."));
        break;
    }
    buf_add(out, resource.type);
    buf_byte(out, '.');
    buf_add(out, resource.name);
}

void addr_instance_write(struct buf *out, const struct instance_addr *instance) {
    write_module(out, instance->module);
    if (instance->module.n > 0)
        buf_byte(out, '.');
    write_resource(out, instance->resource);
    write_key(out, instance->key);
}

struct str addr_key_text(struct arena *arena, struct key key) {
    struct buf b;
    buf_init(&b, BUF_MAX_TEXT);
    write_key(&b, key);
    return buf_take(&b, arena);
}

struct str addr_module_text(struct arena *arena, struct module_path module) {
    struct buf b;
    buf_init(&b, BUF_MAX_TEXT);
    write_module(&b, module);
    return buf_take(&b, arena);
}

struct str addr_resource_text(struct arena *arena, struct resource_addr resource) {
    struct buf b;
    buf_init(&b, BUF_MAX_TEXT);
    write_resource(&b, resource);
    return buf_take(&b, arena);
}

struct str addr_instance_text(struct arena *arena, const struct instance_addr *instance) {
    struct buf b;
    buf_init(&b, BUF_MAX_TEXT);
    addr_instance_write(&b, instance);
    return buf_take(&b, arena);
}

struct str addr_target_text(struct arena *arena, const struct target *target) {
    if (target->kind == TARGET_MODULE)
        return addr_module_text(arena, target->addr.module);
    return addr_instance_text(arena, &target->addr);
}

int addr_key_order(struct key a, struct key b) {
    if (a.kind != b.kind)
        return a.kind < b.kind ? -1 : 1;
    switch (a.kind) {
    case KEY_INT:
        return a.number < b.number ? -1 : a.number > b.number;
    case KEY_STRING:
        return str_cmp(a.text, b.text);
    case KEY_NONE:
    case KEY_ANY:
        break;
    }
    return 0;
}

bool addr_key_eq(struct key a, struct key b) {
    return addr_key_order(a, b) == 0;
}

int addr_module_order(struct module_path a, struct module_path b) {
    if (a.n != b.n)
        return a.n < b.n ? -1 : 1;
    if (a.at == b.at)
        return 0;
    for (size_t i = 0; i < a.n; i++) {
        int order = str_cmp(a.at[i].name, b.at[i].name);
        if (order == 0)
            order = addr_key_order(a.at[i].key, b.at[i].key);
        if (order != 0)
            return order;
    }
    return 0;
}

bool addr_module_eq(struct module_path a, struct module_path b) {
    return addr_module_order(a, b) == 0;
}

static int mode_rank(enum resource_mode mode) {
    switch (mode) {
    case MODE_DATA:
        return 0;
    case MODE_EPHEMERAL:
        return 1;
    case MODE_LIST:
        return 2;
    case MODE_MANAGED:
        break;
    }
    return 3;
}

int addr_resource_order(struct resource_addr a, struct resource_addr b) {
    int order = mode_rank(a.mode) - mode_rank(b.mode);
    if (order == 0)
        order = str_cmp(a.type, b.type);
    return order != 0 ? order : str_cmp(a.name, b.name);
}

bool addr_resource_eq(struct resource_addr a, struct resource_addr b) {
    return a.mode == b.mode && str_eq(a.type, b.type) && str_eq(a.name, b.name);
}

int addr_instance_order(const struct instance_addr *a, const struct instance_addr *b) {
    int order = addr_module_order(a->module, b->module);
    if (order == 0)
        order = addr_resource_order(a->resource, b->resource);
    return order != 0 ? order : addr_key_order(a->key, b->key);
}

bool addr_instance_eq(const struct instance_addr *a, const struct instance_addr *b) {
    return addr_key_eq(a->key, b->key) && addr_resource_eq(a->resource, b->resource) &&
           addr_module_eq(a->module, b->module);
}

static bool key_covers(struct key pattern, struct key key) {
    return pattern.kind == KEY_ANY || addr_key_eq(pattern, key);
}

/*
 * A module step without a key covers every instance of that module when it is the last one of a
 * module target, as `-target=module.m` does.
 */
static bool module_covers(struct module_path pattern, struct module_path module,
                          bool last_is_open) {
    if (pattern.n > module.n)
        return false;
    for (size_t i = 0; i < pattern.n; i++) {
        struct key key = pattern.at[i].key;
        if (!str_eq(pattern.at[i].name, module.at[i].name))
            return false;
        bool open = key.kind == KEY_NONE && last_is_open && i + 1 == pattern.n;
        if (!open && !key_covers(key, module.at[i].key))
            return false;
    }
    return true;
}

bool addr_target_contains(const struct target *target, const struct instance_addr *instance) {
    if (target->kind == TARGET_MODULE)
        return module_covers(target->addr.module, instance->module, true);
    if (target->addr.module.n != instance->module.n ||
        !module_covers(target->addr.module, instance->module, false) ||
        !addr_resource_eq(target->addr.resource, instance->resource))
        return false;
    return target->kind == TARGET_RESOURCE || key_covers(target->addr.key, instance->key);
}

struct module_path addr_module_child(struct arena *arena, struct module_path parent,
                                     struct str name, struct key key) {
    struct module_step *steps = arena_array(arena, parent.n + 1, sizeof *steps);
    if (parent.n > 0)
        memcpy(steps, parent.at, parent.n * sizeof *steps);
    steps[parent.n] = (struct module_step){.name = name, .key = key};
    return (struct module_path){.at = steps, .n = parent.n + 1};
}

struct module_path addr_module_parent(struct module_path module) {
    if (module.n > 0)
        module.n--;
    return module;
}

static struct key key_copy(struct arena *arena, struct key key) {
    if (key.kind == KEY_STRING)
        key.text = str_dup(arena, key.text);
    return key;
}

struct instance_addr addr_instance_copy(struct arena *arena, const struct instance_addr *instance) {
    struct instance_addr copy = *instance;
    struct module_step *steps = arena_array(arena, copy.module.n, sizeof *steps);
    for (size_t i = 0; i < copy.module.n; i++) {
        steps[i].name = str_dup(arena, instance->module.at[i].name);
        steps[i].key = key_copy(arena, instance->module.at[i].key);
    }
    copy.module.at = steps;
    copy.resource.type = str_dup(arena, copy.resource.type);
    copy.resource.name = str_dup(arena, copy.resource.name);
    copy.key = key_copy(arena, copy.key);
    return copy;
}
