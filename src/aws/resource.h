/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one interpreter of the resource table: create, read, change, destroy and import any AWS
 * object that a row describes.
 */
#ifndef LOAM_RESOURCE_H
#define LOAM_RESOURCE_H

#include "aws/facts.h"
#include "aws/record.h"
#include "aws/resource_row.h"
#include "aws/service.h"
#include "provider/provider.h"

/* A resource type as the interpreter knows it. */
struct resource {
    const struct resource_row *row;
    const struct fact_schema *facts;
    const struct schema *schema;
    const struct type *type;
};

/* One verb on one object. */
struct op {
    struct arena *arena;
    struct service *service;
    const struct resource *resource;
    struct diags *diags;
    struct record now;    /* as planned, then as it became */
    struct record prior;  /* before; all null on create */
    struct record config; /* plan only */
    bool creating, destroying;
    bool gone;             /* set by reads: there is no such object */
    bool lenient;          /* a missing object is retried: it was just made */
    struct paths *replace; /* plan only: attributes whose change needs a new object */
    int listed_action;     /* the last list call of children and its answer */
    struct message *listed;
};

void resource_op(struct op *op, struct arena *arena, struct service *service,
                 const struct resource *resource, struct diags *diags);
/* With diagnostics, true unless an error was added. op->gone: the object does not exist. */
bool resource_read(struct op *op);
bool resource_create(struct op *op);
bool resource_update(struct op *op);
bool resource_destroy(struct op *op);
/* op->now from an import id or, when id is empty, from an identity object. */
bool resource_import(struct op *op, struct str id, struct value identity);
struct value resource_identity(struct op *op);
/* The import id that the planned object op->now will have; empty when it cannot be told yet. */
struct str resource_import_id(struct op *op);
/* op->prior, op->now (the proposal) and op->config to the planned op->now and op->replace. */
bool resource_plan(struct op *op);

/* Before apply: what became known since the plan is brought to the form a plan would give it. */
void resource_known(struct op *op);

/* One call of a row: false after adding an error. *ret_answer may be NULL afterwards, when a
 * missing object was to be ignored. */
bool resource_call(struct op *op, const struct call_row *call, struct message **ret_answer);
/* The same, but the fault is left to the caller. */
struct message *resource_try(struct op *op, const struct call_row *call, struct fault *ret_fault);
void resource_take(struct op *op, const struct message *from, const struct bind *out);
/* Adds an error in the provider's frame. */
void resource_error(struct op *op, const char *frame, const char *format, ...) PRINTF_LIKE(3, 4);
void resource_fault(struct op *op, const struct call_row *call, const struct fault *fault);

/* A record as the legacy SDK would leave it: null and empty as in `like`. */
void resource_normalize(struct op *op, const struct record *like, bool applied);

#endif
