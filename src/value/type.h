/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types of the Terraform language. Interned for the life of the process, so equality is pointer
 * equality and any thread may use them. TYPE_DYNAMIC ("any", "dynamic") stands for a type not
 * known.
 */
#ifndef LOAM_TYPE_H
#define LOAM_TYPE_H

#include "base/intern.h"
#include "base/str.h"

struct arena;
struct buf;

enum type_kind {
    TYPE_DYNAMIC,
    TYPE_BOOL,
    TYPE_NUMBER,
    TYPE_STRING,
    TYPE_LIST,
    TYPE_SET,
    TYPE_MAP,
    TYPE_TUPLE,
    TYPE_OBJECT,
    TYPE_TYPE, /* the result of type(), known only to the console */
};

struct type {
    enum type_kind kind;
    bool has_dynamic;                /* TYPE_DYNAMIC is here or somewhere inside */
    bool has_optional;               /* optional attributes here or inside: a constraint */
    uint32_t n;                      /* elements of a tuple, attributes of an object */
    const struct type *element;      /* list, set, map */
    const struct type *const *items; /* tuple elements; attribute types in order of names */
    const struct name *const *names; /* object attributes sorted by bytes */
    const bool *optional;            /* object: per attribute; NULL when none is */
};

extern const struct type *const type_dynamic;
extern const struct type *const type_bool;
extern const struct type *const type_number;
extern const struct type *const type_string;
extern const struct type *const type_type;

const struct type *type_list(const struct type *element);
const struct type *type_set(const struct type *element);
const struct type *type_map(const struct type *element);
const struct type *type_tuple(const struct type *const *items, size_t n);
/* Names in any order, no duplicates; optional may be NULL. */
const struct type *type_object(const struct name *const *names, const struct type *const *items,
                               const bool *optional, size_t n);

bool type_is_primitive(const struct type *type);
bool type_is_collection(const struct type *type); /* list, set or map */
/* Position of an attribute of an object type, or -1. */
ptrdiff_t type_attr(const struct type *type, const struct name *name);
/* Whether a value of type `given` may stand where `want` is wanted without conversion: the same
 * type but for what "any" in `want` leaves open. */
bool type_conforms(const struct type *given, const struct type *want);
/* The same type with every attribute required. */
const struct type *type_without_optional(const struct type *type);

/* "list of string", "object", "map of object": cty's FriendlyName, for messages. */
struct str type_friendly(struct arena *arena, const struct type *type);
/* The same for a constraint: "any" becomes "any type", etc. (FriendlyNameForConstraint). */
struct str type_friendly_constraint(struct arena *arena, const struct type *type);
/* JSON form in schemas, state and plans: "string", ["list","string"], ["object",{...}]. */
void type_write_json(struct buf *out, const struct type *type);
struct json;
/* NULL when it is not one. */
const struct type *type_from_json(struct arena *scratch, const struct json *json);
/* As type() prints and as a constraint is written: `map(object({...}))`, over lines when indented.
 */
void type_write_hcl(struct buf *out, const struct type *type, int indent);

#endif
