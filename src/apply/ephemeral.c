/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ephemeral resources: opened when something first asks for their value, closed when the run ends.
 * The resolver asks under its own lock, so that each is opened once.
 */
#include "apply/apply_int.h"

#include "base/arena.h"
#include "resolve/configure.h"
#include "resolve/frame.h"

static void send(struct run *run, enum event_kind kind, const struct instance_addr *addr) {
    struct event event = {.kind = kind, .addr = addr, .action = ACTION_OPEN};
    events_send(run->options->events, &event);
}

static bool open_now(struct run *run, struct arena *arena, struct ephemeral *e,
                     struct diags *diags) {
    struct frame *frame = arena_alloc(arena, sizeof *frame);
    if (!frame_at(frame, run->resolve, &e->addr, diags))
        return false;
    struct unit *unit = unit_resource(frame->inst->unit, e->addr.resource);
    struct value config;
    if (!unit || !unit->schema || !frame_config(frame, arena, unit, &config, diags))
        return false;
    struct provider_config_addr serving;
    if (!configure_address(frame, arena, &serving, diags))
        return false;
    e->provider =
        configure_provider(run->resolve, &serving, addr_instance_text(arena, &e->addr), diags);
    if (!e->provider)
        return false;
    int64_t renew_at_ms = 0;
    send(run, EVENT_OPEN_START, &e->addr);
    bool opened = e->provider->ops->open_ephemeral(e->provider, arena, e->addr.resource.type,
                                                   value_unmark_deep(arena, config), &e->result,
                                                   &e->private_, &renew_at_ms, diags);
    send(run, EVENT_OPEN_DONE, &e->addr);
    return opened;
}

bool ephemeral_open(struct run *run, const struct instance_addr *addr, struct value *ret_value) {
    struct arena *arena = run->resolve->arena;
    pthread_mutex_lock(&run->resolve->lock);
    struct str address = addr_instance_text(arena, addr);
    struct ephemeral *e = map_get(&run->ephemerals, address);
    if (!e) {
        e = arena_alloc(arena, sizeof *e);
        e->addr = addr_instance_copy(arena, addr);
        struct diags *diags = diags_new(arena);
        if (open_now(run, arena, e, diags))
            map_put(arena, &run->ephemerals, address, e);
        else
            e = NULL;
    }
    pthread_mutex_unlock(&run->resolve->lock);
    if (e)
        *ret_value = value_mark(e->result, VALUE_EPHEMERAL);
    return e != NULL;
}

void ephemeral_close_all(struct run *run) {
    for (size_t i = run->ephemerals.n; i-- > 0;) {
        struct ephemeral *e = run->ephemerals.entries[i].value;
        send(run, EVENT_CLOSE_START, &e->addr);
        e->provider->ops->close_ephemeral(e->provider, e->addr.resource.type, e->private_);
        send(run, EVENT_CLOSE_DONE, &e->addr);
    }
}
