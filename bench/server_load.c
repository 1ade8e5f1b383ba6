/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signing client that is no bottleneck: `server_load PORT KIND CONNECTIONS SECONDS USERS` sends
 * one kind of request over so many connections and prints rate and latencies. Kind `fill` instead
 * creates USERS users and ends.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rand.h"
#include "wire/sigv4.h"

#define MAX_CONNECTIONS 256
#define MAX_SAMPLES 100000
#define ROLE "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fbench"
#define POLICY "arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess"
#define SOURCE "arn%3Aaws%3Aiam%3A%3A123456789012%3Auser%2Fu0"

struct run {
    int port;
    const char *kind;
    uint64_t users;
    struct credentials key;
    _Atomic bool stop;
    _Atomic uint64_t next; /* of fill */
};

struct connection {
    struct run *run;
    int fd;
    uint64_t first, step; /* its own users: none has them at the same time */
    uint64_t user;        /* whose policy is attached and will be detached */
    bool attached;
    uint64_t done, failed;
    int64_t *samples_us;
};

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int dial(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("connect");
        exit(1);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

/* Attaches and detaches in turn, so that each request has something to write. */
static struct str attachment_form(struct connection *c, struct arena *arena) {
    uint64_t mine = c->run->users / c->step;
    if (!c->attached)
        c->user = c->first + c->step * (mine ? rand_below(mine) : 0);
    c->attached = !c->attached;
    return str_format(arena,
                      "Action=%sUserPolicy&Version=2010-05-08&UserName=u%llu&PolicyArn=%s",
                      c->attached ? "Attach" : "Detach", (unsigned long long)c->user, POLICY);
}

/* The form of the next request; false: nothing is left to do. */
static bool next_form(struct connection *c, struct arena *arena, struct str *ret_form) {
    struct run *run = c->run;
    static const char *const kinds[] = {"GetUser", "GetUser", "GetUser", "ListUsers", "CreateUser"};
    const char *kind = run->kind;
    unsigned long long user = run->users ? rand_below(run->users) : 0;
    if (!strcmp(kind, "mixed"))
        kind = kinds[rand_below(COUNT(kinds))];
    if (!strcmp(kind, "fill")) {
        user = atomic_fetch_add(&run->next, 1);
        *ret_form = str_format(arena, "Action=CreateUser&Version=2010-05-08&UserName=u%llu", user);
        return user < run->users;
    }
    if (!strcmp(kind, "CreateUser"))
        *ret_form = str_format(arena, "Action=CreateUser&Version=2010-05-08&UserName=c%.*s",
                               STR_ARG(rand_text(arena, 20, S("abcdefghijklmnop"))));
    else if (!strcmp(kind, "ListUsers"))
        *ret_form = S("Action=ListUsers&Version=2010-05-08&MaxItems=100");
    else if (!strcmp(kind, "AttachUserPolicy"))
        *ret_form = attachment_form(c, arena);
    else if (!strcmp(kind, "AssumeRole"))
        *ret_form = S("Action=AssumeRole&Version=2011-06-15&RoleSessionName=bench&RoleArn=" ROLE);
    else if (!strcmp(kind, "SimulatePrincipalPolicy"))
        *ret_form = S("Action=SimulatePrincipalPolicy&Version=2010-05-08&PolicySourceArn=" SOURCE
                      "&ActionNames.member.1=s3%3AGetObject");
    else
        *ret_form = str_format(arena, "Action=GetUser&Version=2010-05-08&UserName=u%llu", user);
    return true;
}

static struct str write_request(struct run *run, struct arena *arena, struct str form) {
    struct str host = str_format(arena, "127.0.0.1:%d", run->port);
    bool sts = str_find(form, S("Version=2011-06-15")) >= 0;
    const struct http_header headers[] = {
        {S("Host"), host}, {S("Content-Type"), S("application/x-www-form-urlencoded")}};
    struct http_request request = {.method = S("POST"),
                                   .path = S("/"),
                                   .query = S(""),
                                   .headers = headers,
                                   .n_headers = COUNT(headers),
                                   .body = form};
    size_t n;
    struct http_header *added = sigv4_sign(arena, &request, &run->key, S("us-east-1"),
                                           sts ? S("sts") : S("iam"), clock_now_ms(), &n);
    struct str text = str_format(arena,
                                 "POST / HTTP/1.1\r\nHost: %.*s\r\nContent-Type: "
                                 "application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n",
                                 STR_ARG(host), form.len);
    for (size_t i = 0; i < n; i++)
        text = str_format(arena, "%.*s%.*s: %.*s\r\n", STR_ARG(text), STR_ARG(added[i].name),
                          STR_ARG(added[i].value));
    return str_format(arena, "%.*s\r\n%.*s", STR_ARG(text), STR_ARG(form));
}

/* Reads one answer; false when it is no 200. */
static bool read_answer(int fd) {
    static _Thread_local char buffer[1 << 18];
    size_t have = 0, need = 0;
    while (!need || have < need) {
        ssize_t n = read(fd, buffer + have, sizeof buffer - 1 - have);
        if (n <= 0) {
            fputs("the server closed the connection\n", stderr);
            exit(1);
        }
        have += (size_t)n;
        buffer[have] = 0;
        const char *end = strstr(buffer, "\r\n\r\n");
        const char *length = strcasestr(buffer, "content-length:");
        if (!need && end && length)
            need = (size_t)(end - buffer) + 4 + strtoull(length + 15, NULL, 10);
    }
    return !strncmp(buffer, "HTTP/1.1 200", 12);
}

static void *work(void *context) {
    struct connection *c = context;
    struct arena *arena = arena_new();
    struct str form;
    while (!atomic_load(&c->run->stop) && next_form(c, arena, &form)) {
        struct str request = write_request(c->run, arena, form);
        int64_t start = now_us();
        if (write(c->fd, request.at, request.len) != (ssize_t)request.len)
            break;
        c->failed += !read_answer(c->fd);
        if (c->done < MAX_SAMPLES)
            c->samples_us[c->done] = now_us() - start;
        c->done++;
        arena_reset(arena);
    }
    arena_free(arena);
    return NULL;
}

static int by_time(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void report(const struct connection *connections, int n, double seconds) {
    static int64_t all[MAX_CONNECTIONS * (size_t)MAX_SAMPLES / 8];
    uint64_t done = 0, failed = 0;
    size_t samples = 0;
    for (int i = 0; i < n; i++) {
        done += connections[i].done;
        failed += connections[i].failed;
        for (uint64_t k = 0; k < connections[i].done && k < MAX_SAMPLES && samples < COUNT(all);
             k++)
            all[samples++] = connections[i].samples_us[k];
    }
    qsort(all, samples, sizeof *all, by_time);
    printf("%.0f %.3f %.3f %llu\n", (double)done / seconds,
           samples ? (double)all[samples / 2] / 1000 : 0,
           samples ? (double)all[samples * 99 / 100] / 1000 : 0, (unsigned long long)failed);
}

int main(int argc, char **argv) {
    static struct connection connections[MAX_CONNECTIONS];
    pthread_t threads[MAX_CONNECTIONS];
    if (argc != 6) {
        fputs("usage: server_load PORT KIND CONNECTIONS SECONDS USERS\n", stderr);
        return 1;
    }
    struct run run = {.port = atoi(argv[1]),
                      .kind = argv[2],
                      .users = strtoull(argv[5], NULL, 10),
                      .key = {str_from(getenv("AWS_ACCESS_KEY_ID")),
                              str_from(getenv("AWS_SECRET_ACCESS_KEY")), S("")}};
    int n = atoi(argv[3]);
    if (n < 1 || n > MAX_CONNECTIONS)
        n = 1;
    for (int i = 0; i < n; i++) {
        int64_t *samples = xmalloc(MAX_SAMPLES * sizeof *samples);
        connections[i] =
            (struct connection){.run = &run, .fd = dial(run.port), .first = (uint64_t)i,
                                .step = (uint64_t)n, .samples_us = samples};
    }
    int64_t start = now_us();
    for (int i = 0; i < n; i++)
        pthread_create(&threads[i], NULL, work, &connections[i]);
    if (strcmp(run.kind, "fill") != 0) {
        sleep((unsigned)atoi(argv[4]));
        atomic_store(&run.stop, true);
    }
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    report(connections, n, (double)(now_us() - start) / 1e6);
    return 0;
}
