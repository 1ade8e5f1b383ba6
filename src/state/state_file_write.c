/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "state/state_file.h"
#include "value/as_json.h"

/* JSON as Go's encoder lays it out: two blanks per level, or nothing at all when compact. */
struct writer {
    struct buf *out;
    struct arena *scratch; /* reset after each object */
    int depth;
    bool compact;
    bool first;
};

static void newline(struct writer *w) {
    static const char blanks[] =
        "\n                                                                ";
    size_t n = (size_t)w->depth * 2 + 1;
    if (w->compact)
        return;
    if (n < sizeof blanks) {
        buf_add(w->out, (struct str){blanks, n});
    } else {
        buf_byte(w->out, '\n');
        buf_fill(w->out, ' ', n - 1);
    }
}

static void element(struct writer *w) {
    if (!w->first)
        buf_byte(w->out, ',');
    w->first = false;
    newline(w);
}

static void begin(struct writer *w, char bracket) {
    buf_byte(w->out, bracket);
    w->depth++;
    w->first = true;
}

static void end(struct writer *w, char bracket) {
    w->depth--;
    if (!w->first)
        newline(w);
    buf_byte(w->out, bracket);
    w->first = false;
}

static void member(struct writer *w, struct str name) {
    element(w);
    json_write_string(w->out, name, true);
    buf_add_c(w->out, w->compact ? ":" : ": ");
}

static void member_text(struct writer *w, struct str name, struct str text) {
    member(w, name);
    json_write_string(w->out, text, true);
}

static void member_int(struct writer *w, struct str name, int64_t number) {
    member(w, name);
    buf_addf(w->out, "%" PRId64, number);
}

/* Bytes that end a run which is copied as it is: inside strings, and between them. */
enum { STOPS_TEXT = 1, STOPS_SCALAR = 2 };
static const uint8_t stops[256] = {
    ['"'] = STOPS_TEXT | STOPS_SCALAR,
    ['\\'] = STOPS_TEXT,
    ['<'] = STOPS_TEXT,
    ['>'] = STOPS_TEXT,
    ['&'] = STOPS_TEXT,
    [0xe2] = STOPS_TEXT,
    [' '] = STOPS_SCALAR,
    ['\n'] = STOPS_SCALAR,
    ['\t'] = STOPS_SCALAR,
    ['\r'] = STOPS_SCALAR,
    [','] = STOPS_SCALAR,
    [':'] = STOPS_SCALAR,
    ['{'] = STOPS_SCALAR,
    ['}'] = STOPS_SCALAR,
    ['['] = STOPS_SCALAR,
    [']'] = STOPS_SCALAR,
};

static size_t run_end(struct str raw, size_t at, uint8_t stop) {
    while (at < raw.len && !(stops[(unsigned char)raw.at[at]] & stop))
        at++;
    return at;
}

/* What Go escapes in strings besides: < > & and the two line separators; bytes taken, or 0. */
static size_t escape(struct buf *out, struct str raw, size_t at) {
    unsigned char c = (unsigned char)raw.at[at];
    if (c == '<' || c == '>' || c == '&') {
        buf_addf(out, "\\u%04x", c);
        return 1;
    }
    bool separator = c == 0xe2 && at + 2 < raw.len && (unsigned char)raw.at[at + 1] == 0x80 &&
                     ((unsigned char)raw.at[at + 2] & 0xfe) == 0xa8;
    if (separator) {
        buf_addf(out, "\\u20%02x", (unsigned char)raw.at[at + 2] == 0xa8 ? 0x28 : 0x29);
        return 3;
    }
    return 0;
}

/* A string of raw JSON from its quote on; returns where it ends. */
static size_t copy_string(struct buf *out, struct str raw, size_t at) {
    size_t start = at;
    for (at = run_end(raw, at + 1, STOPS_TEXT); at < raw.len && raw.at[at] != '"';
         at = run_end(raw, at, STOPS_TEXT)) {
        if (raw.at[at] == '\\') {
            at += 2;
            continue;
        }
        buf_add(out, str_slice(raw, start, at));
        size_t taken = escape(out, raw, at);
        start = at + taken;
        at = taken > 0 ? start : at + 1;
    }
    at = at < raw.len ? at + 1 : raw.len;
    buf_add(out, str_slice(raw, start, at));
    return at;
}

/* Any JSON text at the current depth. */
static void write_raw(struct writer *w, struct str raw) {
    int depth = w->depth;
    bool opened = false;
    for (size_t i = 0; i < raw.len;) {
        char c = raw.at[i];
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
            i++;
            continue;
        }
        bool closes = c == '}' || c == ']';
        if (closes)
            w->depth--;
        if (opened != closes)
            newline(w); /* first element, or the bracket behind the last one */
        opened = false;
        if (c == '"') {
            i = copy_string(w->out, raw, i);
            continue;
        }
        if (!(stops[(unsigned char)c] & STOPS_SCALAR)) {
            size_t end = run_end(raw, i, STOPS_SCALAR);
            buf_add(w->out, str_slice(raw, i, end));
            i = end;
            continue;
        }
        buf_byte(w->out, c);
        i++;
        if (c == '{' || c == '[') {
            w->depth++;
            opened = true;
        } else if (c == ',') {
            newline(w);
        } else if (c == ':' && !w->compact) {
            buf_byte(w->out, ' ');
        }
    }
    w->depth = depth;
}

static void member_raw(struct writer *w, struct str name, struct str raw) {
    member(w, name);
    write_raw(w, raw);
}

/* Members kept as text: `"a": 1, "b": 2`. */
static void write_extra(struct writer *w, struct str extra) {
    if (extra.len > 0) {
        element(w);
        write_raw(w, extra);
    }
}

static void write_sensitive(struct writer *w, const struct paths *paths) {
    member(w, S("sensitive_attributes"));
    begin(w, '[');
    for (size_t i = 0; i < paths->n; i++) {
        struct buf path;
        buf_init(&path, BUF_MAX_TEXT);
        path_write_json(&path, paths->at[i]);
        element(w);
        write_raw(w, buf_str(&path));
        buf_clear(&path);
    }
    end(w, ']');
}

static void write_dependencies(struct writer *w, const struct state_object *object) {
    bool sorted = true;
    struct str *names = object->dependencies;
    for (size_t i = 1; i < object->n_dependencies; i++)
        sorted = sorted && str_cmp(names[i - 1], names[i]) <= 0;
    if (!sorted) {
        names = arena_copy(w->scratch, names, object->n_dependencies * sizeof *names);
        qsort(names, object->n_dependencies, sizeof *names, str_cmp_qsort);
    }
    member(w, S("dependencies"));
    begin(w, '[');
    for (size_t i = 0; i < object->n_dependencies; i++) {
        element(w);
        json_write_string(w->out, names[i], true);
    }
    end(w, ']');
}

/* `provider` only when it is the instance's own. */
static void write_object(struct writer *w, struct key key, struct str deposed,
                         const struct provider_config_addr *provider,
                         const struct state_object *object) {
    element(w);
    begin(w, '{');
    if (key.kind == KEY_INT)
        member_int(w, S("index_key"), key.number);
    else if (key.kind == KEY_STRING)
        member_text(w, S("index_key"), key.text);
    if (object->tainted)
        member_text(w, S("status"), S("tainted"));
    if (deposed.len > 0)
        member_text(w, S("deposed"), deposed);
    if (provider != NULL)
        member_text(w, S("provider"), addr_provider_config_text(w->scratch, provider));
    member_int(w, S("schema_version"), object->schema_version);
    member_raw(w, S("attributes"), object->attributes.len > 0 ? object->attributes : S("{}"));
    write_sensitive(w, &object->sensitive);
    if (object->identity.len > 0) {
        member_int(w, S("identity_schema_version"), object->identity_schema_version);
        member_raw(w, S("identity"), object->identity);
    }
    if (object->private_.len > 0)
        member_text(w, S("private"), digest_to_base64(w->scratch, object->private_));
    if (object->n_dependencies > 0)
        write_dependencies(w, object);
    if (object->create_before_destroy) {
        member(w, S("create_before_destroy"));
        buf_add_c(w->out, "true");
    }
    write_extra(w, object->extra);
    end(w, '}');
    arena_reset(w->scratch);
}

static int deposed_order(const void *a, const void *b) {
    return str_cmp(((const struct state_deposed *)a)->key, ((const struct state_deposed *)b)->key);
}

static void write_instance(struct writer *w, const struct state_instance *instance,
                           const struct provider_config_addr *provider) {
    if (instance->current != NULL)
        write_object(w, instance->key, S(""), provider, instance->current);
    if (instance->n_deposed == 0)
        return;
    struct state_deposed *deposed = xmalloc(instance->n_deposed * sizeof *deposed);
    memcpy(deposed, instance->deposed, instance->n_deposed * sizeof *deposed);
    qsort(deposed, instance->n_deposed, sizeof *deposed, deposed_order);
    for (size_t i = 0; i < instance->n_deposed; i++)
        write_object(w, instance->key, deposed[i].key, provider, &deposed[i].object);
    free(deposed);
}

/* `provider` is NULL where every instance names its own. */
static void begin_resource(struct writer *w, struct module_path module, struct resource_addr addr,
                           const struct provider_config_addr *provider) {
    element(w);
    begin(w, '{');
    if (module.n > 0)
        member_text(w, S("module"), addr_module_text(w->scratch, module));
    member_text(w, S("mode"), addr.mode == MODE_DATA ? S("data") : S("managed"));
    member_text(w, S("type"), addr.type);
    member_text(w, S("name"), addr.name);
    if (provider != NULL)
        member_text(w, S("provider"), addr_provider_config_text(w->scratch, provider));
    member(w, S("instances"));
    begin(w, '[');
}

static int instance_order(const void *a, const void *b) {
    return addr_key_order((*(struct state_instance *const *)a)->key,
                          (*(struct state_instance *const *)b)->key);
}

static bool instances_sorted(const struct state_resource *resource) {
    for (size_t i = 1; i < resource->n_instances; i++)
        if (addr_key_order(resource->instances[i - 1]->key, resource->instances[i]->key) > 0)
            return false;
    return true;
}

static bool has_provider_keys(const struct state_resource *resource) {
    for (size_t i = 0; i < resource->n_instances; i++)
        if (resource->instances[i]->provider_key.kind != KEY_NONE)
            return true;
    return false;
}

static void write_resource(struct writer *w, const struct state_resource *resource) {
    struct state_instance **instances = resource->instances;
    bool sorted = instances_sorted(resource);
    if (!sorted) {
        size_t size = resource->n_instances * sizeof *instances;
        instances = xmalloc(size);
        memcpy(instances, resource->instances, size);
        qsort(instances, resource->n_instances, sizeof *instances, instance_order);
    }
    bool keyed = has_provider_keys(resource);
    begin_resource(w, resource->module, resource->addr, keyed ? NULL : &resource->provider);
    for (size_t i = 0; i < resource->n_instances; i++) {
        struct provider_config_addr provider = state_provider(resource, instances[i]);
        write_instance(w, instances[i], keyed ? &provider : NULL);
    }
    end(w, ']');
    write_extra(w, resource->extra);
    end(w, '}');
    arena_reset(w->scratch);
    if (!sorted)
        free(instances);
}

/* Order of resources in the file: by the text of the module, then mode, type, name as texts. */
struct sortable {
    struct str module;
    const struct state_resource *resource;
};

static int sortable_order(const void *a, const void *b) {
    const struct sortable *x = a;
    const struct sortable *y = b;
    int order = str_cmp(x->module, y->module);
    if (order == 0) {
        order = (x->resource->addr.mode == MODE_DATA ? 0 : 1) -
                (y->resource->addr.mode == MODE_DATA ? 0 : 1);
    }
    if (order == 0)
        order = str_cmp(x->resource->addr.type, y->resource->addr.type);
    return order != 0 ? order : str_cmp(x->resource->addr.name, y->resource->addr.name);
}

static void write_resources(struct writer *w, const struct state *state) {
    struct arena *texts = arena_new();
    struct sortable *list = arena_array(texts, state->resources.n, sizeof *list);
    size_t n = 0;
    for (size_t i = 0; i < state->resources.n; i++) {
        const struct state_resource *resource = state->resources.entries[i].value;
        if ((resource->n_instances > 0 || resource->husk) &&
            resource->addr.mode != MODE_EPHEMERAL) {
            list[n++] = (struct sortable){.module = addr_module_text(texts, resource->module),
                                          .resource = resource};
        }
    }
    if (n > 1)
        qsort(list, n, sizeof *list, sortable_order);
    member(w, S("resources"));
    begin(w, '[');
    for (size_t i = 0; i < n; i++)
        write_resource(w, list[i].resource);
    end(w, ']');
    arena_free(texts);
}

static void write_output(struct writer *w, const struct state_output *output) {
    const struct type *type = output->type != NULL ? output->type : value_type(output->value);
    struct buf text;
    buf_init(&text, BUF_MAX_DOCUMENT);
    member(w, output->name);
    begin(w, '{');
    as_json_write(&text, output->value, type, true);
    member_raw(w, S("value"), buf_str(&text));
    buf_reset(&text);
    type_write_json(&text, type);
    member_raw(w, S("type"), buf_str(&text));
    buf_clear(&text);
    if (output->sensitive) {
        member(w, S("sensitive"));
        buf_add_c(w->out, "true");
    }
    end(w, '}');
}

static void write_outputs(struct writer *w, const struct state *state) {
    struct map_entry *outputs = map_sorted(w->scratch, &state->outputs);
    member(w, S("outputs"));
    begin(w, '{');
    for (size_t i = 0; i < state->outputs.n; i++)
        write_output(w, outputs[i].value);
    end(w, '}');
    arena_reset(w->scratch);
}

void state_file_write(struct buf *out, const struct state *state) {
    struct writer w = {.out = out, .scratch = arena_new()};
    begin(&w, '{');
    member_int(&w, S("version"), 4);
    member_text(&w, S("terraform_version"), state->terraform_version);
    member_int(&w, S("serial"), state->serial);
    member_text(&w, S("lineage"), state->lineage);
    write_outputs(&w, state);
    write_resources(&w, state);
    member_raw(&w, S("check_results"),
               state->check_results.len > 0 ? state->check_results : S("null"));
    write_extra(&w, state->extra);
    end(&w, '}');
    buf_byte(out, '\n');
    arena_free(w.scratch);
}

void state_file_write_object(struct buf *out, const struct instance_addr *addr,
                             const struct provider_config_addr *provider, struct str deposed,
                             const struct state_object *object) {
    struct writer w = {.out = out, .scratch = arena_new(), .compact = true, .first = true};
    bool keyed = provider->key.kind != KEY_NONE;
    begin_resource(&w, addr->module, addr->resource, keyed ? NULL : provider);
    write_object(&w, addr->key, deposed, keyed ? provider : NULL, object);
    end(&w, ']');
    end(&w, '}');
    arena_free(w.scratch);
}
