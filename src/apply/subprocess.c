/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"

#define SUBPROCESS_TAIL ((size_t)8 << 10)
#define SUBPROCESS_POLL_MS 200

extern char **environ;

struct running {
    const struct subprocess *what;
    pid_t pid;
    int in, out; /* our ends of the pipes, -1 when closed */
    size_t sent; /* of the input */
    struct buf line;
    struct buf tail;
    bool killed;
};

/* This process's environment with that of the block in place of variables of the same name. */
static char **make_environment(struct arena *arena, const struct subprocess *what) {
    size_t n = 0;
    while (environ[n])
        n++;
    char **all = arena_array(arena, n + what->n_environment + 1, sizeof *all);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct str old = str_from(environ[i]);
        struct str name = str_slice(old, 0, (size_t)(str_find_byte(old, '=') + 1));
        bool replaced = false;
        for (size_t j = 0; j < what->n_environment; j++)
            replaced = replaced || str_starts(what->environment[j], name);
        if (!replaced)
            all[kept++] = environ[i];
    }
    for (size_t j = 0; j < what->n_environment; j++)
        all[kept++] = (char *)str_c(arena, what->environment[j]);
    return all;
}

static void close_pair(int pair[2]) {
    close(pair[0]);
    close(pair[1]);
}

static int spawn_into(struct arena *arena, const struct subprocess *what, const int in[2],
                      const int out[2], pid_t *ret_pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, out[1], 2);
    if (what->dir.len > 0)
        posix_spawn_file_actions_addchdir_np(&actions, str_c(arena, what->dir));
    /* A group of its own, so that an interrupt of ours is not one of it, and all can be killed. */
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attr, 0);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attr, &none);
    char **argv = arena_array(arena, what->n_argv + 1, sizeof *argv);
    for (size_t i = 0; i < what->n_argv; i++)
        argv[i] = (char *)str_c(arena, what->argv[i]);
    int error =
        posix_spawnp(ret_pid, argv[0], &actions, &attr, argv, make_environment(arena, what));
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static struct str start_error(struct arena *arena, const struct subprocess *what, int error) {
    struct str program = what->argv[0];
    if (what->dir.len > 0 && !fs_is_dir(what->dir))
        return str_format(arena, "chdir %.*s: no such file or directory", STR_ARG(what->dir));
    if (error == ENOENT && str_find_byte(program, '/') < 0)
        return str_format(arena, "exec: \"%.*s\": executable file not found in $PATH",
                          STR_ARG(program));
    return str_format(arena, "fork/exec %.*s: %.*s", STR_ARG(program),
                      STR_ARG(fs_error_text(arena, error)));
}

static bool start(struct arena *arena, const struct subprocess *what, struct running *r,
                  struct str *ret_error) {
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0) {
        *ret_error = fs_error_text(arena, errno);
        return false;
    }
    if (pipe2(out, O_CLOEXEC) != 0) {
        *ret_error = fs_error_text(arena, errno);
        close_pair(in);
        return false;
    }
    int error = spawn_into(arena, what, in, out, &r->pid);
    if (error != 0) {
        *ret_error = start_error(arena, what, error);
        close_pair(in);
        close_pair(out);
        return false;
    }
    close(in[0]);
    close(out[1]);
    r->in = in[1];
    r->out = out[0];
    fcntl(r->in, F_SETFL, O_NONBLOCK);
    return true;
}

static void keep_tail(struct buf *tail, struct str bytes) {
    buf_add(tail, bytes);
    if (tail->len <= SUBPROCESS_TAIL)
        return;
    size_t drop = tail->len - SUBPROCESS_TAIL;
    memmove(tail->at, tail->at + drop, SUBPROCESS_TAIL);
    tail->len = SUBPROCESS_TAIL;
}

static void end_line(struct running *r) {
    struct str line = buf_str(&r->line);
    if (str_ends(line, S("\r")))
        line.len--;
    if (r->what->line)
        r->what->line(r->what->context, line);
    buf_reset(&r->line);
}

static void read_output(struct running *r) {
    char bytes[4096];
    ssize_t n = read(r->out, bytes, sizeof bytes);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        close(r->out);
        r->out = -1;
        return;
    }
    keep_tail(&r->tail, (struct str){bytes, (size_t)n});
    for (ssize_t i = 0; i < n; i++)
        if (bytes[i] == '\n')
            end_line(r);
        else
            buf_byte(&r->line, bytes[i]);
}

static void write_input(struct running *r) {
    struct str input = r->what->input;
    if (r->sent < input.len) {
        ssize_t n = write(r->in, input.at + r->sent, input.len - r->sent);
        if (n > 0)
            r->sent += (size_t)n;
        else if (n < 0 && errno != EAGAIN && errno != EINTR)
            r->sent = input.len;
    }
    if (r->sent >= input.len) {
        close(r->in);
        r->in = -1;
    }
}

/* Did the process end? Its output may go on in children that it left behind. */
static bool has_ended(const struct running *r) {
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

static void attend(struct running *r) {
    while (r->out >= 0) {
        struct pollfd fds[2] = {{.fd = r->out, .events = POLLIN}, {.fd = r->in, .events = POLLOUT}};
        int n = poll(fds, 2, SUBPROCESS_POLL_MS);
        if (r->what->abort_now && *r->what->abort_now && !r->killed) {
            kill(-r->pid, SIGKILL);
            r->killed = true;
        }
        if (r->in >= 0 && fds[1].revents)
            write_input(r);
        if (n > 0 && fds[0].revents)
            read_output(r);
        else if (r->killed && has_ended(r))
            break;
    }
    if (r->line.len > 0)
        end_line(r);
}

bool subprocess_run(struct arena *arena, const struct subprocess *what, struct str *ret_tail,
                    struct str *ret_error) {
    struct running r = {.what = what, .in = -1, .out = -1};
    if (!start(arena, what, &r, ret_error))
        return false;
    buf_init(&r.line, BUF_MAX_TEXT);
    buf_init(&r.tail, SUBPROCESS_TAIL * 2);
    attend(&r);
    if (r.in >= 0)
        close(r.in);
    if (r.out >= 0)
        close(r.out);
    int status = 0;
    while (waitpid(r.pid, &status, 0) < 0 && errno == EINTR)
        ;
    buf_clear(&r.line);
    *ret_tail = buf_take(&r.tail, arena);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    *ret_error = WIFSIGNALED(status)
                     ? str_format(arena, "signal: %s", sigdescr_np(WTERMSIG(status)))
                     : str_format(arena, "exit status %d", WEXITSTATUS(status));
    if (WIFSIGNALED(status))
        *ret_error = str_lower(arena, *ret_error);
    return false;
}
