/* SPDX-License-Identifier: Apache-2.0 */
/* Another program, run to its end, its output passed on line by line. */
#ifndef LOAM_SUBPROCESS_H
#define LOAM_SUBPROCESS_H

#include "base/str.h"

struct arena;

struct subprocess {
    const struct str *argv;
    size_t n_argv;
    const struct str *environment; /* NAME=VALUE, on top of this process's own */
    size_t n_environment;
    struct str dir;   /* or empty */
    struct str input; /* standard input */
    /* Each line of standard output and error, without its end. */
    void (*line)(void *context, struct str line);
    void *context;
    const _Atomic bool *abort_now; /* or NULL: the process group is killed */
};

/*
 * False when it could not be started or ended badly; *ret_error says how, in Go's words ("exit
 * status 1"). *ret_tail is the end of its output, at most 8 KiB.
 */
bool subprocess_run(struct arena *arena, const struct subprocess *what, struct str *ret_tail,
                    struct str *ret_error);

#endif
