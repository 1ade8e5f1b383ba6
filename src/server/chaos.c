/* SPDX-License-Identifier: Apache-2.0 */
#include "server/chaos.h"

#include <pthread.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rand.h"

#define HIDDEN_MS 1200
#define LATE_MS 1500

/* What was just made, and until when it is not found. */
struct hidden {
    struct str param; /* "UserName=ann", as the form has it */
    char text[160];
    int64_t until_ms;
};

struct chaos {
    unsigned percent;
    pthread_mutex_t lock;
    struct hidden hidden[64];
    size_t next;
};

static const struct {
    struct str create, get, name;
} kinds[] = {
    {STR("Action=CreateUser&"), STR("Action=GetUser&"), STR("&UserName=")},
    {STR("Action=CreateGroup&"), STR("Action=GetGroup&"), STR("&GroupName=")},
    {STR("Action=CreateRole&"), STR("Action=GetRole&"), STR("&RoleName=")},
    {STR("Action=CreateInstanceProfile&"), STR("Action=GetInstanceProfile&"),
     STR("&InstanceProfileName=")},
};

struct chaos *chaos_new(struct arena *arena, unsigned percent) {
    struct chaos *chaos = arena_alloc(arena, sizeof *chaos);
    chaos->percent = percent;
    pthread_mutex_init(&chaos->lock, NULL);
    return chaos;
}

void chaos_free(struct chaos *chaos) {
    if (chaos)
        pthread_mutex_destroy(&chaos->lock);
}

static bool turn(const struct chaos *chaos) {
    return rand_below(100) < chaos->percent;
}

/* The parameter that names the object, when the form begins as it should; else empty. */
static struct str named(struct str form, struct str begin, struct str name) {
    ptrdiff_t at = str_starts(form, begin) ? str_find(form, name) : -1;
    if (at < 0)
        return S("");
    struct str rest = str_slice(form, (size_t)at, form.len);
    ptrdiff_t end = str_find_byte(str_slice(rest, 1, rest.len), '&');
    return end < 0 ? rest : str_slice(rest, 0, (size_t)end + 1);
}

static void hide(struct chaos *chaos, struct str param) {
    struct hidden *h = &chaos->hidden[chaos->next++ % COUNT(chaos->hidden)];
    if (param.len > sizeof h->text)
        return;
    for (size_t i = 0; i < param.len; i++)
        h->text[i] = param.at[i];
    h->param = (struct str){h->text, param.len};
    h->until_ms = clock_monotonic_ms() + HIDDEN_MS;
}

static bool is_hidden(struct chaos *chaos, struct str form) {
    bool found = false;
    int64_t now = clock_monotonic_ms();
    pthread_mutex_lock(&chaos->lock);
    for (size_t k = 0; k < COUNT(kinds) && !found; k++) {
        struct str param = named(form, kinds[k].get, kinds[k].name);
        for (size_t i = 0; param.len > 0 && i < COUNT(chaos->hidden) && !found; i++)
            found = chaos->hidden[i].until_ms > now && str_eq(chaos->hidden[i].param, param);
    }
    pthread_mutex_unlock(&chaos->lock);
    return found;
}

struct chaos_turn chaos_before(struct chaos *chaos, const struct http_request *request) {
    static const struct chaos_turn faults[] = {
        {.fault = FAULT_THROTTLING, .text = "Rate exceeded"},
        {.fault = FAULT_SERVICE_UNAVAILABLE, .text = "Service is unavailable"},
        {.fault = FAULT_SERVICE_FAILURE, .text = "Service failure"},
        {.cut = true},
    };
    if (is_hidden(chaos, request->body))
        return (struct chaos_turn){.fault = FAULT_NO_SUCH_ENTITY, .text = "It is not found yet."};
    if (!turn(chaos))
        return (struct chaos_turn){0};
    size_t kind = (size_t)rand_below(COUNT(faults) + 1);
    if (kind < COUNT(faults))
        return faults[kind];
    clock_sleep_ms((int64_t)rand_below(LATE_MS));
    return (struct chaos_turn){0};
}

bool chaos_after(struct chaos *chaos, const struct http_request *request,
                 const struct server_answer *answer) {
    if (answer->status == 200 && turn(chaos)) {
        pthread_mutex_lock(&chaos->lock);
        for (size_t k = 0; k < COUNT(kinds); k++) {
            struct str param = named(request->body, kinds[k].create, kinds[k].name);
            if (param.len > 0)
                hide(chaos, param);
        }
        pthread_mutex_unlock(&chaos->lock);
    }
    return !turn(chaos) || rand_below(5) != 0;
}
