/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What names mean at one place: a module instance, and count, each and self of one of its objects.
 * A frame must not move while its scope is in use.
 */
#ifndef LOAM_FRAME_H
#define LOAM_FRAME_H

#include "resolve/resolve.h"

struct frame {
    struct scope scope;
    struct resolve *r;
    struct module_inst *inst;
    enum repetition kind;
    struct key key;
    struct value each_value;
    const struct unit *unit; /* what is being evaluated, or NULL */
    bool has_self;
    struct value self;
    bool in_rule;      /* a condition: a wrong self is told in the evaluator's words as well */
    bool has_variable; /* the variable being validated has another value here */
    struct str variable_name;
    struct value variable;
};

/* expansion and instance may be NULL: no count and each. */
void frame_init(struct frame *frame, struct resolve *r, struct module_inst *inst,
                const struct expansion *expansion, const struct resolve_instance *instance);
/* The same by address, for apply: false when the configuration has no such instance. */
bool frame_at(struct frame *frame, struct resolve *r, const struct instance_addr *addr,
              struct diags *diags);
/* For an object that is being destroyed: only each.key, count.index and self. */
void frame_destroy(struct frame *frame, struct resolve *r, struct key key, struct value self);
/* The block of a resource instance as a value of its schema. */
/* An error for a count, each, path or terraform that a block so repeated does not have. */
bool frame_check_name(enum repetition kind, const struct ref *ref, struct diags *diags);
bool frame_config(struct frame *frame, struct arena *arena, const struct unit *unit,
                  struct value *ret_value, struct diags *diags);

#endif
