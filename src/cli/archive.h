/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpacks zip, tar and gzipped tar archives into a folder, and never outside it: entries with
 * absolute names, "..", or links that lead out are refused. Bounded in size and in entries.
 */
#ifndef LOAM_ARCHIVE_H
#define LOAM_ARCHIVE_H

#include "base/str.h"

struct arena;

/* Is the file name (of a path or URL without its query) one of an archive that can be unpacked? */
bool archive_is_name(struct str name);
/* dir is made. false: *ret_error says why. What was written until then stays. */
bool archive_unpack(struct arena *arena, struct str bytes, struct str dir, struct str *ret_error);

#endif
