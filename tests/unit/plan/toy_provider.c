/* SPDX-License-Identifier: Apache-2.0 */
#include "toy_provider.h"

#include "base/arena.h"
#include "base/fs.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct schema_attr thing_attrs[7];
static struct schema_block thing_block = {.attrs = thing_attrs, .n_attrs = 7};
static struct schema thing = {.name = STR("toy_thing"), .block = &thing_block};
static struct schema_attr data_attrs[2];
static struct schema_block data_block = {.attrs = data_attrs, .n_attrs = 2};
static struct schema data = {.name = STR("toy_data"), .block = &data_block};
static struct schema_attr secret_attrs[2];
static struct schema_block secret_block = {.attrs = secret_attrs, .n_attrs = 2};
static struct schema secret = {.name = STR("toy_secret"), .block = &secret_block};
static struct schema_attr config_attrs[1];
static struct schema_block config_block = {.attrs = config_attrs, .n_attrs = 1};
static struct schema config_schema = {.block = &config_block};
static struct provider_schema all;
static atomic_int n_reads;
static pthread_mutex_t notes_lock = PTHREAD_MUTEX_INITIALIZER;
static char notes[1024];

static void note(const char *what, struct value name) {
    if (!value_is_known(name) || value_is_null(name))
        return;
    pthread_mutex_lock(&notes_lock);
    size_t at = strlen(notes);
    snprintf(notes + at, sizeof notes - at, "%s%s %.*s", at ? ", " : "", what,
             STR_ARG(value_str(name)));
    pthread_mutex_unlock(&notes_lock);
}

const char *toy_notes(void) {
    return notes;
}

void toy_forget_notes(void) {
    notes[0] = '\0';
}

static struct schema_attr attr(const char *name, const struct type *type) {
    return (struct schema_attr){.name = str_from(name), .type = type, .optional = true};
}

static void fill_schemas(struct arena *arena) {
    thing_attrs[0] = attr("id", type_string);
    thing_attrs[1] = attr("name", type_string);
    thing_attrs[2] = attr("one", type_string);
    thing_attrs[3] = attr("out", type_string);
    thing_attrs[4] = attr("secret", type_string);
    thing_attrs[5] = attr("size", type_number);
    thing_attrs[6] = attr("tag", type_string);
    thing_attrs[0].optional = thing_attrs[3].optional = false;
    thing_attrs[0].computed = thing_attrs[3].computed = true;
    thing_attrs[2].write_only = true;
    thing_attrs[4].sensitive = true;
    data_attrs[0] = attr("in", type_string);
    data_attrs[1] = attr("out", type_string);
    data_attrs[1].optional = false;
    data_attrs[1].computed = true;
    secret_attrs[0] = data_attrs[0];
    secret_attrs[1] = data_attrs[1];
    config_attrs[0] = attr("region", type_string);
    all.config = &config_schema;
    all.resources = all.data_sources = all.ephemerals = (struct map){.n = 0};
    map_put(arena, &all.resources, thing.name, &thing);
    map_put(arena, &all.data_sources, data.name, &data);
    map_put(arena, &all.ephemerals, secret.name, &secret);
}

static const struct provider_schema *get_schema(struct provider *p, struct diags *diags) {
    (void)p;
    (void)diags;
    return &all;
}

/* object with one attribute replaced. */
static struct value with(struct arena *arena, struct value object, struct str name,
                         struct value v) {
    const struct type *type = value_type(object);
    struct value values[8];
    for (uint32_t i = 0; i < type->n; i++)
        values[i] = str_eq(intern_str(type->names[i]), name) ? v : value_at(object, i);
    return value_object_of(arena, type, values);
}

static bool id_starts(struct value object, struct str prefix) {
    struct value id = value_attr(object, S("id"));
    return id.kind == VALUE_STRING && str_starts(value_str(id), prefix);
}

static bool read_thing(struct provider *p, struct arena *arena,
                       const struct provider_read_request *req, struct provider_read_response *ret,
                       struct diags *diags) {
    struct value state = req->state;
    (void)p;
    (void)diags;
    atomic_fetch_add(&n_reads, 1);
    ret->private_ = req->private_;
    ret->state = state;
    if (id_starts(state, S("gone")))
        ret->state = value_null(value_type(state));
    else if (id_starts(state, S("drift")))
        ret->state = with(arena, state, S("name"), value_string_view(S("drifted")));
    return true;
}

static bool plan_thing(struct provider *p, struct arena *arena,
                       const struct provider_plan_request *request,
                       struct provider_plan_response *ret, struct diags *diags) {
    (void)p;
    (void)diags;
    if (!value_is_null(request->config))
        note("plan", value_attr(request->config, S("name")));
    ret->planned = request->proposed;
    ret->private_ = request->private_;
    if (value_is_null(request->proposed))
        return true;
    if (value_is_null(request->prior)) {
        ret->planned = with(arena, ret->planned, S("id"), value_unknown(type_string));
        ret->planned = with(arena, ret->planned, S("out"), value_unknown(type_string));
        return true;
    }
    struct path tag = path_attr(arena, (struct path){0}, S("tag"));
    paths_add(arena, &ret->replace, tag);
    if (!value_same(value_attr(request->prior, S("name")),
                    value_attr(request->proposed, S("name"))))
        ret->planned = with(arena, ret->planned, S("out"), value_unknown(type_string));
    return true;
}

static bool read_data(struct provider *p, struct arena *arena, struct str type, struct value config,
                      struct value *ret_state, struct diags *diags) {
    (void)p;
    (void)type;
    struct value in = value_attr(config, S("in"));
    if (in.kind == VALUE_STRING && str_eq(value_str(in), S("bad"))) {
        diags_error(diags, (struct span){0}, "No such thing", NULL);
        return false;
    }
    atomic_fetch_add(&n_reads, 1);
    *ret_state = with(arena, config, S("out"), in);
    return true;
}

static bool import_thing(struct provider *p, struct arena *arena, struct str type, struct str id,
                         struct value identity, struct provider_imported *ret,
                         struct diags *diags) {
    (void)p;
    (void)identity;
    (void)diags;
    ret->type = type;
    ret->state = schema_empty(arena, &thing_block);
    if (str_eq(id, S("missing")))
        ret->state = value_null(value_type(ret->state));
    else
        ret->state = with(arena, ret->state, S("id"), value_string(arena, id));
    return true;
}

static bool configure(struct provider *p, struct arena *arena, struct value config,
                      struct diags *diags) {
    (void)p, (void)arena, (void)diags;
    note("configure", value_at(config, 0));
    return true;
}

/* `out` is `in` with an exclamation mark, which is also what is private. */
static bool open_secret(struct provider *p, struct arena *arena, struct str type,
                        struct value config, struct value *ret_result, struct str *ret_private,
                        int64_t *ret_renew_at_ms, struct diags *diags) {
    (void)p, (void)type;
    struct value in = value_at(config, 0);
    note("open", in);
    if (str_eq(value_str(in), S("bad"))) {
        diags_error(diags, (struct span){0}, "No such secret", NULL);
        return false;
    }
    *ret_private = str_cat(arena, value_str(in), S("!"));
    *ret_result = with(arena, config, S("out"), value_string(arena, *ret_private));
    *ret_renew_at_ms = 0;
    return true;
}

static bool close_secret(struct provider *p, struct arena *arena, struct str type,
                         struct str private_, struct diags *diags) {
    (void)p, (void)type;
    note("close", value_string(arena, private_));
    if (!str_eq(private_, S("stuck!")))
        return true;
    diags_error(diags, (struct span){0}, "Will not close", NULL);
    return false;
}

static const struct provider_ops ops = {
    .configure = configure,
    .open_ephemeral = open_secret,
    .close_ephemeral = close_secret,
    .schema = get_schema,
    .read = read_thing,
    .plan = plan_thing,
    .import = import_thing,
    .read_data = read_data,
};

static struct provider *open_toy(struct arena *arena, void *context, struct diags *diags) {
    (void)context;
    (void)diags;
    fill_schemas(arena);
    struct provider *p = arena_alloc(arena, sizeof *p);
    p->ops = &ops;
    p->name = str_from("toy");
    return p;
}

static const struct provider_factory factory = {
    .source = STR("registry.terraform.io/hashicorp/toy"),
    .open = open_toy,
};
const struct provider_factories toy_factories = {&factory, 1};

int toy_reads(void) {
    return atomic_load(&n_reads);
}

struct config *toy_config(struct arena *arena, const char *const *files, struct diags *diags) {
    char dir[] = "/tmp/loam-test-XXXXXX";
    if (!mkdtemp(dir))
        return NULL;
    for (size_t i = 0; files[i]; i += 2) {
        struct str path = fs_join(arena, str_from(dir), str_from(files[i]));
        fs_mkdirs(fs_dirname(path), 0700);
        fs_write(path, str_from(files[i + 1]), 0600);
    }
    struct sources *sources = sources_new(arena);
    struct config *config =
        config_load(arena, sources, str_dup(arena, str_from(dir)), S(""), true, diags);
    for (size_t i = 0; files[i]; i += 2) {
        struct str path = fs_join(arena, str_from(dir), str_from(files[i]));
        fs_remove(path);
        if (str_find_byte(str_from(files[i]), '/') > 0)
            rmdir(str_c(arena, fs_dirname(path)));
    }
    rmdir(dir);
    return config;
}
