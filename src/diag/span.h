/* SPDX-License-Identifier: Apache-2.0 */
/* A stretch of a source (source.h): two byte offsets and a file number, cheap enough for every
 * node. */
#ifndef LOAM_SPAN_H
#define LOAM_SPAN_H

#include <stdint.h>

/* File 0 is "nowhere". The end is exclusive. */
struct span {
    uint32_t file;
    uint32_t start;
    uint32_t end;
};

/* From the start of a to the end of b; either may be nowhere. */
struct span span_join(struct span a, struct span b);

/*
 * The place of what stands nowhere: messages give it as line 0 of a file without a name, as the
 * reference does for names that it only supposes.
 */
#define SPAN_VOID_FILE UINT32_MAX
#define SPAN_VOID ((struct span){SPAN_VOID_FILE, 0, 0})

#endif
