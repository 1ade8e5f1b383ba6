/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dependency lock file, .terraform.lock.hcl: which release of each provider a configuration is
 * tied to and the checksums that its packages may have ("Dependency Lock File").
 */
#ifndef LOAM_LOCK_FILE_H
#define LOAM_LOCK_FILE_H

#include "base/map.h"
#include "diag/diag.h"

#define LOCK_FILE_NAME ".terraform.lock.hcl"

struct lock_file_entry {
    struct str source; /* "registry.terraform.io/hashicorp/random" */
    struct str version;
    struct str constraints; /* or empty */
    struct str *hashes;     /* "h1:...", "zh:..."; sorted when written */
    size_t n_hashes;
};

/* Entries by source; empty when there is no file. false: it cannot be read. */
bool lock_file_read(struct arena *arena, struct sources *sources, struct map *ret_entries,
                    struct diags *diags);
/* An errno value, 0 = done. */
int lock_file_write(struct arena *scratch, const struct map *entries);
/* Adds a hash unless the entry has it; true when it was new. */
bool lock_file_add_hash(struct arena *arena, struct lock_file_entry *entry, struct str hash);
/*
 * The "h1:" checksum of an unpacked package: base64 of the SHA-256 of a line for each file, its
 * SHA-256 and its name. Returns an errno value.
 */
int lock_file_hash(struct arena *arena, struct str folder, struct str *ret_hash);

#endif
