/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include <stdarg.h>

#include "eval/quote.h"
#include "resolve/locate.h"
#include "resolve/ref_check.h"
#include "resolve/repetition.h"
#include "value/as_json.h"

static const struct unit *target_unit(const struct planner *p, const struct instance_addr *addr) {
    const struct unit_module *module = unit_module(p->units, addr->module);
    return module ? unit_resource(module, addr->resource) : NULL;
}

static void connect_expr(struct planner *p, const struct unit *unit, const struct expr *expr,
                         struct diags *diags) {
    struct refs refs = {0};
    if (!expr || !refs_of_expr(p->arena, expr, &refs, diags))
        return;
    for (size_t i = 0; i < refs.n; i++) {
        const struct unit *needed = unit_of_ref(p->units->root, &refs.at[i]);
        if (!ref_check(p->units->root, NULL, false, &refs.at[i], diags) || !needed || !unit)
            continue;
        if (needed->kind == UNIT_CALL)
            needed = needed->close;
        if (needed != unit)
            graph_edge(&p->graph, unit->index, needed->index);
    }
}

/* Which import blocks, and what an interrupted apply may have made, belong to which resource. */
static void group_by_unit(struct planner *p) {
    const struct config_module *root = p->config->root;
    const struct plan_options *o = p->options;
    struct arena *scratch = arena_new();
    uint32_t *unit_of = arena_array(scratch, root->n_imports + o->n_adopts, sizeof *unit_of);
    for (size_t i = 0; i < root->n_imports; i++) {
        const struct unit *unit = target_unit(p, &root->imports[i].to_static.addr);
        unit_of[i] = unit ? unit->index : UINT32_MAX;
    }
    p->unit_imports = graph_group(p->arena, unit_of, root->n_imports, p->units->n);
    for (size_t i = 0; i < o->n_adopts; i++) {
        const struct unit *unit = target_unit(p, &o->adopts[i].addr);
        unit_of[i] = unit ? unit->index : UINT32_MAX;
    }
    p->unit_adopts = graph_group(p->arena, unit_of, o->n_adopts, p->units->n);
    arena_free(scratch);
}

void imports_connect(struct planner *p, struct diags *diags) {
    const struct config_module *root = p->config->root;
    group_by_unit(p);
    for (size_t i = 0; i < root->n_imports; i++) {
        const struct config_import *import = &root->imports[i];
        const struct unit *unit = target_unit(p, &import->to_static.addr);
        connect_expr(p, unit, import->id, diags);
        connect_expr(p, unit, import->identity, diags);
        connect_expr(p, unit, import->for_each, diags);
        connect_expr(p, unit, import->to_key, diags);
        for (size_t k = 0; import->dynamic && k < import->to_static.addr.module.n; k++)
            connect_expr(p, unit, import->module_keys[k], diags);
    }
}

static bool bad_id(struct job *job, const struct config_import *import, const char *detail) {
    diags_error(&job->diags, expr_span(import->id), "Invalid import id argument", "%s", detail);
    return false;
}

static bool import_id(struct job *job, struct frame *frame, const struct config_import *import,
                      bool allow_unknown, struct str *ret_id) {
    size_t before = job->diags.n_errors;
    struct value v = eval_expr_as(job->arena, &frame->scope, import->id, type_string,
                                  S("Incorrect value type"), &job->diags);
    if (job->diags.n_errors > before)
        return false;
    if (value_marks(v) & VALUE_EPHEMERAL)
        return bad_id(job, import, "The import ID value is ephemeral, which is not allowed.");
    v = value_unmark(v);
    if (value_is_null(v))
        return bad_id(job, import, "The import ID cannot be null.");
    if (!value_is_known(v))
        return allow_unknown ||
               bad_id(job, import,
                      "The import block \"id\" argument depends on resource attributes that "
                      "cannot be determined until apply, so Loam cannot plan to import this "
                      "resource.");
    if (v.count == 0)
        return bad_id(job, import,
                      "The import ID value evaluates to an empty string, please provide a "
                      "non-empty value.");
    *ret_id = value_str(v);
    return true;
}

static bool import_key(struct job *job, struct frame *frame, const struct expr *expr,
                       struct key *ret_key) {
    size_t before = job->diags.n_errors;
    struct value v = value_unmark(eval_expr(job->arena, &frame->scope, expr, &job->diags));
    if (job->diags.n_errors > before)
        return false;
    const struct type *type = value_type(v);
    if (!value_is_known(v) || value_is_null(v) || (type != type_string && type != type_number)) {
        diags_error(&job->diags, expr_span(expr), "Invalid index expression",
                    "Import target key must be a known string or number.");
        return false;
    }
    *ret_key = addr_key_of(v);
    return true;
}

/* The whole address, with the keys that are expressions. */
static bool import_address(struct job *job, struct frame *frame, const struct config_import *import,
                           struct instance_addr *ret_addr) {
    *ret_addr = import->to_static.addr;
    if (!import->dynamic)
        return true;
    size_t n = ret_addr->module.n;
    struct module_step *steps =
        arena_copy(job->arena, ret_addr->module.at, n * sizeof *ret_addr->module.at);
    for (size_t i = 0; i < n; i++)
        if (import->module_keys[i] &&
            !import_key(job, frame, import->module_keys[i], &steps[i].key))
            return false;
    ret_addr->module.at = steps;
    return !import->to_key || import_key(job, frame, import->to_key, &ret_addr->key);
}

/* false: there is one for that address. */
static bool put_target(struct job *job, struct str address, const struct import_target *target) {
    struct map *imports = &job->node->imports;
    if (map_get(imports, address))
        return false;
    map_put(job->arena, imports, address, arena_copy(job->arena, target, sizeof *target));
    return true;
}

static bool add_target(struct job *job, struct frame *frame, const struct config_import *import) {
    struct import_target target = {.config = import, .identity = value_null(type_dynamic)};
    if (!import_address(job, frame, import, &target.addr))
        return false;
    if (import->id && !import_id(job, frame, import, false, &target.id))
        return false;
    if (import->identity) {
        size_t before = job->diags.n_errors;
        target.identity = eval_expr(job->arena, &frame->scope, import->identity, &job->diags);
        if (job->diags.n_errors > before)
            return false;
    }
    struct str text = addr_instance_text(job->arena, &target.addr);
    if (put_target(job, text, &target))
        return true;
    struct str summary =
        str_format(job->arena, "Duplicate import configuration for \"%.*s\"", STR_ARG(text));
    diags_add(&job->diags, SEVERITY_ERROR, import->to_span, summary,
              str_format(job->arena,
                         "An import block for the resource \"%.*s\" was already declared. A "
                         "resource can have only one import block.",
                         STR_ARG(text)));
    return false;
}

static bool expand_block(struct job *job, const struct config_import *import) {
    struct frame frame;
    frame_init(&frame, job->p->resolve, job->p->resolve->root, NULL, NULL);
    if (!import->for_each)
        return add_target(job, &frame, import);
    struct value v;
    if (!repetition_each(&frame, job->arena, import->for_each, false, &v, &job->diags))
        return false;
    bool set = value_type(v)->kind == TYPE_SET;
    bool ok = true;
    for (size_t i = 0; i < value_count(v); i++) {
        struct value element = value_at(v, i);
        frame.kind = REPEAT_EACH;
        frame.key = addr_key_string(set ? value_str(element) : value_key(v, i));
        frame.each_value = element;
        ok = add_target(job, &frame, import) && ok;
    }
    return ok;
}

static void expand_adopts(struct job *job) {
    const struct planner *p = job->p;
    uint32_t unit = job->node->unit->index;
    for (uint32_t i = p->unit_adopts.start[unit]; i < p->unit_adopts.start[unit + 1]; i++) {
        const struct plan_adopt *adopt = &p->options->adopts[p->unit_adopts.at[i]];
        const struct import_target target = {.addr = adopt->addr, .adopt = adopt->planned};
        put_target(job, addr_instance_text(job->arena, &adopt->addr), &target);
    }
}

bool imports_expand(struct job *job) {
    const struct planner *p = job->p;
    uint32_t unit = job->node->unit->index;
    bool ok = true;
    expand_adopts(job);
    /* What is to be destroyed is in the state already, and a refresh takes nothing in. */
    if (p->options->mode != PLAN_NORMAL)
        return true;
    for (uint32_t i = p->unit_imports.start[unit]; i < p->unit_imports.start[unit + 1]; i++)
        ok = expand_block(job, &p->config->root->imports[p->unit_imports.at[i]]) && ok;
    return ok;
}

static void no_target(const struct config_import *import, struct diags *diags, const char *detail,
                      ...) {
    va_list args;
    va_start(args, detail);
    struct str text = str_vformat(diags->arena, detail, args);
    va_end(args);
    diags_error(diags, import->to_span, "Configuration for import target does not exist", "%.*s",
                STR_ARG(text));
}

/* Targets without configuration for which none can be generated either. */
static bool check_target(const struct units *units, const struct config_import *import,
                         struct diags *diags) {
    const struct instance_addr *addr = &import->to_static.addr;
    const struct unit_module *module = unit_module(units, addr->module);
    struct str text = addr_instance_text(diags->arena, addr);
    if (module && unit_resource(module, addr->resource))
        return true;
    if (!module)
        no_target(import, diags,
                  "The configuration for the given import target %.*s does not exist. All target "
                  "instances must have an associated configuration to be imported.",
                  STR_ARG(text));
    else if (addr->module.n > 0)
        no_target(import, diags,
                  "Resource %.*s not found. Only resources within the root module are eligible "
                  "for config generation.",
                  STR_ARG(text));
    else if (import->for_each && import->dynamic)
        diags_error(diags, import->to_span, "Invalid import 'to' expression",
                    "The target resource does not use for_each.");
    else if (import->for_each || import->dynamic || addr->key.kind != KEY_NONE)
        no_target(import, diags,
                  "The given import block is not compatible with config generation. The "
                  "-generate-config-out option cannot be used with import blocks which use "
                  "for_each, or resources which use for_each or count.");
    else
        return true;
    return false;
}

static bool check_id_ref(const struct units *units, const struct config_import *import,
                         const struct ref *ref, struct diags *diags) {
    const struct instance_addr *to = &import->to_static.addr;
    const struct unit *used = unit_of_ref(units->root, ref);
    if (used && used->kind == UNIT_RESOURCE && to->module.n == 0 &&
        used == unit_resource(units->root, to->resource)) {
        diags_error(diags, ref->span, "Invalid import id argument",
                    "The import ID cannot reference the resource being imported.");
        return false;
    }
    return ref_check(units->root, NULL, false, ref, diags);
}

static bool bad_to(const struct config_import *import, const char *missing, struct diags *diags) {
    diags_error(diags, import->to_span, "Invalid import 'to' expression",
                "The target resource does not use %s.", missing);
    return false;
}

/* The keys that for_each gives against what the resource is repeated by. */
static bool check_keys(const struct units *units, const struct config_import *import,
                       struct value each, struct diags *diags) {
    const struct instance_addr *to = &import->to_static.addr;
    const struct unit_module *module = unit_module(units, to->module);
    const struct unit *unit = module ? unit_resource(module, to->resource) : NULL;
    struct ref ref;
    if (!unit || !import->to_key || import->to_key->kind != EXPR_TRAVERSAL ||
        !refs_parse(diags->arena, &import->to_key->traversal, expr_span(import->to_key), &ref,
                    NULL) ||
        ref.kind != REF_EACH || !str_eq(ref.name, S("key")) || value_count(each) == 0)
        return true;
    const struct type *type = value_type(each);
    bool number = type->kind == TYPE_TUPLE || type->kind == TYPE_LIST ||
                  (type->kind == TYPE_SET && type->element == type_number);
    if (number && !unit->resource->count)
        return bad_to(import, "count", diags);
    return number || unit->resource->for_each || bad_to(import, "for_each", diags);
}

/* false: errors were added, or there is nothing to import. */
static bool check_for_each(struct job *job, const struct units *units, struct resolve *resolve,
                           const struct config_import *import) {
    struct refs refs = {0};
    bool ok = refs_of_expr(job->arena, import->for_each, &refs, &job->diags);
    for (size_t i = 0; i < refs.n; i++)
        ok = ref_check(units->root, NULL, false, &refs.at[i], &job->diags) && ok;
    if (!ok)
        return false;
    struct frame frame;
    size_t before = job->diags.n_errors;
    frame_init(&frame, resolve, resolve->root, NULL, NULL);
    struct value v =
        value_unmark(eval_expr(job->arena, &frame.scope, import->for_each, &job->diags));
    if (job->diags.n_errors > before || value_is_null(v))
        return false;
    const struct type *type = value_type(v);
    if (type != type_dynamic && !type_is_collection(type) && type->kind != TYPE_TUPLE &&
        type->kind != TYPE_OBJECT) {
        diags_error(&job->diags, expr_span(import->for_each), "Invalid for_each argument",
                    "The \"for_each\" expression must be a collection.");
        return false;
    }
    return !value_is_known(v) || check_keys(units, import, v, &job->diags);
}

bool imports_validate(struct arena *arena, struct units *units, struct resolve *resolve,
                      struct diags *diags) {
    const struct config_module *root = units->config->root;
    struct job job = {.arena = arena, .scratch = arena, .diags = {.arena = arena}};
    for (size_t i = 0; i < root->n_imports; i++)
        if (!unit_module(units, root->imports[i].to_static.addr.module))
            check_target(units, &root->imports[i], &job.diags);
    bool placed = job.diags.n_errors == 0;
    for (size_t i = 0; i < root->n_imports; i++) {
        if (root->imports[i].for_each && !check_for_each(&job, units, resolve, &root->imports[i]))
            continue;
        if (placed && !check_target(units, &root->imports[i], &job.diags))
            continue;
        if (!root->imports[i].id)
            continue;
        struct refs refs = {0};
        bool declared = refs_of_expr(arena, root->imports[i].id, &refs, &job.diags);
        for (size_t k = 0; k < refs.n; k++)
            declared = check_id_ref(units, &root->imports[i], &refs.at[k], &job.diags) && declared;
        if (!declared)
            continue;
        struct frame frame;
        frame_init(&frame, resolve, resolve->root, NULL, NULL);
        if (root->imports[i].for_each)
            frame.kind = REPEAT_UNKNOWN;
        struct str id;
        import_id(&job, &frame, &root->imports[i], true, &id);
    }
    diags_append(diags, &job.diags);
    return job.diags.n_errors == 0;
}

/* The id to look for; false: nothing can be looked for. */
static bool adopted_id(struct job *job, struct provider *provider, const struct schema *schema,
                       struct import_target *import) {
    struct value planned;
    struct convert_error error;
    if (!provider->ops->import_id ||
        !as_json_read(job->arena, import->adopt, schema_type(schema->block), &planned, &error))
        return false;
    import->id = provider->ops->import_id(provider, job->arena, schema->name, planned);
    return import->id.len > 0;
}

struct import_target *imports_find(const struct job *job, const struct instance_addr *addr) {
    const struct map *imports = &job->node->imports;
    return imports->n > 0 ? map_get(imports, addr_instance_text(job->scratch, addr)) : NULL;
}

/* Does the configuration have this instance of the job's resource? */
static bool has_instance(struct job *job, const struct instance_addr *addr) {
    struct planner *p = job->p;
    struct module_inst *inst = resolve_module(p->resolve, addr->module, &job->diags);
    struct expansion *e =
        inst ? expansion_of(p->resolve, inst, job->node->unit, &job->diags) : NULL;
    return e && expansion_find(e, addr->key);
}

bool imports_match(struct job *job) {
    const struct map *imports = &job->node->imports;
    bool ok = true;
    for (size_t i = 0; i < imports->n; i++) {
        const struct import_target *target = imports->entries[i].value;
        if (target->adopt || has_instance(job, &target->addr))
            continue;
        diags_error(&job->diags, (struct span){0}, "Configuration for import target does not exist",
                    "The configuration for the given import %.*s does not exist. All target "
                    "instances must have an associated configuration to be imported.",
                    STR_ARG(imports->entries[i].key));
        ok = false;
    }
    return ok;
}

/* The value of an expression that names nothing; false: it does, or it has none. */
static bool constant(struct planner *p, struct arena *scratch, const struct expr *expr,
                     struct value *ret_value) {
    struct refs refs = {0};
    struct frame frame;
    struct diags quiet = {.arena = scratch};
    if (!refs_of_expr(scratch, expr, &refs, &quiet) || refs.n > 0)
        return false;
    frame_init(&frame, p->resolve, p->resolve->root, NULL, NULL);
    *ret_value = value_unmark_deep(scratch, eval_expr(scratch, &frame.scope, expr, &quiet));
    return quiet.n_errors == 0 && value_is_wholly_known(*ret_value) && !value_is_null(*ret_value);
}

void imports_prefetch_repeated(struct job *job, struct provider *provider) {
    const struct map *imports = &job->node->imports;
    struct arena *scratch = job->scratch;
    if (!provider || !provider->ops->prefetch || !job->p->options->refresh || imports->n == 0)
        return;
    struct provider_prefetch_item *items = arena_array(scratch, imports->n, sizeof *items);
    size_t n = 0;
    for (size_t i = 0; i < imports->n; i++) {
        const struct import_target *target = imports->entries[i].value;
        const struct prior *prior = prior_find(job->p, &target->addr);
        if (!target->config || !(target->config->for_each || target->config->dynamic) ||
            (prior && prior->instance->current))
            continue;
        items[n++] = (struct provider_prefetch_item){
            .type = target->addr.resource.type,
            .state = value_null(type_dynamic),
            .import_id = target->id,
            .identity = value_unmark_deep(scratch, target->identity),
        };
    }
    if (n > 0)
        provider->ops->prefetch(provider, items, n);
}

static bool serves(const struct unit *unit, const struct provider_config_addr *addr) {
    return unit && !unit->provider_key && unit->resource->addr.mode == MODE_MANAGED &&
           addr->key.kind == KEY_NONE &&
           addr_provider_eq(unit->provider_addr.provider, addr->provider) &&
           str_eq(unit->provider_addr.alias, addr->alias) &&
           addr_module_eq(unit->provider_addr.module, addr->module);
}

size_t imports_prefetch(struct planner *p, struct arena *scratch,
                        const struct provider_config_addr *addr,
                        struct provider_prefetch_item *items) {
    const struct config_module *root = p->config->root;
    size_t n = 0;
    for (size_t i = 0; p->options->mode == PLAN_NORMAL && i < root->n_imports; i++) {
        const struct config_import *import = &root->imports[i];
        const struct prior *prior = prior_find(p, &import->to_static.addr);
        struct value v;
        if (import->for_each || import->dynamic || (prior && prior->instance->current) ||
            !serves(target_unit(p, &import->to_static.addr), addr) ||
            !constant(p, scratch, import->id ? import->id : import->identity, &v))
            continue;
        items[n] = (struct provider_prefetch_item){
            .type = import->to_static.addr.resource.type,
            .state = value_null(type_dynamic),
            .identity = value_null(type_dynamic),
        };
        if (v.kind == VALUE_STRING)
            items[n].import_id = value_str(v);
        else
            items[n].identity = v;
        n++;
    }
    return n;
}

void imports_check(struct planner *p, struct diags *diags) {
    const struct config_module *root = p->config->root;
    const struct plan_options *o = p->options;
    if (o->generate_config_out.len || o->mode != PLAN_NORMAL || o->n_targets + o->n_excludes > 0)
        return;
    for (size_t i = 0; i < root->n_imports; i++) {
        const struct config_import *import = &root->imports[i];
        struct str text = addr_instance_text(diags->arena, &import->to_static.addr);
        if (!target_unit(p, &import->to_static.addr))
            no_target(import, diags,
                      "The configuration for the given import target %.*s does not exist. If you "
                      "wish to automatically generate config for this resource, use the "
                      "-generate-config-out option within loam plan. Otherwise, make sure the "
                      "target resource exists within your configuration. For example:\n\n"
                      "  loam plan -generate-config-out=generated.tf",
                      STR_ARG(text));
    }
}

static bool not_found(struct job *job, const struct instance_addr *addr) {
    struct str text = addr_instance_text(job->arena, addr);
    diags_error(&job->diags, (struct span){0}, "Cannot import non-existent remote object",
                "While attempting to import an existing object to %s, the provider "
                "detected that no object exists with the given id. Only pre-existing objects can "
                "be imported; check that the id is correct and that it is associated with the "
                "provider's configured region or endpoint, or use \"loam apply\" to create "
                "a new remote object for this resource.",
                quote_text(job->arena, text));
    return false;
}

bool imports_read(struct job *job, struct item *item, struct provider *provider,
                  const struct schema *schema) {
    struct instance_addr addr = job_addr(job, item);
    struct import_target *import = item->import;
    struct value none = value_null(schema_type(schema->block));
    struct str address = addr_instance_text(job->arena, &addr);
    if (import->adopt && !adopted_id(job, provider, schema, import)) {
        item->import = NULL;
        return true;
    }
    job_event(job, EVENT_IMPORT_START, &addr, S(""), none, 0, import->id);
    struct provider_imported imported = {0};
    size_t first = job->diags.n;
    bool ok = provider->ops->import &&
              provider->ops->import(provider, job->arena, schema->name, import->id,
                                    import->identity, &imported, &job->diags);
    locate_diags(job->arena, &job->diags, first, address, NULL, schema->block);
    if (!ok)
        return false;
    if (value_is_null(imported.state))
        return not_found(job, &addr);
    job_event(job, EVENT_REFRESH_START, &addr, S(""), imported.state, 0, S(""));
    struct provider_read_response response = {0};
    const struct provider_read_request request = {schema->name, imported.state, imported.private_,
                                                  imported.identity};
    ok = provider->ops->read(provider, job->arena, &request, &response, &job->diags);
    locate_diags(job->arena, &job->diags, first, address, NULL, schema->block);
    if (!ok)
        return false;
    if (value_is_null(response.state) && import->adopt) {
        item->import = NULL; /* the creation never came through */
        return true;
    }
    if (value_is_null(response.state))
        return not_found(job, &addr);
    item->after = job_mark_schema(job->arena, schema, response.state);
    item->private_after = response.private_;
    item->identity_after =
        response.identity.kind == VALUE_OBJECT ? response.identity : imported.identity;
    item->has_after = true;
    job_event(job, EVENT_REFRESH_DONE, &addr, S(""), item->after, 0, S(""));
    return true;
}
