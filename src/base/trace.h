/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The debug log (`TF_LOG`, `TF_LOG_PATH`). Off unless the command line turns it on, and then one
 * line a call; never give it a secret.
 */
#ifndef LOAM_TRACE_H
#define LOAM_TRACE_H

#include "base/str.h"

enum trace_level { TRACE_OFF, TRACE_ERROR, TRACE_WARN, TRACE_INFO, TRACE_DEBUG, TRACE_TRACE };

/* fd is where lines go; called once at start. */
void trace_open(enum trace_level level, int fd);
bool trace_on(enum trace_level level);
void trace_line(enum trace_level level, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
