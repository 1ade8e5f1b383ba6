/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <grp.h>
#include <pwd.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/trace.h"

#define LAUNCH_TIMEOUT_MS 60000
#define LAUNCH_LOOK_MS 100
#define LAUNCH_MAX_GREETING ((size_t)64 << 10)
#define LAUNCH_MAX_LOG ((size_t)1 << 20)

extern char **environ;

/* What makes a plugin start instead of telling that it is one. */
static const char *const greetings[] = {
    "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    "PLUGIN_PROTOCOL_VERSIONS=5,6",
    "PLUGIN_MIN_PORT=10000",
    "PLUGIN_MAX_PORT=25000",
};

struct stream {
    int fd;
    struct buf line;
};

struct launch {
    pid_t pid;
    struct str program;
    const _Atomic bool *aborted;
    struct stream out, err;
    pthread_t thread; /* reads both after the greeting */
    bool draining;
};

static char **make_environment(struct arena *arena, struct str certificate) {
    size_t n = 0, kept = 0;
    while (environ[n])
        n++;
    char **all = arena_array(arena, n + COUNT(greetings) + 2, sizeof *all);
    for (size_t i = 0; i < n; i++) {
        /* A certificate of another client would make the plugin ask for TLS. */
        if (!str_starts(str_from(environ[i]), S("PLUGIN_")))
            all[kept++] = environ[i];
    }
    for (size_t i = 0; i < COUNT(greetings); i++)
        all[kept++] = (char *)greetings[i];
    if (certificate.len > 0)
        all[kept++] = (char *)str_c(arena, str_cat(arena, S("PLUGIN_CLIENT_CERT="), certificate));
    return all;
}

static int spawn(struct arena *arena, struct launch *l, struct str certificate, const int out[2],
                 const int err[2]) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    posix_spawnattr_init(&attr);
    /* A group of its own: an interrupt is for us, and we tell the plugin what to do. */
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attr, 0);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attr, &none);
    char *argv[] = {(char *)str_c(arena, l->program), NULL};
    int error =
        posix_spawn(&l->pid, argv[0], &actions, &attr, argv, make_environment(arena, certificate));
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Bytes up to a line's end into the stream's buffer; true when *ret_line is one. */
static bool add_bytes(struct stream *s, const char *bytes, size_t n, size_t *used) {
    for (; *used < n; (*used)++) {
        if (bytes[*used] == '\n') {
            (*used)++;
            return true;
        }
        buf_byte(&s->line, bytes[*used]);
    }
    return false;
}

static void log_line(struct launch *l, struct stream *s) {
    if (s->line.len > 0)
        trace_line(TRACE_DEBUG, "%.*s: %.*s", STR_ARG(fs_basename(l->program)),
                   STR_ARG(buf_str(&s->line)));
    buf_reset(&s->line);
}

static void drain_stream(struct launch *l, struct stream *s) {
    char bytes[8192];
    size_t used = 0;
    ssize_t n = read(s->fd, bytes, sizeof bytes);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        close(s->fd);
        s->fd = -1;
        return;
    }
    while (add_bytes(s, bytes, (size_t)n, &used))
        log_line(l, s);
}

static void *drain(void *context) {
    struct launch *l = context;
    while (l->out.fd >= 0 || l->err.fd >= 0) {
        struct pollfd fds[2] = {{.fd = l->out.fd, .events = POLLIN},
                                {.fd = l->err.fd, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            break;
        if (fds[0].revents)
            drain_stream(l, &l->out);
        if (fds[1].revents)
            drain_stream(l, &l->err);
    }
    return NULL;
}

enum greeting { GREETED, LATE, SILENT, ABORTED };

/* Waits for the first line on standard output; logs what comes on the other one. */
static enum greeting read_greeting(struct arena *arena, struct launch *l, struct str *ret_line) {
    int64_t until = clock_monotonic_ms() + LAUNCH_TIMEOUT_MS;
    while (l->out.fd >= 0 && l->out.line.len < LAUNCH_MAX_GREETING) {
        int64_t left = until - clock_monotonic_ms();
        struct pollfd fds[2] = {{.fd = l->out.fd, .events = POLLIN},
                                {.fd = l->err.fd, .events = POLLIN}};
        if (left <= 0)
            return LATE;
        if (l->aborted && *l->aborted)
            return ABORTED;
        /* A signal may have come to another thread: look every now and then. */
        if (poll(fds, 2, left < LAUNCH_LOOK_MS ? (int)left : LAUNCH_LOOK_MS) < 0 && errno != EINTR)
            return SILENT;
        if (fds[1].revents)
            drain_stream(l, &l->err);
        if (!fds[0].revents)
            continue;
        /* Byte by byte, so that nothing behind the line is taken from the drain. */
        char byte;
        ssize_t n = read(l->out.fd, &byte, 1);
        if (n == 0)
            return SILENT;
        if (n == 1 && byte == '\n') {
            *ret_line = str_dup(arena, str_trim(buf_str(&l->out.line)));
            buf_reset(&l->out.line);
            return GREETED;
        }
        if (n == 1)
            buf_byte(&l->out.line, byte);
    }
    return SILENT;
}

static struct str user_name(struct arena *arena, uid_t id) {
    struct passwd entry, *found = NULL;
    char text[4096];
    bool known = getpwuid_r(id, &entry, text, sizeof text, &found) == 0 && found;
    return str_format(arena, "%u [%s]", (unsigned)id, known ? found->pw_name : "?");
}

static struct str group_name(struct arena *arena, gid_t id) {
    struct group entry, *found = NULL;
    char text[4096];
    bool known = getgrgid_r(id, &entry, text, sizeof text, &found) == 0 && found;
    return str_format(arena, "%u [%s]", (unsigned)id, known ? found->gr_name : "?");
}

/* What helps to see why a program does not greet: who may run it, and who we are. */
static struct str program_notes(struct arena *arena, struct str program) {
    static const char letters[] = "rwxrwxrwx";
    char mode[] = "----------";
    struct stat info;
    if (stat(str_c(arena, program), &info) != 0)
        return S("");
    for (unsigned i = 0; i < 9; i++)
        if (info.st_mode & (1u << (8 - i)))
            mode[1 + i] = letters[i];
    return str_format(arena,
                      "\nAdditional notes about plugin:\n  Path: %.*s\n  Mode: %s\n  Owner: %.*s "
                      "(current: %.*s)\n  Group: %.*s (current: %.*s)\n",
                      STR_ARG(program), mode, STR_ARG(user_name(arena, info.st_uid)),
                      STR_ARG(user_name(arena, getuid())), STR_ARG(group_name(arena, info.st_gid)),
                      STR_ARG(group_name(arena, getgid())));
}

static struct str unrecognized(struct arena *arena, struct str program, struct str line) {
    return str_format(arena,
                      "Unrecognized remote plugin message: %.*s\nThis usually means\n  the plugin "
                      "was not compiled for this architecture,\n  the plugin is missing "
                      "dynamic-link libraries necessary to run,\n  the plugin is not "
                      "executable by this process due to file permissions, or\n  the plugin "
                      "failed to negotiate the initial go-plugin protocol handshake\n%.*s",
                      STR_ARG(line), STR_ARG(program_notes(arena, program)));
}

static bool parse_greeting(struct arena *arena, struct str program, struct str line,
                           struct launch_greeting *ret, struct str *ret_error) {
    struct str parts[6] = {0}, rest = line;
    size_t n = 0;
    int64_t core, protocol = 0;
    while (n < COUNT(parts) && str_split(&rest, '|', &parts[n]))
        n++;
    struct str kind = n < 5 ? S("netrpc") : parts[4];
    if (n < 4 || !str_to_int(parts[0], &core))
        *ret_error = unrecognized(arena, program, line);
    else if (core != 1)
        *ret_error = str_format(arena,
                                "Incompatible core API version with plugin. Plugin version: %.*s, "
                                "Core version: 1\n\nTo fix this, the plugin usually only needs to "
                                "be recompiled.\nPlease report this to the plugin author.",
                                STR_ARG(parts[0]));
    else if (!str_to_int(parts[1], &protocol))
        *ret_error =
            str_format(arena, "Error parsing protocol version: \"%.*s\"", STR_ARG(parts[1]));
    else if (protocol != 5 && protocol != 6)
        *ret_error = str_format(arena,
                                "Incompatible API version with plugin. Plugin version: %.*s, "
                                "Client versions: [5 6]",
                                STR_ARG(parts[1]));
    else if (!str_eq(parts[2], S("unix")) && !str_eq(parts[2], S("tcp")))
        *ret_error = str_format(arena, "Unknown address type: %.*s", STR_ARG(parts[2]));
    else if (!str_eq(kind, S("grpc")))
        *ret_error = str_format(arena, "Unsupported plugin protocol \"%.*s\". Supported: [grpc]",
                                STR_ARG(kind));
    else
        *ret = (struct launch_greeting){(int)protocol, {parts[2], parts[3], str_trim(parts[5])}};
    return ret_error->len == 0;
}

static bool greet(struct arena *arena, struct launch *l, struct launch_greeting *ret_greeting,
                  struct str *ret_error) {
    struct str line = {0};
    *ret_error = S("");
    switch (read_greeting(arena, l, &line)) {
    case GREETED:
        return parse_greeting(arena, l->program, line, ret_greeting, ret_error);
    case LATE:
        *ret_error = S("timeout while waiting for plugin to start");
        return false;
    case ABORTED:
        *ret_error = S("interrupted while waiting for plugin to start");
        return false;
    default:
        line = S("\nFailed to read any lines from plugin's stdout");
        *ret_error = unrecognized(arena, l->program, line);
        return false;
    }
}

static bool open_pipes(int out[2], int err[2]) {
    if (pipe2(out, O_CLOEXEC) != 0)
        return false;
    if (pipe2(err, O_CLOEXEC) == 0)
        return true;
    close(out[0]);
    close(out[1]);
    return false;
}

struct launch *launch_start(struct arena *arena, const struct launch_order *order,
                            struct launch_greeting *ret_greeting, struct str *ret_error) {
    int out[2], err[2];
    if (!open_pipes(out, err)) {
        *ret_error = fs_error_text(arena, errno);
        return NULL;
    }
    struct launch *l = xmalloc(sizeof *l);
    *l = (struct launch){
        .program = order->program, .aborted = order->aborted, .out.fd = out[0], .err.fd = err[0]};
    buf_init(&l->out.line, LAUNCH_MAX_LOG);
    buf_init(&l->err.line, LAUNCH_MAX_LOG);
    int error = spawn(arena, l, order->certificate, out, err);
    close(out[1]);
    close(err[1]);
    if (error != 0) {
        *ret_error = str_format(arena, "fork/exec %.*s: %.*s", STR_ARG(order->program),
                                STR_ARG(fs_error_text(arena, error)));
        l->pid = 0;
    } else if (greet(arena, l, ret_greeting, ret_error)) {
        l->draining = pthread_create(&l->thread, NULL, drain, l) == 0;
        return l;
    }
    launch_end(l, 0);
    return NULL;
}

static bool has_ended(pid_t pid) {
    return waitpid(pid, NULL, WNOHANG) == pid;
}

void launch_end(struct launch *l, int64_t grace_ms) {
    if (!l)
        return;
    int64_t until = clock_monotonic_ms() + grace_ms;
    bool ended = l->pid == 0 || has_ended(l->pid);
    while (!ended && clock_monotonic_ms() < until) {
        clock_sleep_ms(5);
        ended = has_ended(l->pid);
    }
    if (!ended) {
        kill(-l->pid, SIGKILL);
        while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (l->draining)
        pthread_join(l->thread, NULL);
    if (l->out.fd >= 0)
        close(l->out.fd);
    if (l->err.fd >= 0)
        close(l->err.fd);
    buf_clear(&l->out.line);
    buf_clear(&l->err.line);
    free(l);
}
