/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of the Terraform language: 16 bytes, passed by value, immutable. Parts live in the arena
 * that was given at construction and must outlive the value; threads share them freely. A value may
 * be unknown (decided at apply), null, and marked (sensitive, ephemeral); marks and unknowns inside
 * are also kept as bits on every value that contains them.
 */
#ifndef LOAM_VALUE_H
#define LOAM_VALUE_H

#include "base/str.h"
#include "value/type.h"

struct arena;
struct buf;
struct bignum;
struct value_group;
struct value_unknown;

enum value_kind {
    VALUE_NULL,
    VALUE_UNKNOWN,
    VALUE_BOOL,
    VALUE_INT,    /* a number that int64 holds exactly */
    VALUE_BIGNUM, /* any other number, -0 too: 512-bit binary float, as cty */
    VALUE_STRING, /* UTF-8, NFC */
    VALUE_LIST,
    VALUE_SET, /* distinct, in canonical order */
    VALUE_MAP, /* sorted by key */
    VALUE_TUPLE,
    VALUE_OBJECT, /* attributes in the order of its type's names */
    VALUE_TYPE,   /* a type as a value, result of type() */
};

enum value_flag {
    VALUE_SENSITIVE = 1, /* marks of this very value */
    VALUE_EPHEMERAL = 2,
    VALUE_DEPRECATED = 4,
    VALUE_MARKS = 7,
    VALUE_UNKNOWN_INSIDE = 16,   /* this value or something in it is unknown */
    VALUE_SENSITIVE_INSIDE = 32, /* this value or something in it has the mark */
    VALUE_EPHEMERAL_INSIDE = 64,
    VALUE_DEPRECATED_INSIDE = 128,
};

struct value {
    uint8_t kind;
    uint8_t flags;
    uint16_t spare;
    uint32_t count; /* bytes of a string, elements of a collection */
    union {
        bool boolean;
        int64_t integer;
        const struct bignum *bignum;
        const char *bytes;
        const struct value_group *group;
        const struct value_unknown *unknown;
        const struct type *type; /* of a null; of VALUE_TYPE; of an unknown without refinement */
    };
};

/* What is known of an unknown value. */
struct value_unknown {
    const struct type *type;
    bool not_null;
    struct str prefix; /* strings */
    bool has_min, has_max, min_inclusive, max_inclusive;
    struct value min, max;          /* numbers */
    int64_t min_length, max_length; /* collections; max 0 or -1 = no bound */
};

/* Construction. */
struct value value_null(const struct type *type);
struct value value_unknown(const struct type *type);
struct value value_unknown_refined(struct arena *arena, const struct value_unknown *what);
struct value value_bool(bool b);
struct value value_int(int64_t i);
/* Decimal text with optional fraction and exponent; false when it is not a number. */
bool value_number_parse(struct arena *arena, struct str text, struct value *ret_value);
struct value value_double(struct arena *arena, double d);
/* A number of base/bignum.h, which must outlive the value. */
struct value value_bignum(const struct bignum *b);
const struct bignum *value_to_bignum(struct arena *arena, struct value v);
/* Copies and normalises to NFC. */
struct value value_string(struct arena *arena, struct str text);
/* A view that is NFC already and outlives the value: nothing is copied. */
struct value value_string_view(struct str text);
/* Elements are copied to the arena. Types must match element exactly; marks are kept. */
struct value value_list(struct arena *arena, const struct type *element, const struct value *at,
                        size_t n);
/* Sorts and drops duplicates; marks of elements move to the set, as in cty. */
struct value value_set(struct arena *arena, const struct type *element, const struct value *at,
                       size_t n);
/* Keys in any order; of equal keys the last wins. */
struct value value_map(struct arena *arena, const struct type *element, const struct str *keys,
                       const struct value *at, size_t n);
struct value value_tuple(struct arena *arena, const struct value *at, size_t n);
/* Names in any order, distinct. */
struct value value_object(struct arena *arena, const struct name *const *names,
                          const struct value *at, size_t n);
/* Of a known object type, attribute values in the order of type->names. */
struct value value_object_of(struct arena *arena, const struct type *type, const struct value *at);
struct value value_of_type(const struct type *type);
/* Into a longer-living arena. */
struct value value_copy(struct arena *arena, struct value v);
/* Out of `scratch`, which goes: copies only what is in it and shares the rest. */
struct value value_keep(struct arena *arena, const struct arena *scratch, struct value v);

/* Looking. Marks do not matter here unless said. */
const struct type *value_type(struct value v);
bool value_is_null(struct value v);
bool value_is_known(struct value v);        /* this value itself */
bool value_is_wholly_known(struct value v); /* and all inside */
bool value_is_number(struct value v);       /* a known number */
struct str value_str(struct value v);       /* of VALUE_STRING */
/* Elements of a list, set, map, tuple or object that is neither null nor unknown. */
size_t value_count(struct value v);
struct value value_at(struct value v, size_t i);
struct str value_key(struct value v, size_t i); /* map key or attribute name */
/* Element by map key or attribute name; false when absent. */
bool value_get(struct value v, struct str key, struct value *ret_element);
/* Attribute of an object that must exist. */
struct value value_attr(struct value v, struct str name);
/* What is known of an unknown; never NULL for VALUE_UNKNOWN. */
struct value_unknown value_refinement(struct value v);
/* A whole number in range; false for fractions and others. */
bool value_to_int(struct value v, int64_t *ret_int);
double value_to_double(struct value v);

/* Marks. */
unsigned value_marks(struct value v);        /* of this value, VALUE_SENSITIVE | ... */
unsigned value_marks_inside(struct value v); /* of it and all inside */
struct value value_mark(struct value v, unsigned marks);
struct value value_unmark(struct value v); /* only this level */
struct value value_unmark_deep(struct arena *arena, struct value v);

/*
 * Same type, same content, same unknowns and nulls (cty's RawEquals); marks must agree too.
 * value_order is a total order over values of one type: that of set elements.
 */
bool value_same(struct value a, struct value b);
int value_order(struct value a, struct value b);
uint64_t value_hash(struct value v);
/* cty's own hash, which Terraform writes down to notice a changed configuration. */
uint32_t set_key_hash(struct value v);

/* Numbers as the language writes them: shortest exact decimal, no exponent. */
void value_write_number(struct buf *out, struct value v);

#endif
