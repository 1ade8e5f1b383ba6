/* SPDX-License-Identifier: Apache-2.0 */
#include "base/trace.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/fs.h"

static enum trace_level open_level = TRACE_OFF;
static int open_fd = 2;

void trace_open(enum trace_level level, int fd) {
    open_level = level;
    open_fd = fd;
}

bool trace_on(enum trace_level level) {
    return level <= open_level;
}

void trace_line(enum trace_level level, const char *format, ...) {
    static const char *const names[] = {"", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"};
    if (!trace_on(level))
        return;
    struct arena *scratch = arena_new();
    va_list args;
    va_start(args, format);
    struct str text = str_vformat(scratch, format, args);
    va_end(args);
    struct str when = clock_rfc3339(scratch, clock_now_ms());
    struct str line =
        str_format(scratch, "%.*s [%s] %.*s\n", STR_ARG(when), names[level], STR_ARG(text));
    (void)fs_write_fd(open_fd, line);
    arena_free(scratch);
}
