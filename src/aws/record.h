/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One object being worked on: the attributes of a schema by name, each a value that may be
 * replaced, and a few hidden ones (names that begin with '.') which carry what one API call hands
 * to the next and never reach the state.
 */
#ifndef LOAM_RECORD_H
#define LOAM_RECORD_H

#include "value/value.h"

struct arena;

#define RECORD_HIDDEN_MAX 8

struct record {
    struct arena *arena;
    const struct type *type;
    struct value *at;
    struct str hidden_names[RECORD_HIDDEN_MAX];
    struct value hidden[RECORD_HIDDEN_MAX];
    size_t n_hidden;
};

/* From an object value; a null or unknown one gives all nulls. */
void record_init(struct record *r, struct arena *arena, const struct type *type, struct value v);
struct value record_value(const struct record *r);
bool record_has(const struct record *r, struct str name);
/* Null when there is no such attribute. */
struct value record_get(const struct record *r, struct str name);
/* Ignored when there is no such attribute, so that one list of outputs serves several types. */
void record_set(struct record *r, struct str name, struct value v);
/* Text of a known string (or number, bool as text), else empty. */
struct str record_text(const struct record *r, struct str name);
void record_set_text(struct record *r, struct str name, struct str text);
bool record_true(const struct record *r, struct str name);
/* "a {name} b {~name}": with {~x} from `prior`, which may be NULL. */
struct str record_expand(const struct record *r, const struct record *prior, const char *text);
/* Every unknown left becomes null. */
void record_settle(struct record *r);

#endif
