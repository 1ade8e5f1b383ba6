/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/frame.h"

#include "base/fs.h"
#include "config/decode.h"
#include "resolve/ref_check.h"
#include "resolve/expansion.h"

static bool frame_get(const struct scope *scope, struct arena *arena, const struct ref *ref,
                      const struct value *key, struct value *ret_value, bool *ret_used_key,
                      struct diags *diags);
static bool frame_call(const struct scope *scope, struct arena *arena, struct str provider,
                       struct str function, const struct value *args, size_t n, struct span span,
                       struct value *ret_value, struct diags *diags);

static const struct provider_function *frame_signature(const struct scope *scope,
                                                       struct arena *arena, struct str provider,
                                                       struct str function, struct span span,
                                                       struct diags *diags);

static const struct scope_ops frame_ops = {
    .get = frame_get, .signature = frame_signature, .call = frame_call};

void frame_init(struct frame *frame, struct resolve *r, struct module_inst *inst,
                const struct expansion *expansion, const struct resolve_instance *instance) {
    *frame = (struct frame){
        .scope =
            {
                .ops = &frame_ops,
                .context = frame,
                .sources = r->units->config->sources,
                .base_dir = S("."),
                .pure = r->options.phase == RESOLVE_VALIDATE || r->options.phase == RESOLVE_PLAN,
                .console = r->options.phase == RESOLVE_CONSOLE,
                .plan_time = r->plan_time,
            },
        .r = r,
        .inst = inst,
    };
    if (expansion && instance) {
        frame->kind = expansion->kind;
        frame->key = instance->key;
        frame->each_value = instance->each_value;
    }
}

bool frame_at(struct frame *frame, struct resolve *r, const struct instance_addr *addr,
              struct diags *diags) {
    struct module_inst *inst = resolve_module(r, addr->module, diags);
    const struct unit *unit = inst ? unit_resource(inst->unit, addr->resource) : NULL;
    struct expansion *e = unit ? expansion_of(r, inst, unit, diags) : NULL;
    struct resolve_instance *instance = e ? expansion_find(e, addr->key) : NULL;
    if (!instance)
        return false;
    frame_init(frame, r, inst, e, instance);
    frame->unit = unit;
    return true;
}

void frame_destroy(struct frame *frame, struct resolve *r, struct key key, struct value self) {
    frame_init(frame, r, r->root, NULL, NULL);
    frame->key = key;
    frame->kind = key.kind == KEY_INT      ? REPEAT_COUNT
                  : key.kind == KEY_STRING ? REPEAT_EACH
                                           : REPEAT_NONE;
    frame->each_value = value_unknown(type_dynamic);
    frame->has_self = true;
    frame->self = self;
}

bool frame_config(struct frame *frame, struct arena *arena, const struct unit *unit,
                  struct value *ret_value, struct diags *diags) {
    if (!unit->schema || !unit->resource->config)
        return false;
    frame->unit = unit;
    return decode_block(arena, &frame->scope, unit->resource->config, unit->schema->block,
                        ret_value, diags);
}

/* "Did you mean", among the attributes of path. */
static const char *path_hint(struct arena *arena, struct str name) {
    static const struct str known[] = {STR("cwd"), STR("module"), STR("root")};
    struct str near = str_nearest(name, known, COUNT(known));
    return near.len ? str_format(arena, " Did you mean \"%.*s\"?", STR_ARG(near)).at : "";
}

static bool bad_attribute(const struct ref *ref, const char *object, const char *supported,
                          struct diags *diags) {
    struct str summary = str_format(diags->arena, "Invalid \"%s\" attribute", object);
    struct str detail =
        str_format(diags->arena, "The \"%s\" object does not have an attribute named \"%.*s\".%s",
                   object, STR_ARG(ref->name), supported);
    diags_add(diags, SEVERITY_ERROR, ref->span, summary, detail);
    return false;
}

static bool get_count(const struct frame *f, const struct ref *ref, struct value *ret_value,
                      struct diags *diags) {
    if (!str_eq(ref->name, S("index")))
        return bad_attribute(ref, "count",
                             " The only supported attribute is count.index, which is the index "
                             "of each instance of a resource block that has the \"count\" "
                             "argument set.",
                             diags);
    bool counted = f->kind == REPEAT_COUNT;
    if (f->kind == REPEAT_UNKNOWN)
        counted = f->key.kind != KEY_STRING;
    if (!counted) {
        diags_error(diags, ref->span, "Reference to \"count\" in non-counted context",
                    "The \"count\" object can only be used in \"module\", \"resource\", and "
                    "\"data\" blocks, and only when the \"count\" argument is set.");
        return false;
    }
    *ret_value = f->kind == REPEAT_COUNT ? value_int(f->key.number) : value_unknown(type_number);
    return true;
}

static bool get_each(const struct frame *f, struct arena *arena, const struct ref *ref,
                     struct value *ret_value, struct diags *diags) {
    bool key = str_eq(ref->name, S("key"));
    if (!key && !str_eq(ref->name, S("value")))
        return bad_attribute(ref, "each",
                             " The supported attributes are each.key and each.value, the "
                             "current key and value pair of the \"for_each\" attribute set.",
                             diags);
    if (f->kind == REPEAT_UNKNOWN && f->key.kind != KEY_INT) {
        *ret_value = value_unknown(key ? type_string : type_dynamic);
        return true;
    }
    if (f->kind != REPEAT_EACH && !key) {
        diags_error(diags, ref->span, "each.value cannot be used in this context",
                    "A reference to \"each.value\" has been used in a context in which it is "
                    "unavailable, such as when the configuration no longer contains the value in "
                    "its \"for_each\" expression. Remove this reference to each.value in your "
                    "configuration to work around this error.");
        return false;
    }
    if (f->kind != REPEAT_EACH) {
        diags_error(diags, ref->span, "Reference to \"each\" in context without for_each",
                    "The \"each\" object can be used only in \"module\" or \"resource\" blocks, "
                    "and only when the \"for_each\" argument is set.");
        return false;
    }
    *ret_value = key ? value_string(arena, f->key.text) : f->each_value;
    return true;
}

static bool get_path(const struct frame *f, struct arena *arena, const struct ref *ref,
                     struct value *ret_value, struct diags *diags) {
    struct str text;
    if (str_eq(ref->name, S("module")))
        text = fs_clean(arena, f->inst->unit->config->dir);
    else if (str_eq(ref->name, S("root")))
        text = f->r->options.root_dir.len ? fs_clean(arena, f->r->options.root_dir) : S(".");
    else if (str_eq(ref->name, S("cwd")))
        text = f->r->options.cwd;
    else
        return bad_attribute(ref, "path", path_hint(arena, ref->name), diags);
    *ret_value = value_string(arena, text);
    return true;
}

static bool get_terraform(const struct frame *f, struct arena *arena, const struct ref *ref,
                          struct value *ret_value, struct diags *diags) {
    if (str_eq(ref->name, S("workspace"))) {
        *ret_value = value_string(arena, f->r->options.workspace);
        return true;
    }
    if (str_eq(ref->name, S("applying"))) {
        *ret_value = value_mark(value_bool(f->r->options.phase == RESOLVE_APPLY), VALUE_EPHEMERAL);
        return true;
    }
    const char *root = str_eq(ref->root, S("tofu")) ? "tofu" : "terraform";
    if (str_eq(ref->name, S("env"))) {
        diags_error(diags, ref->span, "Invalid \"terraform\" attribute",
                    "The terraform.env attribute was deprecated in v0.10 and removed in v0.12. "
                    "The \"state environment\" concept was renamed to \"workspace\" in v0.12, "
                    "and so the workspace name can now be accessed using the "
                    "terraform.workspace attribute.");
        return false;
    }
    return bad_attribute(ref, root,
                         " The only supported attributes are terraform.workspace, the name of "
                         "the currently-selected workspace, and terraform.applying, a boolean "
                         "which is true only during apply.",
                         diags);
}

bool frame_check_name(enum repetition kind, const struct ref *ref, struct diags *diags) {
    static const struct str known[] = {STR("module"), STR("root"), STR("cwd"), STR("workspace"),
                                       STR("applying")};
    const struct frame block = {.kind = kind, .each_value = value_unknown(type_dynamic)};
    struct value ignored;
    for (size_t i = 0; i < COUNT(known); i++)
        if (str_eq(ref->name, known[i]))
            return true;
    switch (ref->kind) {
    case REF_COUNT:
        return get_count(&block, ref, &ignored, diags);
    case REF_EACH:
        return get_each(&block, diags->arena, ref, &ignored, diags);
    case REF_PATH:
        return get_path(&block, diags->arena, ref, &ignored, diags);
    case REF_TERRAFORM:
        return get_terraform(&block, diags->arena, ref, &ignored, diags);
    default:
        return true;
    }
}

static bool get_self(const struct frame *f, const struct ref *ref, struct value *ret_value,
                     struct diags *diags) {
    if (!f->has_self) {
        diags_error(diags, ref->span, "Invalid \"self\" reference",
                    "The \"self\" object is not available in this context. This object can be "
                    "used only in resource provisioner, connection, and postcondition blocks.");
        if (f->in_rule)
            diags_error(diags, ref->span, "Unknown variable",
                        "There is no variable named \"self\".");
        return false;
    }
    *ret_value = f->self;
    return true;
}

static struct resolve_instance *instance_by_key(const struct expansion *e,
                                                const struct value *key) {
    if (!key || (e->kind != REPEAT_COUNT && e->kind != REPEAT_EACH))
        return NULL;
    struct value plain = value_unmark(*key);
    if (value_marks(*key) || !value_is_known(plain) || value_is_null(plain))
        return NULL;
    const struct type *type = value_type(plain);
    if (type != type_string && type != type_number)
        return NULL;
    int64_t ignored;
    if (type == type_number && !value_to_int(plain, &ignored))
        return NULL;
    return expansion_find(e, addr_key_of(plain));
}

static bool get_resource(const struct frame *f, struct arena *arena, const struct unit *unit,
                         const struct value *key, struct value *ret_value, bool *ret_used_key,
                         struct diags *diags) {
    struct resolve *r = f->r;
    *ret_value = expansion_unknown(unit, type_dynamic);
    if (r->options.phase == RESOLVE_VALIDATE)
        return true;
    struct expansion *e = expansion_of(r, f->inst, unit, diags);
    if (!e)
        return true;
    bool whole = r->options.phase == RESOLVE_CONSOLE;
    struct resolve_instance *instance = whole ? NULL : instance_by_key(e, key);
    if (instance) {
        *ret_used_key = true;
        *ret_value = expansion_instance(r, arena, f->inst, unit, instance);
    } else {
        *ret_value = expansion_whole(r, arena, f->inst, unit, e);
    }
    return true;
}

/* The outputs of one module instance; with `only`, others need not be worked out. */
static struct value module_object(struct resolve *r, struct arena *arena, struct module_inst *m,
                                  struct str only, struct diags *diags) {
    const struct map *outputs = &m->unit->outputs;
    const struct name **names = arena_array(arena, outputs->n, sizeof *names);
    struct value *values = arena_array(arena, outputs->n, sizeof *values);
    for (size_t i = 0; i < outputs->n; i++) {
        const struct unit *unit = outputs->entries[i].value;
        const struct cell *cell = &m->cells[unit->slot];
        names[i] = intern_name(unit->name);
        values[i] = value_unknown(type_dynamic);
        bool ready = atomic_load_explicit(&cell->state, memory_order_acquire) == CELL_READY;
        if (ready || only.len == 0 || str_eq(only, unit->name))
            resolve_value(r, m, unit, &values[i], diags);
    }
    return value_object(arena, names, values, outputs->n);
}

static struct value all_modules(struct resolve *r, struct arena *arena, struct expansion *e,
                                struct str only, struct diags *diags) {
    struct value *values = arena_array(arena, e->n, sizeof *values);
    const struct name **names = arena_array(arena, e->n, sizeof *names);
    for (uint32_t i = 0; i < e->n; i++) {
        values[i] = module_object(r, arena, e->at[i].module, only, diags);
        if (e->kind == REPEAT_EACH)
            names[i] = intern_name(e->at[i].key.text);
    }
    if (e->kind == REPEAT_COUNT)
        return value_tuple(arena, values, e->n);
    if (e->kind == REPEAT_EACH)
        return value_object(arena, names, values, e->n);
    return e->n ? values[0] : value_null(type_dynamic);
}

/* For validate: which outputs there are, but not what they hold. */
static struct value module_unknown(struct arena *arena, const struct unit_module *child) {
    size_t n = child->outputs.n;
    const struct name **names = arena_array(arena, n, sizeof *names);
    const struct type **types = arena_array(arena, n, sizeof *types);
    for (size_t i = 0; i < n; i++) {
        names[i] = intern_name(child->outputs.entries[i].key);
        types[i] = type_dynamic;
    }
    return value_unknown(type_object(names, types, NULL, n));
}

static bool get_module(const struct frame *f, struct arena *arena, const struct ref *ref,
                       const struct unit *unit, const struct value *key, struct value *ret_value,
                       bool *ret_used_key, struct diags *diags) {
    *ret_value = value_unknown(type_dynamic);
    struct expansion *e = expansion_of(f->r, f->inst, unit, diags);
    if (!e || e->kind == REPEAT_UNKNOWN || !unit->child)
        return true;
    if (f->r->options.phase == RESOLVE_VALIDATE && e->kind == REPEAT_NONE) {
        *ret_value = module_unknown(arena, unit->child);
        return true;
    }
    struct str only = {0};
    if (ref->n_rest > 0 && ref->rest[0].kind == STEP_ATTR)
        only = ref->rest[0].name;
    struct resolve_instance *instance = instance_by_key(e, key);
    *ret_used_key = instance != NULL;
    *ret_value = instance ? module_object(f->r, arena, instance->module, only, diags)
                          : all_modules(f->r, arena, e, only, diags);
    return true;
}

static bool get_unit(const struct frame *f, struct arena *arena, const struct ref *ref,
                     const struct value *key, struct value *ret_value, bool *ret_used_key,
                     struct diags *diags) {
    const struct unit *unit = unit_of_ref(f->inst->unit, ref);
    /* Only the console and provisioners come here with names that were not checked before. */
    if ((!unit || f->r->options.phase == RESOLVE_CONSOLE) &&
        !ref_check(f->inst->unit, NULL, false, ref, diags))
        return false;
    switch (unit->kind) {
    case UNIT_RESOURCE:
        return get_resource(f, arena, unit, key, ret_value, ret_used_key, diags);
    case UNIT_CALL:
        return get_module(f, arena, ref, unit, key, ret_value, ret_used_key, diags);
    default:
        if (!resolve_value(f->r, f->inst, unit, ret_value, diags))
            *ret_value = value_unknown(type_dynamic);
        return true;
    }
}

static bool frame_get(const struct scope *scope, struct arena *arena, const struct ref *ref,
                      const struct value *key, struct value *ret_value, bool *ret_used_key,
                      struct diags *diags) {
    const struct frame *f = scope->context;
    *ret_used_key = false;
    if (f->has_variable && ref->kind == REF_VARIABLE && str_eq(ref->name, f->variable_name)) {
        *ret_value = f->variable;
        return true;
    }
    switch (ref->kind) {
    case REF_VARIABLE:
    case REF_LOCAL:
    case REF_MANAGED:
    case REF_DATA:
    case REF_EPHEMERAL:
    case REF_LIST:
    case REF_MODULE:
        return get_unit(f, arena, ref, key, ret_value, ret_used_key, diags);
    case REF_PATH:
        return get_path(f, arena, ref, ret_value, diags);
    case REF_TERRAFORM:
        return get_terraform(f, arena, ref, ret_value, diags);
    case REF_COUNT:
        return get_count(f, ref, ret_value, diags);
    case REF_EACH:
        return get_each(f, arena, ref, ret_value, diags);
    case REF_SELF:
        return get_self(f, ref, ret_value, diags);
    default:
        diags_error(diags, ref->span, "Invalid reference",
                    "The \"%.*s\" object cannot be used in this context.", STR_ARG(ref->root));
        return false;
    }
}

/* The provider that a name stands for in this module, with its schema; false adds an error. */
static bool function_provider(const struct frame *f, struct arena *arena, struct str provider,
                              struct str function, struct span span,
                              const struct provider_schema **ret_schema,
                              struct provider **ret_provider, struct diags *diags) {
    const struct config_module *module = f->inst->unit->config;
    bool console = f->r->options.phase == RESOLVE_CONSOLE && str_eq(provider, S("terraform"));
    if (!map_get(&module->required, provider) && !console) {
        diags_error(
            diags, span, "Unknown provider function",
            "There is no function named \"provider::%.*s::%.*s\". Ensure that provider name "
            "\"%.*s\" is declared in this module's required_providers block, and that this "
            "provider offers a function named \"%.*s\".",
            STR_ARG(provider), STR_ARG(function), STR_ARG(provider), STR_ARG(function));
        return false;
    }
    struct provider_addr addr = config_provider_addr(arena, module, provider);
    *ret_schema = pool_schema(f->r->pool, addr, diags);
    *ret_provider = pool_plain(f->r->pool, addr, diags);
    return *ret_schema && *ret_provider;
}

static const struct provider_function *frame_signature(const struct scope *scope,
                                                       struct arena *arena, struct str provider,
                                                       struct str function, struct span span,
                                                       struct diags *diags) {
    const struct provider_schema *schema;
    struct provider *p;
    if (!function_provider(scope->context, arena, provider, function, span, &schema, &p, diags))
        return NULL;
    const struct provider_function *found = map_get(&schema->functions, function);
    if (!found || !p->ops->call) {
        diags_error(diags, span, "Unknown provider function",
                    "The function \"%.*s\" is not available from the provider \"%.*s\".",
                    STR_ARG(function), STR_ARG(provider));
        return NULL;
    }
    return found;
}

static bool frame_call(const struct scope *scope, struct arena *arena, struct str provider,
                       struct str function, const struct value *args, size_t n, struct span span,
                       struct value *ret_value, struct diags *diags) {
    const struct provider_schema *schema;
    struct provider *p;
    return function_provider(scope->context, arena, provider, function, span, &schema, &p, diags) &&
           p->ops->call(p, arena, function, args, n, ret_value, diags);
}
