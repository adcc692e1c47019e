/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Records as text for people. The records must be made RECORD_FOR_PEOPLE.
 */
#pragma once

#include "ctl/report.h"

/* What `list` shows: networks, their parents, devices. */
char *show_report(const Report *report);

/* One line, with its newline, for one line of `watch`; NULL for one that says nothing to people. */
char *show_event(const char *word, JsonObject *record);

/* What `status` shows. */
char *show_status(JsonObject *status);

/* Parts of these, freed with g_free(): "up", "no carrier"; "refused: host 3" or NULL; "dropped:
 * source 12" or NULL; "192.0.2.7 dhcp 59m". */
char *show_parent_state(JsonObject *parent);
char *show_refusals(JsonArray *refusals);
char *show_drops(JsonObject *traffic);
char *show_binding(JsonObject *binding);

/* Whether the device lives in the host's netns, where nobody knows which queues are open. */
gboolean show_is_on_host(JsonObject *device);
