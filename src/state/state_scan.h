/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor over JSON text that builds nothing: what a state file holds is taken as views, so that
 * loading costs one pass and the memory of the objects that are kept. Values that are skipped are
 * checked for syntax all the same.
 */
#ifndef LOAM_STATE_SCAN_H
#define LOAM_STATE_SCAN_H

#include "base/str.h"

struct arena;

struct state_scan {
    struct str text;
    size_t at;
    bool failed;  /* syntax error at `at` */
    bool started; /* inside a list or object, behind its first element */
};

/* Steps into an object (array); false when the next value is none. */
bool state_scan_open(struct state_scan *scan, char bracket);
/* Next member's name, decoded; false behind the last one or on an error. Then read its value. */
bool state_scan_member(struct state_scan *scan, struct arena *arena, struct str *ret_name);
/* Is there another element? */
bool state_scan_item(struct state_scan *scan);
/* The next value as text. */
bool state_scan_raw(struct state_scan *scan, struct str *ret_raw);
/* Behind the whole document only blanks may stand. */
bool state_scan_end(struct state_scan *scan);

/* What a raw text holds; false when it is of another kind. */
bool state_scan_string(struct arena *arena, struct str raw, struct str *ret_text);
bool state_scan_null(struct str raw);

#endif
