/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words in which an AWS resource is written down as data. One row says which calls make, show,
 * change and remove an object and which member of which message is which attribute; resource.c
 * reads it. What does not fit is a named hook (hooks.c); many hooks mean that a word is missing
 * here.
 *
 * Attributes are named as in the schema (facts.h). Names that begin with '.' are hidden: they carry
 * what one call hands to the next. Action 0 (AcceptDelegationRequest, which no resource uses)
 * stands for "no call".
 */
#ifndef LOAM_RESOURCE_ROW_H
#define LOAM_RESOURCE_ROW_H

#include "base/str.h"
#include "wire/fault.h"

struct arena;
struct op;

enum bind_flag {
    BIND_INNER = 1,    /* `inner` is a member of the structure at `member` */
    BIND_DOCUMENT = 2, /* a policy: URL-encoded when read, compared by meaning */
    BIND_PRIOR = 4,    /* in requests: the value before the change */
    BIND_ALWAYS = 8,   /* in requests: also when null, empty or 0 */
    BIND_NULL = 16,    /* in answers: absent is null, not the empty value */
    BIND_FIRST = 32,   /* in answers: the first of the list at `member`, and `inner` in it unless
                          it is a text */
    BIND_KEEP = 64,    /* in answers: only where the attribute is null or unknown yet */
};

/* An attribute and the member that carries it. In lists the last one has no attr. */
struct bind {
    const char *attr;
    int16_t member;
    int16_t inner;
    uint8_t flags;
    const char *text; /* in requests: this constant instead (attr is "=") */
};

/* Faults that pass by themselves: the call is repeated for two minutes. */
struct settle {
    enum fault_code code;
    const char *text; /* part of the message; NULL: any */
};

struct call_row {
    int16_t action;
    const struct bind *in;
    const char *frame;           /* "creating IAM User ({name})" */
    bool missing_is_done;        /* NoSuchEntity counts as success */
    const struct settle *settle; /* ended by FAULT_NONE */
};

#define WHOLE (-1) /* the answer itself instead of a member of it; list items that are texts */

/* A call that shows the object: a structure, or the item of a list where `match` agrees. */
struct read_row {
    struct call_row call;
    int16_t result;       /* member of the answer (structure, or list with `match`), or WHOLE */
    const char *match;    /* attribute that tells the item; NULL: `result` is a structure */
    int16_t match_member; /* of the item, or WHOLE */
    const struct bind *out;
    int16_t tags; /* member of the structure that has the tags; NO_TAGS */
};

#define NO_TAGS (-1)

/* Which attributes a change call serves; when_empty instead, where the first of them became empty.
 */
struct update_row {
    const char *attrs[5];
    struct call_row call, when_empty;
};

enum children_flag {
    CHILDREN_SHARED = 1,    /* others may manage more of them: only own ones are seen */
    CHILDREN_STAY = 2,      /* destroying the resource leaves them */
    CHILDREN_FROM_READ = 4, /* the reads fill the attribute; no list call */
    CHILDREN_CREATED = 8,   /* the create call makes them */
    CHILDREN_REMOVE_FIRST = 16,
    CHILDREN_EXCLUSIVE = 32,  /* compared with what is there, not with the prior state */
    CHILDREN_MUST_EXIST = 64, /* no children at all: the resource is gone */
};

/* A set attribute whose elements are things of their own, added and removed by single calls. */
struct children_row {
    const char *attr;
    struct call_row list;
    int16_t items;               /* list member of the answer */
    int16_t item;                /* member of its element, or WHOLE */
    struct call_row add, remove; /* with ".item" */
    uint8_t flags;
};

/* What is removed before the object itself. */
struct sweep_row {
    const char *when; /* attribute that must be true; NULL: always */
    struct call_row list;
    int16_t items, item;
    bool has_skip;
    int16_t skip;            /* bool member of the element: true ones stay */
    const struct bind *only; /* elements whose member says what the attribute says; NULL: all */
    struct call_row remove, also;
};

struct tags_row {
    int16_t tag, tag_key, tag_tags;
    int16_t untag, untag_key, untag_keys;
    const char *key;      /* attribute that names the object */
    bool in_create;       /* the create call takes them */
    int16_t create;       /* its member */
    struct read_row read; /* where the object's own answer does not show them */
};

/* What a create call made whose answer was lost (lost.h), and how it is told from other things. */
struct lost_row {
    const struct bind *born; /* time of making, in the first read or an item of the list */
    struct call_row list;    /* shows it where the first read cannot; else no call */
    int16_t items, item;     /* list member of the answer; member of its element for `attr` */
    const char *attr;        /* what the create answer would have told */
    const char *same;        /* attribute that it has as planned */
    bool anew;               /* the answer alone had a secret: it is removed and made once more */
};

/* A text that may be written in several ways: what is kept of it, and when two are the same. */
struct equal_row {
    const char *attr;
    bool (*same)(struct arena *scratch, struct str state, struct str configured);
    struct str (*normal)(struct arena *arena, struct str configured); /* NULL: as it is */
    struct str (*written)(struct arena *arena, struct str state); /* in configurations; the same */
};

enum row_flag {
    ROW_NAMED = 1,         /* name, or name_prefix, or a generated name */
    ROW_FRAMEWORK = 2,     /* errors in title and detail; absent is null; no legacy types */
    ROW_NO_READ = 4,       /* the create answer is all there is to know */
    ROW_UPDATE_ALL = 8,    /* any change repeats the create call */
    ROW_STAYS = 16,        /* destroy only forgets it */
    ROW_GENERATED_ID = 32, /* `id` is the prefix of a generated one */
    ROW_FINDS = 512,       /* before_read looks up what an import id leaves open, at once */
    ROW_INLINE = 128,      /* policies are kept with Version first */
    ROW_KEEPS_ID = 256,    /* `id` stays as it once was: older releases made others */
    ROW_RAW = 64,          /* data sources: a missing object is told in the service's own words */
};

typedef bool resource_hook(struct op *op);

struct resource_row {
    struct str type;
    const char *noun;         /* "IAM User": "reading IAM User (id)" */
    const char *id;           /* "{name}"; NULL: no id attribute */
    const char *import;       /* "{user}/{policy_arn}"; NULL: cannot be imported */
    const char *import_fault; /* what to say of an id of another form */
    unsigned flags;
    struct call_row create;
    int16_t created_result;       /* structure in the create answer, or WHOLE */
    const char *made;             /* the ARN it will have, where reads need it; NULL: they do not */
    const struct lost_row *lost;  /* NULL: repeating the create call does no harm */
    const struct bind *created;   /* what to take from it; NULL: nothing */
    const struct read_row *reads; /* ended by one without a call */
    const struct update_row *updates;    /* ended by one without attributes */
    const struct children_row *children; /* ended by one without an attribute */
    const struct sweep_row *sweeps;      /* ended by one without a remove call */
    const struct equal_row *equals;      /* ended by one without an attribute */
    struct call_row destroy;
    bool has_tags;
    struct tags_row tags;
    /* Hooks: each returns false after adding an error. */
    resource_hook *before_create, *after_create, *before_update, *before_read, *after_read,
        *before_destroy, *after_destroy, *plan;
};

/* The table: things of their own (resource_table.c), and what ties them together (link_table.c). */
extern const struct resource_row resource_table[];
extern const size_t resource_table_n;
extern const struct resource_row link_table[];
extern const size_t link_table_n;
/* Data sources: rows that only read. */
extern const struct resource_row data_table[];
extern const size_t data_table_n;

#endif
