/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/outcome.h"

#include "apply/settle.h"
#include "base/arena.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/rand.h"
#include "state/journal.h"
#include "state/state_file.h"
#include "value/as_json.h"

static struct str value_json(struct arena *arena, struct value v, const struct type *type) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    as_json_write(&out, v, type, false);
    return buf_take(&out, arena);
}

/* old: the object so far, or NULL; its identity stays unless the provider told another. */
static struct state_object *make_object(struct task *task, const struct outcome *outcome,
                                        const struct state_object *old) {
    const struct change *change = task->change;
    const struct schema *schema = change->schema;
    struct state_object *object = arena_alloc(task->scratch, sizeof *object);
    object->tainted = outcome->tainted;
    object->schema_version = schema->version;
    object->attributes = value_json(task->arena, outcome->value, schema_type(schema->block));
    struct paths sensitive = {0};
    path_marked(task->scratch, outcome->value, VALUE_SENSITIVE, &sensitive);
    for (size_t i = 0; i < sensitive.n; i++)
        paths_add(task->arena, &object->sensitive, path_copy(task->arena, sensitive.at[i]));
    object->private_ = str_dup(task->arena, outcome->private_);
    object->dependencies = change->dependencies;
    object->n_dependencies = change->n_dependencies;
    object->create_before_destroy = change->create_before_destroy;
    if (change->skip_destroy)
        object->extra = S("\"skip_destroy\": true");
    if (outcome->identity.kind == VALUE_OBJECT && schema->identity) {
        object->identity =
            value_json(task->arena, outcome->identity, schema_object_type(schema->identity));
        object->identity_schema_version = schema->identity_version;
    } else if (old) {
        object->identity = old->identity;
        object->identity_schema_version = old->identity_schema_version;
    }
    return object;
}

/* A state document that holds only this object, on one line. */
static void write_line(struct buf *line, struct task *task, struct str deposed,
                       const struct state_object *object) {
    buf_add(line, S("{\"version\":4,\"terraform_version\":\"\",\"serial\":0,\"lineage\":\"\","
                    "\"outputs\":{},\"resources\":["));
    state_file_write_object(line, &task->change->addr, task->change->provider, deposed, object);
    buf_add(line, S("],\"check_results\":null}"));
}

/* Address in the journal: deposed objects have their key behind it. */
static struct str journal_address(struct task *task, struct str deposed) {
    if (deposed.len == 0)
        return task->address;
    return str_format(task->scratch, "%.*s (deposed object %.*s)", STR_ARG(task->address),
                      STR_ARG(deposed));
}

/* Puts the object into the state; called with the lock held. */
static void put(struct task *task, struct str deposed, const struct state_object *object) {
    struct run *run = task->run;
    const struct change *change = task->change;
    if (deposed.len > 0)
        state_set_deposed(run->state, &change->addr, change->provider, deposed, object);
    else
        state_set_current(run->state, &change->addr, change->provider, object);
    if (run->options->checkpoint)
        run->options->checkpoint(run->options->checkpoint_context, run->state);
}

/* What the engine's own provider makes exists nowhere but in the state. */
static bool is_in_state_only(const struct task *task) {
    return addr_provider_eq(task->change->provider->provider, addr_provider_builtin);
}

/* Journals what an object is now; NULL: it is gone. */
static void journal_object(struct task *task, struct str deposed,
                           const struct state_object *object) {
    struct journal *journal = task->run->options->journal;
    struct buf line;
    if (!journal)
        return;
    buf_init(&line, BUF_MAX_DOCUMENT);
    if (object)
        write_line(&line, task, deposed, object);
    const struct config_resource *config = task->change->config;
    if (is_in_state_only(task) && config && !config->n_provisioners)
        journal_result_unsynced(journal, journal_address(task, deposed), buf_str(&line));
    else
        journal_result(journal, journal_address(task, deposed), buf_str(&line));
    buf_clear(&line);
}

static void write_down(struct task *task, struct str deposed, const struct state_object *object) {
    journal_object(task, deposed, object);
    pthread_mutex_lock(&task->run->lock);
    put(task, deposed, object);
    pthread_mutex_unlock(&task->run->lock);
}

bool outcome_is_recorded(struct task *task) {
    struct journal *journal = task->run->options->journal;
    if (!journal || journal_is_sound(journal))
        return true;
    if (atomic_exchange(&task->run->unrecorded, true))
        return false;
    struct str why = fs_error_text(task->arena, journal_error(journal));
    diags_error(task->diags, (struct span){0}, "Failed to write the journal",
                "The record of what is done could not be written beside the state: %.*s. Nothing "
                "more is done from here on, since results might be lost. Mend that, then apply "
                "again.",
                STR_ARG(why));
    return false;
}

bool outcome_intent(struct task *task, struct str deposed, struct str action,
                    struct value planned) {
    struct journal *journal = task->run->options->journal;
    if (!journal || is_in_state_only(task))
        return outcome_is_recorded(task);
    struct arena *scratch = arena_new();
    const struct json *plan = NULL;
    if (!value_is_null(planned)) {
        struct str text = value_json(scratch, settle_known(scratch, planned),
                                     schema_type(task->change->schema->block));
        struct json_error error;
        plan = json_parse(scratch, text, &error);
    }
    journal_intent(journal, journal_address(task, deposed), action,
                   task->change->addr.resource.type, plan);
    arena_free(scratch);
    return outcome_is_recorded(task);
}

void outcome_save(struct task *task, struct str deposed, const struct outcome *outcome) {
    write_down(task, deposed,
               outcome ? make_object(task, outcome, outcome_object(task, deposed)) : NULL);
}

void outcome_unchanged(struct task *task, struct str deposed) {
    write_down(task, deposed, outcome_object(task, deposed));
}

void outcome_untaint(struct task *task) {
    const struct state_object *old = outcome_object(task, S(""));
    if (!old || !old->tainted)
        return;
    struct state_object *sound = arena_copy(task->scratch, old, sizeof *old);
    sound->tainted = false;
    write_down(task, S(""), sound);
}

/* Called with the lock held. */
static const struct state_object *find_object(struct task *task, struct str deposed) {
    struct state_instance *instance = state_instance(task->run->state, &task->change->addr);
    if (!instance)
        return NULL;
    if (deposed.len == 0)
        return instance->current;
    for (size_t i = 0; i < instance->n_deposed; i++) {
        if (str_eq(instance->deposed[i].key, deposed))
            return arena_copy(task->scratch, &instance->deposed[i].object,
                              sizeof instance->deposed[i].object);
    }
    return NULL;
}

const struct state_object *outcome_object(struct task *task, struct str deposed) {
    pthread_mutex_lock(&task->run->lock);
    const struct state_object *object = find_object(task, deposed);
    pthread_mutex_unlock(&task->run->lock);
    return object;
}

/*
 * Moves an object between current and deposed. The journal first has it there, then no longer here,
 * so that a crash in between leaves it known twice rather than not at all.
 */
static void move_object(struct task *task, struct str from, struct str to,
                        const struct state_object *object) {
    journal_object(task, to, object);
    journal_object(task, from, NULL);
    pthread_mutex_lock(&task->run->lock);
    struct state *state = task->run->state;
    const struct change *change = task->change;
    if (to.len > 0)
        state_set_deposed(state, &change->addr, change->provider, to, object);
    else
        state_set_current(state, &change->addr, change->provider, object);
    put(task, from, NULL);
    pthread_mutex_unlock(&task->run->lock);
}

bool outcome_depose(struct task *task, struct str *ret_key) {
    const struct state_object *object = outcome_object(task, S(""));
    if (!object)
        return false;
    *ret_key = rand_text(task->arena, 8, S("0123456789abcdef"));
    move_object(task, S(""), *ret_key, object);
    return true;
}

bool outcome_restore(struct task *task, struct str key) {
    const struct state_object *object = outcome_object(task, key);
    if (!object || outcome_object(task, S("")))
        return false;
    move_object(task, key, S(""), object);
    return true;
}

void outcome_forget(struct task *task, struct str deposed) {
    write_down(task, deposed, NULL);
}
