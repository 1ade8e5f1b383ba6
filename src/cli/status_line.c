/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/status_line.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "cli/ui.h"

#define STATUS_FIRST_MS 1000 /* what is done sooner needs no status */
#define STATUS_STEP_MS 250
#define STATUS_GUESS_DONE 3 /* fewer are no ground for an estimate */

struct status_line {
    struct cli *cli;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    bool on, shown;
    const char *verb;
    size_t total, done, running;
    int64_t start_ms;
};

static struct str duration_text(struct arena *arena, int64_t ms) {
    int64_t seconds = (ms + 500) / 1000;
    if (seconds < 60)
        return str_format(arena, "%ds", (int)seconds);
    if (seconds < 3600)
        return str_format(arena, "%dm%02ds", (int)(seconds / 60), (int)(seconds % 60));
    return str_format(arena, "%dh%02dm", (int)(seconds / 3600), (int)(seconds / 60 % 60));
}

struct str status_line_text(struct arena *arena, const char *verb, size_t done, size_t total,
                            size_t running, int64_t elapsed_ms) {
    struct str left = S("");
    if (done >= STATUS_GUESS_DONE && done < total)
        left = str_format(
            arena, ", about %.*s left",
            STR_ARG(duration_text(arena, elapsed_ms / (int64_t)done * (int64_t)(total - done))));
    return str_format(arena, "%s: %zu of %zu done, %zu running, %.*s elapsed%.*s", verb, done,
                      total, running, STR_ARG(duration_text(arena, elapsed_ms)), STR_ARG(left));
}

/* Blanks over the line, so that no terminal has to know a code. */
static void add_erased(const struct status_line *s, struct buf *out) {
    if (!s->shown)
        return;
    buf_byte(out, '\r');
    buf_fill(out, ' ', (size_t)s->cli->width - 1);
    buf_byte(out, '\r');
}

static void add_status(struct status_line *s, struct buf *out) {
    int64_t elapsed = clock_monotonic_ms() - s->start_ms;
    s->shown = s->on && elapsed >= STATUS_FIRST_MS;
    if (!s->shown)
        return;
    struct arena *scratch = arena_new();
    struct str text = status_line_text(scratch, s->verb, s->done, s->total, s->running, elapsed);
    size_t room = (size_t)s->cli->width - 1;
    buf_addf(out, "%s%.*s%s", ui_code(s->cli, UI_DIM),
             STR_ARG(str_slice(text, 0, text.len < room ? text.len : room)),
             ui_code(s->cli, UI_RESET));
    arena_free(scratch);
}

/* Called with the lock held. */
static void redraw(struct status_line *s, struct str lines) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    add_erased(s, &out);
    buf_add(&out, lines);
    add_status(s, &out);
    ui_out(buf_str(&out));
    buf_clear(&out);
}

static void *tick(void *context) {
    struct status_line *s = context;
    pthread_mutex_lock(&s->lock);
    while (s->on) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += STATUS_STEP_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&s->wake, &s->lock, &until);
        if (s->on && clock_monotonic_ms() - s->start_ms >= STATUS_FIRST_MS)
            redraw(s, S(""));
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

struct status_line *status_line_new(struct cli *cli) {
    if (!isatty(STDOUT_FILENO) || str_eq(ui_env(cli, "TERM"), S("dumb")) ||
        ui_env(cli, "TF_IN_AUTOMATION").len)
        return NULL;
    struct status_line *s = arena_alloc(cli->arena, sizeof *s);
    s->cli = cli;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->wake, NULL);
    return s;
}

void status_line_begin(struct status_line *s, const char *verb, size_t total) {
    if (!s || total == 0)
        return;
    pthread_mutex_lock(&s->lock);
    s->verb = verb;
    s->total = total;
    s->done = s->running = 0;
    s->start_ms = clock_monotonic_ms();
    s->on = pthread_create(&s->thread, NULL, tick, s) == 0;
    pthread_mutex_unlock(&s->lock);
}

void status_line_end(struct status_line *s) {
    if (!s || !s->on)
        return;
    pthread_mutex_lock(&s->lock);
    s->on = false;
    redraw(s, S(""));
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
}

void status_line_started(struct status_line *s) {
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->running++;
    pthread_mutex_unlock(&s->lock);
}

void status_line_finished(struct status_line *s) {
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->running -= s->running > 0;
    s->done += s->done < s->total;
    pthread_mutex_unlock(&s->lock);
}

void status_line_print(struct status_line *s, struct str text) {
    if (!s) {
        ui_out(text);
        return;
    }
    pthread_mutex_lock(&s->lock);
    redraw(s, text);
    pthread_mutex_unlock(&s->lock);
}
