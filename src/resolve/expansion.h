/* SPDX-License-Identifier: Apache-2.0 */
/*
 * count and for_each: which instances a resource or module call has, and the value that the whole
 * of them is.
 */
#ifndef LOAM_EXPANSION_H
#define LOAM_EXPANSION_H

#include "resolve/resolve.h"

/* Instances of a resource, module call or provider configuration within one module instance; NULL
 * with errors (once). */
struct expansion *expansion_of(struct resolve *r, struct module_inst *inst, const struct unit *unit,
                               struct diags *diags);
struct resolve_instance *expansion_find(const struct expansion *expansion, struct key key);
/* What a resource instance is (planned or applied); forgets the value of the whole resource. */
void expansion_set(struct expansion *expansion, struct resolve_instance *instance,
                   struct value value);
/* By address, for apply. false when the configuration has no such instance. */
bool expansion_set_at(struct resolve *r, const struct instance_addr *addr, struct value value);
/* What is known of a resource, an instance or all of them, when nothing is. */
struct value expansion_unknown(const struct unit *unit, const struct type *type);
/* The value of one instance, and of all: an object, a tuple (count) or an object by key. */
struct value expansion_instance(struct resolve *r, struct arena *arena, struct module_inst *inst,
                                const struct unit *unit, struct resolve_instance *instance);
struct value expansion_whole(struct resolve *r, struct arena *arena, struct module_inst *inst,
                             const struct unit *unit, struct expansion *expansion);

#endif
