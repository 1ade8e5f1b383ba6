/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as data: what will change and in which order. Made by plan/, shown by cli/, written to a
 * file (steps_file.h), executed by apply/, which never plans again.
 */
#ifndef LOAM_STEPS_H
#define LOAM_STEPS_H

#include "addr/addr.h"
#include "base/map.h"
#include "provider/schema.h"
#include "state/state.h"
#include "value/path.h"

enum action {
    ACTION_NOOP,
    ACTION_CREATE,
    ACTION_READ,
    ACTION_UPDATE,
    ACTION_DELETE,
    ACTION_DELETE_CREATE, /* replace, destroying first */
    ACTION_CREATE_DELETE, /* replace, creating first */
    ACTION_FORGET,
    ACTION_FORGET_CREATE, /* replace, leaving the old object as it is */
    ACTION_OPEN,
};

/* Why: the action_reason of plan JSON. */
enum action_reason {
    REASON_NONE,
    REASON_REPLACE_TAINTED,       /* replace_because_tainted */
    REASON_REPLACE_REQUESTED,     /* replace_by_request */
    REASON_REPLACE_CANNOT_UPDATE, /* replace_because_cannot_update */
    REASON_REPLACE_TRIGGERS,      /* replace_by_triggers */
    REASON_DELETE_NO_RESOURCE,    /* delete_because_no_resource_config */
    REASON_DELETE_WRONG_REPETITION,
    REASON_DELETE_COUNT_INDEX,
    REASON_DELETE_EACH_KEY,
    REASON_DELETE_NO_MODULE,
    REASON_DELETE_NO_MOVE_TARGET,
    REASON_READ_CONFIG_UNKNOWN, /* read_because_config_unknown */
    REASON_READ_DEPENDENCY_PENDING,
    REASON_READ_CHECK_NESTED,
    REASON_DELETE_NOT_ENABLED,
    REASON_FORGET_CONFIG, /* lifecycle.destroy = false in the configuration */
    REASON_FORGET_STATE,  /* or when the object was last applied */
};

struct change {
    struct instance_addr addr;
    const struct instance_addr *prev_addr; /* where the state had it: `addr` itself unless moved */
    bool moved;
    struct str deposed; /* key of the deposed object that this is about, or empty */
    const struct provider_config_addr *provider;
    const struct schema *schema;
    enum action action;
    enum action_reason reason;
    struct value before;  /* null on create; marked */
    struct value after;   /* null on delete; unknowns inside; marked */
    struct paths replace; /* attributes that force replacement */
    struct str private_;
    struct value identity; /* planned, of the object after the change; no object: not known */
    struct str import_id;  /* being imported, or empty */
    bool importing;
    struct str generated_config;          /* -generate-config-out */
    const struct config_resource *config; /* NULL: no longer in the configuration */
    struct str *dependencies;             /* for the state, as state_object */
    size_t n_dependencies;
    bool create_before_destroy;
    bool skip_destroy; /* lifecycle.destroy = false: kept in the state for the day it is removed */
    bool deferred;
};

struct output_change {
    struct str name;
    enum action action; /* NOOP, CREATE, UPDATE, DELETE */
    struct value before, after;
    bool sensitive;
};

/* What refresh found to differ from the state. */
struct drift {
    struct instance_addr addr;
    struct instance_addr prev_addr;
    const struct schema *schema;
    struct provider_config_addr provider;
    enum action action; /* UPDATE or DELETE; NOOP with prev_addr: only moved */
    struct value before, after;
};

enum check_status { CHECK_PASS, CHECK_FAIL, CHECK_ERROR, CHECK_UNKNOWN };

struct check_result {
    struct str kind;     /* "resource", "output_value", "check", "var" */
    struct str address;  /* of the configuration object */
    struct str instance; /* full address */
    enum check_status status;
    struct str *problems;
    size_t n_problems;
};

/* An attribute that decided a change, for "relevant_attributes" and the drift report. */
struct relevant_attr {
    struct str resource;
    struct path path;
};

enum plan_mode { PLAN_NORMAL, PLAN_DESTROY, PLAN_REFRESH_ONLY };

/*
 * One node of the execution graph. CREATE_UPDATE: changes[change], of a replacement its creating
 * half; also for a no-op that is imported or has conditions to be checked again. DESTROY: a delete,
 * a forget or the destroying half of a replacement. READ: a data source whose action is read.
 * OUTPUT: outputs[change]. OPEN: ephemerals[change]. CLOSE: all instances of the resource of
 * ephemerals[change]. EVALUATE and PROVIDER do nothing themselves; they order others.
 */
struct step_node {
    enum {
        STEP_CREATE_UPDATE,
        STEP_DESTROY,
        STEP_READ,
        STEP_OUTPUT,
        STEP_OPEN,
        STEP_CLOSE,
        STEP_EVALUATE,
        STEP_PROVIDER
    } kind;
    uint32_t change;       /* index into changes, outputs or ephemerals */
    const uint32_t *after; /* nodes that must be done first */
    uint32_t n_after;
};

struct plan {
    enum plan_mode mode;
    bool errored, applyable, complete, refreshed;
    bool begun; /* false: it failed before anything could be planned, there is nothing to show */
    struct change **changes; /* managed and data, sorted by address; no-ops included */
    size_t n_changes;
    struct drift *drifts;
    size_t n_drifts;
    struct output_change *outputs; /* sorted by name */
    size_t n_outputs;
    struct instance_addr *ephemerals; /* to be opened */
    size_t n_ephemerals;
    struct check_result *checks;
    size_t n_checks;
    struct relevant_attr *relevant;
    size_t n_relevant;
    struct map variables; /* name -> struct value *: final values of root variables */
    struct target *targets;
    size_t n_targets;
    struct target *excludes;
    size_t n_excludes;
    struct target *force_replace;
    size_t n_force_replace;
    struct state *prev_state;  /* as read */
    struct state *prior_state; /* after refresh and moves: what the changes start from */
    int64_t timestamp_ms;
    struct str backend_type;
    struct str workspace;
    struct step_node *nodes;
    size_t n_nodes;
};

bool steps_action_replaces(enum action action);
/* "replace_because_tainted", or empty. */
struct str steps_reason_name(enum action_reason reason);

struct plan_counts {
    size_t import, add, change, destroy, move;
    size_t forget; /* because of lifecycle.destroy; what removed blocks let go is not counted */
};
struct plan_counts steps_counts(const struct plan *plan);
/* Is the object forgotten because of its lifecycle, not of a removed block? */
bool steps_is_forgotten(const struct change *change);
/* Would an apply do anything? */
bool steps_has_changes(const struct plan *plan);

#endif
