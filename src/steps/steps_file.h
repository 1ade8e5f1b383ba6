/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan kept in a file until it is applied: the changes, the state they start from and the
 * configuration that asked for them, so that an apply does exactly what was shown. The format is
 * loam's own, has a version and a checksum, and is readable by its owner only, for it holds
 * secrets.
 */
#ifndef LOAM_STEPS_FILE_H
#define LOAM_STEPS_FILE_H

#include "steps/steps.h"

struct steps_file {
    struct plan *plan;
    struct map sources; /* path as it was opened -> struct str *: the configuration's files */
    struct str lineage; /* of the state that the plan was made from; empty: there was none */
    int64_t serial;
    struct str backend_config; /* JSON, or empty */
    struct str lock_file;      /* bytes of the dependency lock file, or empty */
    struct str engine_version; /* that wrote it */
};

/* The file's bytes; false: they would be too many. */
bool steps_file_encode(struct arena *arena, const struct steps_file *file, struct str *ret_bytes);
/* Do the bytes begin as a plan file does? */
bool steps_file_is(struct str bytes);
/*
 * The changes come back without their schemas and configuration (apply_run fills them in; for
 * showing, see steps_file_attach). *ret_error is a sentence part in the reference's words.
 */
bool steps_file_decode(struct arena *arena, struct str bytes, struct steps_file *ret_file,
                       struct str *ret_error);
/* Gives each change and drift its schema; `find` returns NULL for what it does not know. */
void steps_file_attach(struct plan *plan,
                       const struct schema *(*find)(void *context, struct provider_addr provider,
                                                    enum resource_mode mode, struct str type),
                       void *context);
/* Was the state changed since? current NULL: there is no state. Adds the reference's error. */
bool steps_file_check(const struct steps_file *file, const struct state *current,
                      struct diags *diags);

#endif
