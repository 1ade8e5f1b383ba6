/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/events.h"

void events_send(const struct events *events, const struct event *event) {
    if (events && events->on)
        events->on(events->context, event);
}
