/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/walk.h"

#include <pthread.h>
#include <stdlib.h>

/* Items are handed out in runs, so that a hundred thousand cheap ones do not fight for the lock. */
#define MAX_RUN 64

struct node_work {
    uint32_t missing;    /* nodes still needed */
    uint32_t n_items;    /* known after begin */
    uint32_t next;       /* next item to hand out */
    uint32_t unfinished; /* items not yet done */
    bool bad_need, failed;
};

enum task_kind { TASK_BEGIN, TASK_ITEMS };

struct task {
    enum task_kind kind;
    uint32_t node, first, n;
};

struct walk {
    const struct graph *g;
    const struct walk_options *options;
    const struct walk_ops *ops;
    void *context;
    uint8_t *status;
    struct node_work *work;
    uint32_t *ready, n_ready, head; /* nodes to begin, in order */
    uint32_t *open, n_open;         /* nodes with items to hand out */
    uint32_t left;                  /* nodes not settled */
    uint32_t running, idle;
    unsigned n_threads;
    pthread_t *threads;
    bool stopping;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

struct worker {
    struct walk *walk;
    unsigned number;
};

static bool cancelled(const struct walk *w) {
    return w->options->cancel && *w->options->cancel;
}

/* Settles nodes: hands their users on, or skips them. Called with the lock held. */
static void settle(struct walk *w, uint32_t node, enum walk_status status) {
    w->status[node] = (uint8_t)status;
    w->left--;
    uint32_t n;
    const uint32_t *users = graph_users(w->g, node, &n);
    for (uint32_t i = 0; i < n; i++) {
        struct node_work *user = &w->work[users[i]];
        if (status != WALK_DONE)
            user->bad_need = true;
        if (--user->missing == 0)
            w->ready[w->n_ready++] = users[i];
    }
}

/* The next thing to do, with the lock held; false: nothing now. */
static bool take_task(struct walk *w, struct task *ret_task) {
    if (w->n_open > 0) {
        uint32_t node = w->open[w->n_open - 1];
        struct node_work *work = &w->work[node];
        uint32_t rest = work->n_items - work->next;
        uint32_t run = rest / (w->options->workers * 8);
        run = run < 1 ? 1 : run > MAX_RUN ? MAX_RUN : run;
        *ret_task = (struct task){TASK_ITEMS, node, work->next, run};
        work->next += run;
        if (work->next == work->n_items)
            w->n_open--;
        return true;
    }
    while (w->head < w->n_ready) {
        uint32_t node = w->ready[w->head++];
        if (w->work[node].bad_need) {
            settle(w, node, WALK_SKIPPED);
            continue;
        }
        *ret_task = (struct task){.kind = TASK_BEGIN, .node = node};
        return true;
    }
    return false;
}

static void finish_node(struct walk *w, unsigned worker, uint32_t node) {
    bool ok = !w->ops->end || w->ops->end(w->context, worker, node);
    pthread_mutex_lock(&w->lock);
    ok = ok && !w->work[node].failed;
    settle(w, node, ok ? WALK_DONE : WALK_FAILED);
    pthread_mutex_unlock(&w->lock);
}

static void run_begin(struct walk *w, unsigned worker, uint32_t node) {
    uint32_t items = 0;
    bool ok = w->ops->begin(w->context, worker, node, &items);
    if (ok && items == 0) {
        finish_node(w, worker, node);
        return;
    }
    pthread_mutex_lock(&w->lock);
    if (!ok) {
        settle(w, node, WALK_FAILED);
    } else {
        w->work[node].n_items = w->work[node].unfinished = items;
        w->open[w->n_open++] = node;
    }
    pthread_mutex_unlock(&w->lock);
}

static void run_items(struct walk *w, unsigned worker, const struct task *task) {
    bool ok = true;
    uint32_t done = 0;
    for (; done < task->n && !cancelled(w); done++)
        ok = w->ops->item(w->context, worker, task->node, task->first + done) && ok;
    pthread_mutex_lock(&w->lock);
    struct node_work *work = &w->work[task->node];
    work->failed = work->failed || !ok;
    work->unfinished -= done;
    bool last = work->unfinished == 0;
    pthread_mutex_unlock(&w->lock);
    if (last)
        finish_node(w, worker, task->node);
}

static void *worker_main(void *argument);

/* Starts one more thread when there is more to do than threads waiting. Lock held. */
static void start_thread(struct walk *w) {
    uint32_t waiting = w->n_ready - w->head + (w->n_open > 0 ? 2 : 0);
    if (waiting <= w->idle || w->n_threads + 1 >= w->options->workers)
        return;
    struct worker *worker = xmalloc(sizeof *worker);
    *worker = (struct worker){w, w->n_threads + 1};
    if (pthread_create(&w->threads[w->n_threads], NULL, worker_main, worker) == 0)
        w->n_threads++;
    else
        free(worker);
}

static void work(struct walk *w, unsigned number) {
    pthread_mutex_lock(&w->lock);
    while (!w->stopping) {
        struct task task;
        if (!cancelled(w) && take_task(w, &task)) {
            w->running++;
            start_thread(w);
            pthread_mutex_unlock(&w->lock);
            if (task.kind == TASK_BEGIN)
                run_begin(w, number, task.node);
            else
                run_items(w, number, &task);
            pthread_mutex_lock(&w->lock);
            w->running--;
            pthread_cond_broadcast(&w->changed);
            continue;
        }
        if (w->running == 0) {
            w->stopping = true;
            break;
        }
        w->idle++;
        pthread_cond_wait(&w->changed, &w->lock);
        w->idle--;
    }
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static void *worker_main(void *argument) {
    struct worker worker = *(struct worker *)argument;
    free(argument);
    work(worker.walk, worker.number);
    return NULL;
}

uint8_t *walk_graph(struct arena *arena, const struct graph *g, const struct walk_options *options,
                    const struct walk_ops *ops, void *context) {
    struct arena *scratch = arena_new();
    struct walk w = {
        .g = g,
        .options = options,
        .ops = ops,
        .context = context,
        .status = arena_array(arena, (size_t)g->n + 1, 1),
        .work = arena_array(scratch, g->n, sizeof *w.work),
        .ready = arena_array(scratch, g->n, sizeof *w.ready),
        .open = arena_array(scratch, g->n, sizeof *w.open),
        .threads = arena_array(scratch, options->workers, sizeof *w.threads),
        .left = g->n,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };
    for (uint32_t i = 0; i < g->n; i++) {
        graph_needs(g, i, &w.work[i].missing);
        if (w.work[i].missing == 0)
            w.ready[w.n_ready++] = i;
    }
    work(&w, 0);
    for (unsigned i = 0; i < w.n_threads; i++)
        pthread_join(w.threads[i], NULL);
    pthread_mutex_destroy(&w.lock);
    pthread_cond_destroy(&w.changed);
    arena_free(scratch);
    return w.status;
}
